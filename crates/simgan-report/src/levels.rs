//! How light and dark the three sides are.

use image::RgbImage;
use simgan::tasks::comparison::examples::{BINS, Levels};

use super::chart::{Chart, Line, RAW, REAL, REFINED};
use super::run_data::RunData;
use super::triple;

/// Histograms of grey levels: of the images that a comparison looked at, or else of the last grid. Nothing without both.
pub fn chart(run: &RunData) -> Chart {
    let kept = run.examples.last().map(|(_, examples)| &examples.levels);
    let (levels, of) = match kept {
        Some(levels) => (levels.clone(), "images of the comparison"),
        None => (of_grid(run), "images of the last grid"),
    };
    let line = |name: &str, counts: &[u64], color| Line::new(name, shares(counts)).colored(color);
    Chart {
        title: format!("Grey levels of the three sides, {of}"),
        x_label: "grey level of 255".into(),
        y_label: "pixels a level, percent".into(),
        lines: vec![
            line("synthetic", &levels.synthetic, RAW),
            line("refined", &levels.refined, REFINED),
            line("real", &levels.real, REAL),
        ],
        ..Chart::default()
    }
}

fn of_grid(run: &RunData) -> Levels {
    let mut levels = Levels::default();
    for row in triple::last(run) {
        count(&row.synthetic, &mut levels.synthetic);
        count(&row.refined, &mut levels.refined);
        count(&row.real, &mut levels.real);
    }
    levels
}

fn count(image: &RgbImage, counts: &mut Vec<u64>) {
    counts.resize(BINS, 0);
    for &value in image.as_raw() {
        counts[usize::from(value) * BINS / 256] += 1;
    }
}

/// Middle of each bin, and the percentage of pixels a grey level in it.
fn shares(counts: &[u64]) -> Vec<(f64, f64)> {
    let all: u64 = counts.iter().sum();
    let width = 256.0 / counts.len().max(1) as f64;
    let share = |count: u64| 100.0 * count as f64 / (all.max(1) as f64 * width);
    let bin = |(bin, &count): (usize, &u64)| ((bin as f64 + 0.5) * width - 0.5, share(count));
    counts.iter().enumerate().map(bin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_all_levels_are_a_hundred_percent() {
        let mut counts = Vec::new();
        let image = RgbImage::from_fn(16, 16, |x, y| image::Rgb([(16 * y + x) as u8; 3]));
        count(&image, &mut counts);
        assert_eq!(counts, [12; BINS]);
        let shares = shares(&counts);
        assert_eq!(shares[0].0, 1.5);
        let sum: f64 = shares.iter().map(|share| share.1 * 4.0).sum();
        assert!((sum - 100.0).abs() < 1e-9);
    }
}
