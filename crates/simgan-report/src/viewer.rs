//! Images before and after refining, one over the other under a slider, with what changed beside them.

use image::RgbImage;
use simgan::tasks::comparison::examples::{Choice, Marks, Pair};

use super::html::{escape, number, paragraph};
use super::marks;
use super::picture::{data_uri, decode_text, difference, difference_map};
use super::run_data::RunData;
use super::triple;

/// Share of the pixels whose change the colours of the maps tell apart; the rest is in full colour.
const SHOWN: f64 = 0.99;

/// An image and what became of it.
struct Shown {
    title: String,
    before: RgbImage,
    after: RgbImage,
    marks: Marks,
    difference: Vec<f32>,
}

/// The viewer: of the examples that a comparison kept, or else of the last grid; nothing without both.
pub fn render(run: &RunData) -> String {
    let all = shown(run);
    if all.is_empty() {
        return String::new();
    }
    let limit = limit(&all);
    let count = all.len();
    let figures: String = all
        .iter()
        .enumerate()
        .map(|(index, shown)| shown.figure(index, count, limit))
        .collect();
    let labelled = all.iter().any(|shown| !marks::is_empty(&shown.marks));
    let toggle = match labelled {
        true => "<label><input type=\"checkbox\" class=\"toggle\" checked> labels</label>",
        false => "",
    };
    format!(
        "<h3>Before and after</h3>\n{}<div class=\"viewer\">\n<div class=\"controls\">\
         <button type=\"button\" class=\"previous\">\u{2190} previous</button>\
         <button type=\"button\" class=\"next\">next \u{2192}</button>{toggle}</div>\n{figures}{}</div>\n",
        paragraph(
            "Left of the edge: the synthetic image. Right of it: the same image refined. \
             The map shows what refining changed. Labels are drawn alike over both, for refining leaves them as they are."
        ),
        legend(limit),
    )
}

fn shown(run: &RunData) -> Vec<Shown> {
    let kept = run.examples.last().map(|(_, examples)| &examples.pairs);
    if let Some(pairs) = kept.filter(|pairs| !pairs.is_empty()) {
        return pairs.iter().filter_map(of_pair).collect();
    }
    let triples = triple::last(run).into_iter().enumerate();
    triples
        .map(|(row, triple)| {
            let title = format!("example {}", row + 1);
            Shown::new(title, triple.synthetic, triple.refined, Marks::default())
        })
        .collect()
}

/// What a damaged file lacks is left out.
fn of_pair(pair: &Pair) -> Option<Shown> {
    let why = match pair.choice {
        Choice::Spread => "",
        Choice::MostChanged => "among the most changed: ",
        Choice::LeastChanged => "among the least changed: ",
    };
    let title = format!("{why}{}", pair.name);
    let (before, after) = (decode_text(&pair.synthetic)?, decode_text(&pair.refined)?);
    let fits = before.dimensions() == after.dimensions();
    fits.then(|| Shown::new(title, before, after, pair.marks.clone()))
}

/// Change that is drawn in full colour, the same for all maps; at least one grey level.
fn limit(all: &[Shown]) -> f32 {
    let changes = all.iter().flat_map(|shown| &shown.difference);
    let mut sizes: Vec<f32> = changes.map(|change| change.abs()).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    let place = (sizes.len() as f64 * SHOWN) as usize;
    let found = sizes.get(place).or(sizes.last());
    found.map_or(1.0, |size| size.ceil().max(1.0))
}

impl Shown {
    fn new(title: String, before: RgbImage, after: RgbImage, marks: Marks) -> Self {
        let difference = difference(&before, &after);
        Self {
            title,
            before,
            after,
            marks,
            difference,
        }
    }

    fn change(&self) -> f64 {
        let sum: f32 = self.difference.iter().map(|change| change.abs()).sum();
        f64::from(sum) / self.difference.len().max(1) as f64
    }

    fn figure(&self, index: usize, count: usize, limit: f32) -> String {
        let (width, height) = self.before.dimensions();
        let map = difference_map(&self.difference, width, height, limit);
        let image = |class: &str, alt: &str, image: &RgbImage| {
            format!(
                "<img class=\"{class}\" alt=\"{alt}\" width=\"{width}\" height=\"{height}\" src=\"{}\">",
                data_uri(image)
            )
        };
        let title = escape(&self.title);
        format!(
            "<figure class=\"pair\">\n<figcaption><b>{title}</b><span class=\"legend\">{place} of {count}; mean change: \
             {change} grey levels</span></figcaption>\n<div class=\"beside\">\n<div>\n<div class=\"overlay\">{before}{after}{marks}\
             <i class=\"edge\"></i></div>\n<input class=\"slider\" type=\"range\" min=\"0\" max=\"100\" value=\"50\" \
             aria-label=\"Edge between synthetic and refined image, percent of the width\">\n\
             <div class=\"ends\"><span class=\"s1\">synthetic</span><span class=\"s2\">refined</span></div>\n</div>\n\
             <div>{map}<div class=\"ends\"><span>what changed</span></div></div>\n</div>\n</figure>\n",
            place = index + 1,
            change = number(self.change()),
            before = image("before", "synthetic", &self.before),
            after = image("after", "refined", &self.after),
            marks = marks::svg(&self.marks, width, height),
            map = image("map", "difference map", &map),
        )
    }
}

fn legend(limit: f32) -> String {
    format!(
        "<p class=\"scale\"><span>darker by {limit} or more</span><i></i><span>lighter by {limit} or more</span> \
         <span>(grey levels of 255; white: no change)</span></p>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_data::tests::empty;
    use crate::triple::tests::grid;

    #[test]
    fn the_last_grid_is_shown_where_nothing_else_is_kept() {
        let mut run = empty();
        assert_eq!(render(&run), "");
        run.config = "[preprocessing]\nheight = 2".parse().unwrap();
        run.grids = vec![grid(3)];
        let page = render(&run);
        assert_eq!(page.matches("class=\"pair\"").count(), 3);
        assert_eq!(page.matches("type=\"range\"").count(), 3);
        assert!(page.contains("mean change: 10.0 grey levels"), "{page}");
        assert!(page.contains("lighter by 10 or more") && !page.contains("checkbox"));
    }

    #[test]
    fn names_of_images_cannot_break_the_page() {
        let image = RgbImage::new(2, 2);
        let shown = Shown::new("<script>".into(), image.clone(), image, Marks::default());
        let figure = shown.figure(0, 1, 1.0);
        assert!(figure.contains("&lt;script&gt;") && !figure.contains("<script>"));
    }
}
