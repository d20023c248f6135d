//! The picture on the camera's pixel grid, and back on its own.
//!
//! Both ways are exact in geometry (the grids' outer edges coincide), so that no label moves. Values are `f32`
//! because light is linear here; data sets' own resizing works on bytes.

use crate::picture::{Colour, Picture};

/// The picture with fewer pixels: each averages the area it covers, as a photosite does.
pub(super) fn shrink(picture: &Picture, width: usize, height: usize) -> Picture {
    resample(picture, width, height, area)
}

/// The picture with more pixels by Catmull-Rom (bicubic, a = -0.5) interpolation.
pub(super) fn enlarge(picture: &Picture, width: usize, height: usize) -> Picture {
    resample(picture, width, height, catmull_rom)
}

/// What every new position of an axis gathers: as many taps (old position, weight) for each.
struct Axis {
    taps: Vec<(usize, f32)>,
    per_position: usize,
}

impl Axis {
    fn positions(&self) -> impl Iterator<Item = &[(usize, f32)]> {
        self.taps.chunks_exact(self.per_position)
    }
}

fn resample(
    picture: &Picture,
    width: usize,
    height: usize,
    axis: impl Fn(usize, usize) -> Axis,
) -> Picture {
    if (picture.width, picture.height) == (width, height) || picture.pixels.is_empty() {
        return Picture {
            width,
            height,
            ..picture.clone()
        };
    }
    let (across, down) = (axis(picture.width, width), axis(picture.height, height));
    let mut narrow = Vec::with_capacity(width * picture.height);
    for row in picture.pixels.chunks_exact(picture.width) {
        narrow.extend(across.positions().map(|taps| gather(taps, row)));
    }
    let mut result = Picture::new(width, height);
    for (row, taps) in result.pixels.chunks_exact_mut(width).zip(down.positions()) {
        for &(y, weight) in taps {
            for (pixel, old) in row.iter_mut().zip(&narrow[y * width..]) {
                (0..3).for_each(|channel| pixel[channel] += weight * old[channel]);
            }
        }
    }
    result
}

/// Weighted sum of a row's pixels.
fn gather(taps: &[(usize, f32)], row: &[Colour]) -> Colour {
    taps.iter().fold([0.0; 3], |sum, &(x, weight)| {
        std::array::from_fn(|channel| sum[channel] + weight * row[x][channel])
    })
}

/// Taps of positions that each cover `old / new` old ones, by the share of each that is covered.
fn area(old: usize, new: usize) -> Axis {
    let size = old as f64 / new as f64;
    let per_position = size.ceil() as usize + 1;
    let position = |i: usize| {
        let (start, end) = (i as f64 * size, (i + 1) as f64 * size);
        let first = start.floor() as usize;
        (first..first + per_position).map(move |x| {
            let covered = end.min((x + 1) as f64) - start.max(x as f64);
            (x.min(old - 1), (covered.max(0.0) / size) as f32)
        })
    };
    Axis {
        taps: (0..new).flat_map(position).collect(),
        per_position,
    }
}

/// Taps of interpolation between the four nearest positions; the outermost are repeated.
fn catmull_rom(old: usize, new: usize) -> Axis {
    let position = |i: usize| {
        let centre = (i as f64 + 0.5) * old as f64 / new as f64 - 0.5;
        let nearest = centre.floor();
        (-1..=2).map(move |step| {
            let x = nearest + f64::from(step);
            (
                x.clamp(0.0, (old - 1) as f64) as usize,
                catmull_rom_weight((centre - x).abs() as f32),
            )
        })
    };
    Axis {
        taps: (0..new).flat_map(position).collect(),
        per_position: 4,
    }
}

/// The Catmull-Rom kernel at a distance of 0..=2 positions.
fn catmull_rom_weight(distance: f32) -> f32 {
    let (d, d2) = (distance, distance * distance);
    if d < 1.0 {
        1.0 + d2 * (1.5 * d - 2.5)
    } else {
        2.0 - 4.0 * d + d2 * (2.5 - 0.5 * d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::testing::{centroid, disc, mean};

    #[test]
    fn shrinking_keeps_the_mean_and_the_place() {
        let picture = disc(60, 40, [23.4, 17.8], 9.0, 1.0, 0.0);
        for (width, height) in [(60, 40), (43, 29), (31, 20), (7, 5), (1, 1)] {
            let small = shrink(&picture, width, height);
            assert!(
                (mean(&small) / mean(&picture) - 1.0).abs() < 1e-4,
                "{width}"
            );
            let [x, y] = centroid(&small);
            let [px, py] = centroid(&picture);
            if width > 7 {
                assert!(
                    (x * 60.0 / width as f32 - px).abs() < 0.05,
                    "{width}: {x} {px}"
                );
                assert!(
                    (y * 40.0 / height as f32 - py).abs() < 0.05,
                    "{height}: {y} {py}"
                );
            }
        }
    }

    #[test]
    fn enlarging_keeps_ramps_and_even_light() {
        let ramp = Picture {
            width: 10,
            height: 3,
            pixels: (0..30).map(|i| [(i % 10) as f32, 4.0, 0.0]).collect(),
        };
        let large = enlarge(&ramp, 35, 8);
        assert_eq!(large.pixels.len(), 35 * 8);
        for (i, pixel) in large
            .pixels
            .iter()
            .enumerate()
            .filter(|(i, _)| (6..28).contains(&(i % 35)))
        {
            let expected = ((i % 35) as f32 + 0.5) * 10.0 / 35.0 - 0.5;
            assert!((pixel[0] - expected).abs() < 1e-4 && (pixel[1] - 4.0).abs() < 1e-5);
        }
    }

    #[test]
    fn a_picture_of_the_size_stays() {
        let picture = disc(11, 7, [5.0, 3.0], 2.0, 1.0, 0.2);
        assert_eq!(shrink(&picture, 11, 7), picture);
        assert_eq!(enlarge(&picture, 11, 7), picture);
    }
}
