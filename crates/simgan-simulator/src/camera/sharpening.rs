//! Sharpening inside the camera.

use crate::camera::exposure::luminance;
use crate::picture::Picture;

/// Unsharp masking of encoded values: the luma's difference from its mean over 3x3 pixels, weighted (1, 2, 1) along
/// both axes, is added `amount` times. Colour differences stay, as in cameras, which sharpen luma alone.
pub(super) fn sharpen(picture: &mut Picture, amount: f32) {
    if amount <= 0.0 || picture.pixels.is_empty() {
        return;
    }
    let (width, height) = (picture.width, picture.height);
    let luma: Vec<f32> = picture
        .pixels
        .iter()
        .map(|&colour| luminance(colour))
        .collect();
    let sideways: Vec<f32> = luma.chunks_exact(width).flat_map(smoothed_row).collect();
    for y in 0..height {
        let row = |y: usize| &sideways[y * width..][..width];
        let (above, middle, below) = (
            row(y.saturating_sub(1)),
            row(y),
            row((y + 1).min(height - 1)),
        );
        for x in 0..width {
            let blurred = 0.25 * (above[x] + below[x]) + 0.5 * middle[x];
            let detail = amount * (luma[y * width + x] - blurred);
            let pixel = &mut picture.pixels[y * width + x];
            *pixel = pixel.map(|value| value + detail);
        }
    }
}

/// A row smoothed by (1, 2, 1) / 4, its ends repeated.
fn smoothed_row(row: &[f32]) -> impl Iterator<Item = f32> {
    let last = row.len() - 1;
    (0..=last)
        .map(move |x| 0.25 * (row[x.saturating_sub(1)] + row[(x + 1).min(last)]) + 0.5 * row[x])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::testing::{centroid, disc, mean};

    #[test]
    fn edges_overshoot_and_the_mean_stays() {
        let picture = disc(30, 20, [14.5, 10.5], 6.0, 0.3, 0.7);
        let mut sharp = picture.clone();
        sharpen(&mut sharp, 1.0);
        let range = |picture: &Picture| {
            let values = picture.pixels.iter().map(|p| p[0]);
            (
                values.clone().fold(1.0, f32::min),
                values.fold(0.0, f32::max),
            )
        };
        assert!(
            range(&sharp).0 < range(&picture).0 - 0.05
                && range(&sharp).1 > range(&picture).1 + 0.05
        );
        assert!((mean(&sharp) - mean(&picture)).abs() < 1e-4);
        assert!((centroid(&sharp)[0] - centroid(&picture)[0]).abs() < 1e-2);
    }

    #[test]
    fn even_areas_stay_and_colour_differences_too() {
        let mut picture = Picture {
            width: 6,
            height: 1,
            pixels: vec![[0.2, 0.5, 0.1]; 6],
        };
        picture.pixels[5] = [0.8, 0.5, 0.1];
        let before = picture.clone();
        sharpen(&mut picture, 2.0);
        assert!((0..3).all(|c| (picture.pixels[1][c] - before.pixels[1][c]).abs() < 1e-6));
        assert!((picture.pixels[5][1] - picture.pixels[5][2] - 0.4).abs() < 1e-6);
        assert!(picture.pixels[5][1] > 0.5);
    }
}
