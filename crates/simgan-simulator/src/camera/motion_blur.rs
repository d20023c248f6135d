//! Motion during the exposure: every point of light becomes a line.

use crate::camera::border::extended;
use crate::picture::Picture;

/// Positions along a pixel's length of the line; more than this is not seen.
const STEPS_PER_PIXEL: f32 = 3.0;

/// The picture with every point spread evenly over a line of `length` pixels in a `direction` (radians), centred
/// on the point so that nothing moves on average.
pub(super) fn motion_blurred(picture: &Picture, length: f32, direction: f32) -> Picture {
    if length <= 0.0 {
        return picture.clone();
    }
    let margin = (length / 2.0).ceil() as usize + 1;
    let source = extended(picture, margin);
    let taps = line_taps(length, direction, margin, source.width);
    let mut result = Picture::new(picture.width, picture.height);
    for (y, line) in result
        .pixels
        .chunks_exact_mut(picture.width.max(1))
        .enumerate()
    {
        for &(start, weight) in &taps {
            let light = &source.pixels[start + y * source.width..][..line.len()];
            for (pixel, light) in line.iter_mut().zip(light) {
                (0..3).for_each(|channel| pixel[channel] += weight * light[channel]);
            }
        }
    }
    result
}

/// Places in the extended picture that pixel 0 gathers from, and their weights: the line's positions, each shared
/// among its four nearest pixels.
fn line_taps(length: f32, direction: f32, margin: usize, stride: usize) -> Vec<(usize, f32)> {
    let side = 2 * margin + 1;
    let mut weights = vec![0.0f32; side * side];
    let steps = (length * STEPS_PER_PIXEL).ceil() as usize + 1;
    for step in 0..steps {
        let along = length * ((step as f32 + 0.5) / steps as f32 - 0.5);
        let x = margin as f32 + along * direction.cos();
        let y = margin as f32 + along * direction.sin();
        let (left, top) = (x.floor(), y.floor());
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let share = |position: f32, low: f32, high: usize| {
                if high == 1 {
                    position - low
                } else {
                    1.0 - position + low
                }
            };
            weights[(top as usize + dy) * side + left as usize + dx] +=
                share(x, left, dx) * share(y, top, dy) / steps as f32;
        }
    }
    let place = |index: usize| index / side * stride + index % side;
    let taps = weights.into_iter().enumerate();
    taps.filter(|&(_, weight)| weight > 0.0)
        .map(|(index, weight)| (place(index), weight))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::testing::{centroid, mean, point};

    #[test]
    fn a_point_becomes_a_line_of_the_length_with_the_same_light() {
        let picture = point(41, 33);
        for length in [0.2, 1.0, 5.0, 12.0] {
            for direction in [0.0, 0.7, 1.6, 2.9] {
                let blurred = motion_blurred(&picture, length, direction);
                let [x, y] = centroid(&blurred);
                assert!((mean(&blurred) / mean(&picture) - 1.0).abs() < 1e-4);
                assert!(
                    (x - 20.5).abs() < 1e-3 && (y - 16.5).abs() < 1e-3,
                    "{x} {y}"
                );
                let [along, across] = extent(&blurred, direction);
                assert!((along - length / 2.0).abs() <= 1.42, "{along} for {length}");
                assert!(across <= 1.42, "{across}");
            }
        }
    }

    /// Furthest light from the middle along and across a direction.
    fn extent(picture: &Picture, direction: f32) -> [f32; 2] {
        let mut furthest = [0.0f32; 2];
        for (i, _) in picture
            .pixels
            .iter()
            .enumerate()
            .filter(|(_, pixel)| pixel[0] > 1e-6)
        {
            let [dx, dy] = [(i % 41) as f32 - 20.0, (i / 41) as f32 - 16.0];
            let (sin, cos) = direction.sin_cos();
            furthest[0] = furthest[0].max((dx * cos + dy * sin).abs());
            furthest[1] = furthest[1].max((dy * cos - dx * sin).abs());
        }
        furthest
    }
}
