//! Calibration: an affine map from predictions to labels, fitted on a few labelled images.
//!
//! A camera's real images may be labelled with the point looked at on a screen instead of an angle.
//! Where head and screen stay in place, pitch and yaw relate to screen x and y by nearly an affine map;
//! it is fitted by least squares on a stated part of the images, which is then not scored.

use rand::RngExt;

use crate::tasks::coordinates::column_means;
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};

/// Ridge on standardised inputs: too small to change a sound fit, enough to make every fit solvable.
const RIDGE: f64 = 1e-9;

/// Splits `0..count` into `(calibration, scored)` images, both in increasing order.
///
/// The images, in their order, are cut into `calibrate` runs of (nearly) equal length and one image of
/// each is drawn by `seed`: calibration images are spread over the whole set, and the rule looks at no
/// prediction and no label.
///
/// # Errors
/// Fewer than 3 calibration images are asked for (an affine map of the plane has that many free points),
/// or none would be left to score.
pub fn choose(count: usize, calibrate: usize, seed: u64) -> Result<(Vec<usize>, Vec<usize>)> {
    if calibrate < 3 {
        return Err(Error::config(format!(
            "{calibrate} calibration images are too few: an affine map needs 3 or more"
        )));
    }
    if calibrate >= count {
        return Err(Error::config(format!(
            "{calibrate} calibration images leave none to score: the data set has {count}"
        )));
    }
    let mut rng = generator(seed, Stream::Calibration);
    let chosen: Vec<usize> = (0..calibrate)
        .map(|run| rng.random_range(run * count / calibrate..(run + 1) * count / calibrate))
        .collect();
    let mut next = chosen.iter().peekable();
    let scored = (0..count)
        .filter(|index| next.next_if_eq(&index).is_none())
        .collect();
    Ok((chosen, scored))
}

/// An affine map `R^p -> R^q`, fitted by least squares.
#[derive(Clone, Debug, PartialEq)]
pub struct AffineMap {
    /// `[q][p]`, for inputs minus `centre`.
    matrix: Vec<Vec<f64>>,
    /// Mean of the inputs it was fitted on.
    centre: Vec<f64>,
    /// Mean of the outputs it was fitted on.
    offset: Vec<f64>,
}

impl AffineMap {
    /// The map that takes `inputs` nearest to `outputs` (rows: images).
    ///
    /// Inputs that do not vary (an estimator that always says the same) are ignored, so that the map is
    /// then the mean of the outputs. Inputs on a line get the smallest of the equally good maps.
    ///
    /// # Errors
    /// Fewer rows than an affine map has free points, or values that are not finite.
    pub fn fit(inputs: &[Vec<f64>], outputs: &[Vec<f64>]) -> Result<Self> {
        let needed = inputs.first().map_or(0, Vec::len) + 1;
        if inputs.len() < needed.max(2) || inputs.len() != outputs.len() {
            return Err(Error::config(format!(
                "{} calibration images are too few: {needed} or more are needed",
                inputs.len()
            )));
        }
        if inputs
            .iter()
            .chain(outputs)
            .flatten()
            .any(|value| !value.is_finite())
        {
            return Err(Error::data(
                "calibration needs finite predictions and labels",
            ));
        }
        let (centre, offset) = (column_means(inputs), column_means(outputs));
        let scales = column_scales(inputs, &centre);
        let standard: Vec<Vec<f64>> = inputs
            .iter()
            .map(|row| {
                (0..row.len())
                    .map(|i| (row[i] - centre[i]) / scales[i])
                    .collect()
            })
            .collect();
        let matrix = (0..offset.len())
            .map(|axis| {
                let weights = regress(&standard, |image| outputs[image][axis] - offset[axis]);
                weights
                    .iter()
                    .zip(&scales)
                    .map(|(weight, scale)| weight / scale)
                    .collect()
            })
            .collect();
        Ok(Self {
            matrix,
            centre,
            offset,
        })
    }

    /// The map at one point.
    pub fn apply(&self, input: &[f64]) -> Vec<f64> {
        self.matrix
            .iter()
            .zip(&self.offset)
            .map(|(row, offset)| {
                let sum: f64 = (0..row.len())
                    .map(|i| row[i] * (input[i] - self.centre[i]))
                    .sum();
                offset + sum
            })
            .collect()
    }
}

/// Checks that calibration points span the screen: points on one line say nothing about the other direction.
///
/// # Errors
/// All points lie on one line, or are the same.
pub fn check_spread(points: &[Vec<f64>]) -> Result<()> {
    let centre = column_means(points);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for point in points {
        let (x, y) = (point[0] - centre[0], point[1] - centre[1]);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    // Determinant over squared trace: 1/4 for a circle, 0 for a line.
    if (xx * yy - xy * xy) <= 1e-6 * (xx + yy).powi(2) {
        return Err(
            Error::data("the screen points of the calibration images lie on one line")
                .with_hint("calibrate with more images"),
        );
    }
    Ok(())
}

/// Standard deviation of each column; 1 for a column that does not vary beyond rounding.
fn column_scales(rows: &[Vec<f64>], means: &[f64]) -> Vec<f64> {
    (0..means.len())
        .map(|i| {
            let squares: f64 = rows.iter().map(|row| (row[i] - means[i]).powi(2)).sum();
            let sd = (squares / rows.len() as f64).sqrt();
            if sd > 1e-9 * (1.0 + means[i].abs()) {
                sd
            } else {
                1.0
            }
        })
        .collect()
}

/// Weights `w` of least `mean((x w - y)^2) + RIDGE |w|^2` for standardised `x`.
fn regress(x: &[Vec<f64>], y: impl Fn(usize) -> f64) -> Vec<f64> {
    let (size, count) = (x[0].len(), x.len() as f64);
    let mut system = vec![vec![0.0; size + 1]; size];
    for (image, row) in x.iter().enumerate() {
        for i in 0..size {
            for j in 0..size {
                system[i][j] += row[i] * row[j] / count;
            }
            system[i][size] += row[i] * y(image) / count;
        }
    }
    for (i, row) in system.iter_mut().enumerate() {
        row[i] += RIDGE;
    }
    solve(system)
}

/// Gauss-Jordan elimination of a positive definite system `[A | b]`, which needs no pivoting.
fn solve(mut system: Vec<Vec<f64>>) -> Vec<f64> {
    let size = system.len();
    for i in 0..size {
        let pivot = system[i].clone();
        for (j, row) in system.iter_mut().enumerate() {
            let factor = if j == i {
                1.0 - 1.0 / pivot[i]
            } else {
                row[i] / pivot[i]
            };
            row.iter_mut()
                .zip(&pivot)
                .for_each(|(value, p)| *value -= factor * p);
        }
    }
    system.iter().map(|row| row[size]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grid() -> Vec<Vec<f64>> {
        (0..12)
            .map(|i| vec![f64::from(i % 4) * 0.1, f64::from(i / 4) * 0.2 - 0.1])
            .collect()
    }

    fn screen(p: &[f64]) -> Vec<f64> {
        vec![700.0 - 900.0 * p[1] + 30.0 * p[0], 400.0 + 800.0 * p[0]]
    }

    #[test]
    fn an_affine_relation_is_found() {
        let outputs: Vec<Vec<f64>> = grid().iter().map(|p| screen(p)).collect();
        let map = AffineMap::fit(&grid(), &outputs).unwrap();
        for point in [[0.3, 0.7], [-1.0, 2.0]] {
            let (found, expected) = (map.apply(&point), screen(&point));
            assert!(
                found
                    .iter()
                    .zip(&expected)
                    .all(|(a, b)| (a - b).abs() < 1e-4),
                "{found:?} {expected:?}"
            );
        }
    }

    #[test]
    fn a_constant_estimator_is_mapped_to_the_mean() {
        let outputs: Vec<Vec<f64>> = grid().iter().map(|p| screen(p)).collect();
        let map = AffineMap::fit(&vec![vec![0.123, -0.4]; 12], &outputs).unwrap();
        let mean = column_means(&outputs);
        assert!(
            map.apply(&[0.123, -0.4])
                .iter()
                .zip(&mean)
                .all(|(a, b)| (a - b).abs() < 1e-9)
        );
    }

    #[test]
    fn predictions_on_a_line_stay_finite() {
        let inputs: Vec<Vec<f64>> = (0..9)
            .map(|i| vec![f64::from(i), 2.0 * f64::from(i)])
            .collect();
        let outputs: Vec<Vec<f64>> = (0..9).map(|i| vec![10.0 * f64::from(i), 5.0]).collect();
        let found = AffineMap::fit(&inputs, &outputs)
            .unwrap()
            .apply(&[4.0, 8.0]);
        assert!(
            (found[0] - 40.0).abs() < 1e-3 && (found[1] - 5.0).abs() < 1e-9,
            "{found:?}"
        );
    }

    #[test]
    fn too_few_images_and_points_on_a_line_are_refused() {
        assert!(AffineMap::fit(&grid()[..2], &grid()[..2]).is_err());
        assert!(choose(10, 2, 0).is_err());
        assert!(choose(10, 10, 0).is_err());
        let line: Vec<Vec<f64>> = (0..9)
            .map(|i| vec![f64::from(i), 3.0 * f64::from(i)])
            .collect();
        assert!(check_spread(&line).is_err());
        assert!(check_spread(&vec![vec![1.0, 1.0]; 4]).is_err());
        check_spread(&grid()).unwrap();
    }

    proptest! {
        #[test]
        fn the_choice_is_spread_and_complete(count in 4_usize..400, share in 0.0..1.0, seed: u64) {
            let calibrate = 3 + (share * (count - 4) as f64) as usize;
            let (chosen, scored) = choose(count, calibrate, seed).unwrap();
            prop_assert_eq!(chosen.len(), calibrate);
            let mut all = [chosen.clone(), scored].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..count).collect::<Vec<_>>());
            let longest = chosen.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
            prop_assert!(longest <= 2 * count.div_ceil(calibrate));
        }
    }
}
