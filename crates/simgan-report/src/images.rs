//! The images: before and after, worst and best answered, grey levels; grids at the start, in the middle and at the end.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::html::{missing, paragraph, section};
use super::run_data::{Grid, RunData};
use super::{levels, scored, viewer};
use simgan_base::formats::readable::thousands;

/// The section of images.
pub fn render(run: &RunData) -> String {
    let grids = match chosen(&run.grids)[..] {
        [] => {
            missing("No images yet: training writes image grids into the folder images of the run.")
        }
        ref grids => {
            let figures: String = grids.iter().map(|grid| figure(grid)).collect();
            paragraph(
                "Each row is one example: the synthetic image, the same image refined, and some real image.",
            ) + &format!("<div class=\"grids\">\n{figures}</div>\n")
        }
    };
    let levels = levels::chart(run).render();
    let levels = match levels.is_empty() {
        true => levels,
        false => format!("<div class=\"charts\">\n{levels}</div>\n"),
    };
    let body = [
        viewer::render(run),
        scored::render(run),
        levels,
        "<h3>In the course of the training</h3>\n".to_owned(),
        grids,
    ];
    section("Images", &body.concat())
}

/// The first, the middle and the last grid, none twice.
fn chosen(grids: &[Grid]) -> Vec<&Grid> {
    let Some(last) = grids.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut indices = vec![0, last.div_ceil(2), last];
    indices.dedup();
    indices.into_iter().map(|index| &grids[index]).collect()
}

fn figure(grid: &Grid) -> String {
    let title = match grid.step {
        0 => "Before the first iteration".to_owned(),
        step => format!("After {} iterations", thousands(step)),
    };
    format!(
        "<figure>\n<figcaption><b>{title}</b></figcaption>\n\
         <div class=\"heads\"><span>synthetic</span><span>refined</span><span>real</span></div>\n\
         <img alt=\"Image grid: {title}\" width=\"{width}\" src=\"data:image/png;base64,{data}\">\n</figure>\n",
        width = grid.width,
        data = STANDARD.encode(&grid.png),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(count: usize) -> Vec<usize> {
        let grid = |step| Grid {
            step,
            width: 1,
            png: Vec::new(),
        };
        let grids: Vec<Grid> = (0..count).map(grid).collect();
        chosen(&grids).iter().map(|grid| grid.step).collect()
    }

    #[test]
    fn first_middle_and_last_are_shown_once() {
        assert!(steps(0).is_empty());
        assert_eq!(steps(1), [0]);
        assert_eq!(steps(2), [0, 1]);
        assert_eq!(steps(3), [0, 1, 2]);
        assert_eq!(steps(11), [0, 5, 10]);
    }
}
