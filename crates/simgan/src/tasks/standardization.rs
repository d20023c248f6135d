//! Units in which a network regresses numbers.

use serde::{Deserialize, Serialize};

use crate::tasks::rows::Rows;
use simgan_base::metrics::summary::moments;

/// Linear change of units, so that every regressed number has a similar size.
///
/// Gaze vectors stay as they are (the paper's loss is on the vector itself), and so do scores of classes; label columns get
/// mean 0 and standard deviation 1 over the training images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standardization {
    /// Subtracted from each number.
    pub mean: Vec<f32>,
    /// Then divides it; never 0.
    pub scale: Vec<f32>,
}

impl Standardization {
    /// None: `dimension` numbers stay as they are.
    pub fn none(dimension: usize) -> Self {
        Self {
            mean: vec![0.0; dimension],
            scale: vec![1.0; dimension],
        }
    }

    /// To mean 0 and standard deviation 1 over the training images' `rows`.
    pub fn of(rows: &Rows) -> Self {
        let (mean, scale) = (0..rows.dimension)
            .map(|axis| mean_and_scale(rows, axis))
            .unzip();
        Self { mean, scale }
    }

    /// From label units to the network's.
    pub fn apply(&self, rows: &mut Rows) {
        for (index, value) in rows.values.iter_mut().enumerate() {
            let axis = index % rows.dimension;
            *value = (*value - self.mean[axis]) / self.scale[axis];
        }
    }

    /// From the network's units to label units.
    pub fn invert(&self, rows: &mut Rows) {
        for (index, value) in rows.values.iter_mut().enumerate() {
            let axis = index % rows.dimension;
            *value = *value * self.scale[axis] + self.mean[axis];
        }
    }
}

/// Mean and standard deviation of one axis; a constant axis has the scale 1.
fn mean_and_scale(rows: &Rows, axis: usize) -> (f32, f32) {
    let values = rows.values.iter().skip(axis).step_by(rows.dimension);
    let [mean, sd] = moments(values.map(|&v| f64::from(v)));
    let sd = sd as f32;
    (mean as f32, if sd > 0.0 { sd } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_standardized_and_restored() {
        let rows = Rows::of_columns(&[vec![1.0, 2.0, 3.0], vec![7.0; 3]]);
        let standardization = Standardization::of(&rows);
        let mut changed = rows.clone();
        standardization.apply(&mut changed);
        assert!((changed.row(0)[0] + 1.5_f32.sqrt()).abs() < 1e-6);
        assert_eq!(changed.row(1), [0.0, 0.0]);
        standardization.invert(&mut changed);
        assert!(
            changed
                .values
                .iter()
                .zip(&rows.values)
                .all(|(a, b)| (a - b).abs() < 1e-6)
        );
    }

    #[test]
    fn without_a_change_numbers_stay_as_they_are() {
        let rows = Rows {
            dimension: 3,
            values: vec![0.6, 0.0, -0.8],
        };
        let mut changed = rows.clone();
        Standardization::none(3).apply(&mut changed);
        assert_eq!(changed, rows);
    }
}
