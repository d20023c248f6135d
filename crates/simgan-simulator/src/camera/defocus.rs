//! Defocus: every point of light becomes a disc.

use crate::camera::border::extended;
use crate::picture::{Colour, Picture};

/// The picture with every point spread evenly over a disc of `radius` pixels.
///
/// A row of the disc is one run of pixels with a weighted pixel at each end, taken from running sums, so the cost
/// grows with the radius and not with the disc's area.
pub(super) fn defocused(picture: &Picture, radius: f32) -> Picture {
    if radius <= 0.0 {
        return picture.clone();
    }
    let margin = radius.ceil() as usize + 1;
    let source = extended(picture, margin);
    let sums = running_sums(&source);
    let rows = disc_rows(radius, margin);
    let mut result = Picture::new(picture.width, picture.height);
    for (y, line) in result
        .pixels
        .chunks_exact_mut(picture.width.max(1))
        .enumerate()
    {
        for row in &rows {
            let at = y + row.line;
            let light = &source.pixels[at * source.width..][..source.width];
            let sum = &sums[at * (source.width + 1)..][..source.width + 1];
            row.add_to(line, light, sum);
        }
    }
    result
}

/// One row of the disc.
struct DiscRow {
    /// Row of the extended picture that belongs to row 0 of the picture.
    line: usize,
    /// First pixel of the run for pixel 0 of the picture.
    first: usize,
    /// Pixels of the run.
    count: usize,
    /// Weight of a pixel of the run.
    inner: f64,
    /// Weight of the pixels just beside the run.
    outer: f32,
}

impl DiscRow {
    /// Adds this row's part of the disc to every pixel of `line`.
    fn add_to(&self, line: &mut [Colour], light: &[Colour], sums: &[[f64; 3]]) {
        let (before, after) = (&light[self.first - 1..], &light[self.first + self.count..]);
        let (start, end) = (&sums[self.first..], &sums[self.first + self.count..]);
        for (x, pixel) in line.iter_mut().enumerate() {
            for channel in 0..3 {
                let run = (end[x][channel] - start[x][channel]) * self.inner;
                pixel[channel] +=
                    run as f32 + (before[x][channel] + after[x][channel]) * self.outer;
            }
        }
    }
}

/// Rows of a disc of `radius` pixels whose weights sum to 1, for a picture extended by `margin`.
fn disc_rows(radius: f32, margin: usize) -> Vec<DiscRow> {
    let area = std::f32::consts::PI * radius * radius;
    let reach = (radius + 0.5).ceil() as isize - 1;
    (-reach..=reach)
        .map(|offset| {
            let middle = offset as f32;
            let width = 2.0 * (half_disc(radius, middle + 0.5) - half_disc(radius, middle - 0.5));
            // Pixels of the run on each side of the middle one.
            let side = ((width - 1.0) / 2.0).max(0.0).floor();
            let outer = ((width - 1.0) / 2.0 - side).max(0.0);
            DiscRow {
                line: margin.saturating_add_signed(offset),
                first: margin - side as usize,
                count: 2 * side as usize + 1,
                inner: f64::from(width.min(1.0) / area),
                outer: outer / area,
            }
        })
        .collect()
}

/// Area of the right half of a disc below height `y`, up to a constant.
fn half_disc(radius: f32, y: f32) -> f32 {
    let y = y.clamp(-radius, radius);
    let x = (radius * radius - y * y).max(0.0).sqrt();
    (y * x + radius * radius * (y / radius).asin()) / 2.0
}

/// For every row of the picture the sums of its first 0, 1, 2, ... pixels.
fn running_sums(picture: &Picture) -> Vec<[f64; 3]> {
    let mut sums = Vec::with_capacity((picture.width + 1) * picture.height);
    for row in picture.pixels.chunks_exact(picture.width) {
        let mut sum = [0.0; 3];
        sums.push(sum);
        for colour in row {
            (0..3).for_each(|channel| sum[channel] += f64::from(colour[channel]));
            sums.push(sum);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::testing::{centroid, mean, point};

    #[test]
    fn a_point_becomes_a_disc_of_the_radius_with_the_same_light() {
        let picture = point(41, 33);
        for radius in [0.1, 0.5, 1.0, 1.7, 4.0, 9.3] {
            let blurred = defocused(&picture, radius);
            assert!(
                (mean(&blurred) / mean(&picture) - 1.0).abs() < 1e-4,
                "radius {radius}"
            );
            assert!(
                (centroid(&blurred)[0] - 20.5).abs() < 1e-3
                    && (centroid(&blurred)[1] - 16.5).abs() < 1e-3
            );
            let furthest = spread(&blurred).0;
            assert!(
                furthest <= radius + 1.0 && furthest >= radius - 1.0,
                "radius {radius}: {furthest}"
            );
        }
    }

    #[test]
    fn the_disc_is_even_and_as_wide_as_stated() {
        let blurred = defocused(&point(41, 33), 6.0);
        // A disc's mean squared distance is half the squared radius.
        assert!(
            (spread(&blurred).1 / 18.0 - 1.0).abs() < 0.05,
            "{}",
            spread(&blurred).1
        );
        let middle = blurred.pixels[16 * 41 + 20][0];
        assert!((middle * std::f32::consts::PI * 36.0 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn even_light_stays() {
        let even = Picture {
            width: 9,
            height: 4,
            pixels: vec![[0.25, 0.5, 3.0]; 36],
        };
        for pixel in defocused(&even, 2.3).pixels {
            assert!((0..3).all(|c| (pixel[c] / even.pixels[0][c] - 1.0).abs() < 1e-5));
        }
    }

    /// Furthest distance and mean squared distance of light from the middle.
    fn spread(picture: &Picture) -> (f32, f32) {
        let (mut furthest, mut squared, mut total) = (0.0f32, 0.0, 0.0);
        for (i, pixel) in picture.pixels.iter().enumerate() {
            let [dx, dy] = [(i % 41) as f32 - 20.0, (i / 41) as f32 - 16.0];
            if pixel[0] > 1e-6 {
                furthest = furthest.max(dx.hypot(dy));
            }
            squared += pixel[0] * (dx * dx + dy * dy);
            total += pixel[0];
        }
        (furthest, squared / total)
    }
}
