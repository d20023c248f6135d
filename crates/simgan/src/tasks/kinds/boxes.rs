//! The box of the object that an image shows.

use crate::tasks::displacement::Displacement;
use crate::tasks::kinds::kind::Kind;
use crate::tasks::rows::Rows;
use crate::tasks::standardization::Standardization;
use crate::tasks::target::Target;
use crate::tasks::task::Task;
use crate::tasks::unit::Unit;
use simgan_base::{Error, Result};
use simgan_data::{BOX_COLUMNS, Dataset};

/// `--task box`.
pub(super) const KIND: Kind = Kind {
    name: "box",
    argument: None,
    read: |_, _| Ok(Target::Box),
    found: |labels| {
        let has_all = BOX_COLUMNS.iter().all(|column| labels.is_numeric(column));
        has_all.then(|| KIND.name.to_owned()).into_iter().collect()
    },
};

/// `[left, top, width, height]` in pixels of the preprocessed image; the error is what two boxes do not share of their
/// union, in percent: 100 * (1 - IoU).
#[derive(Clone, Copy, Debug)]
pub(super) struct Boxes;

impl Task for Boxes {
    fn dimension(&self) -> usize {
        BOX_COLUMNS.len()
    }

    fn names(&self) -> Vec<String> {
        BOX_COLUMNS.map(str::to_owned).to_vec()
    }

    fn columns(&self) -> Vec<String> {
        self.names()
    }

    fn rows(&self, data: &Dataset) -> Result<Rows> {
        Ok(Rows {
            dimension: self.dimension(),
            values: data.boxes()?.into_iter().flatten().collect(),
        })
    }

    /// Corners and sides differ in their spread.
    fn standardization(&self, rows: &Rows) -> Standardization {
        Standardization::of(rows)
    }

    fn allows_moves(&self) -> bool {
        true
    }

    fn is_displaced(&self) -> bool {
        true
    }

    fn displace(&self, row: &mut [f32], by: &Displacement, size: [usize; 2]) {
        let corner = by.of_point([row[0], row[1]], size);
        row[..2].copy_from_slice(&corner);
        row[2..].iter_mut().for_each(|side| *side *= by.scale);
    }

    fn unit(&self) -> Unit {
        Unit::IouLoss
    }

    fn axes(&self) -> Vec<String> {
        self.names()
    }

    fn decode(&self, predictions: &Rows) -> Vec<Vec<f64>> {
        predictions.widened()
    }

    fn error(&self, _unit: Unit, prediction: &[f64], label: &[f64]) -> f64 {
        100.0 * (1.0 - intersection_over_union(prediction, label))
    }

    fn has_offset(&self) -> bool {
        false
    }

    fn has_bias(&self) -> bool {
        true
    }

    fn check_calibration(&self, _unit: Unit, images: usize) -> Result<()> {
        match images {
            0 => Ok(()),
            _ => {
                Err(Error::config("boxes cannot be calibrated").with_hint("leave --calibrate out"))
            }
        }
    }
}

/// Area that two boxes share over the area that either covers, 0..=1; 0 where one has no area.
fn intersection_over_union(a: &[f64], b: &[f64]) -> f64 {
    let side = |row: &[f64], axis: usize| row[axis + 2].max(0.0);
    let shared = [0, 1].map(|axis| {
        let end = (a[axis] + side(a, axis)).min(b[axis] + side(b, axis));
        (end - a[axis].max(b[axis])).max(0.0)
    });
    let area = |row: &[f64]| side(row, 0) * side(row, 1);
    let shared = shared[0] * shared[1];
    let union = area(a) + area(b) - shared;
    if shared > 0.0 { shared / union } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_what_is_not_shared() {
        let error = |a: [f64; 4], b: [f64; 4]| Boxes.error(Unit::IouLoss, &a, &b);
        let label = [0.0, 0.0, 4.0, 4.0];
        assert_eq!(error(label, label), 0.0);
        assert_eq!(error([4.0, 0.0, 4.0, 4.0], label), 100.0);
        // Half of each is shared: 8 of 24 pixels.
        assert!((error([2.0, 0.0, 4.0, 4.0], label) - 100.0 * 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(error([1.0, 1.0, -2.0, 3.0], label), 100.0);
    }

    #[test]
    fn boxes_move_and_grow_with_the_content() {
        let mut row = [4.0, 2.0, 2.0, 3.0];
        let by = Displacement {
            scale: 2.0,
            shift: [1.0, -1.0],
        };
        Boxes.displace(&mut row, &by, [10, 8]);
        assert_eq!(row, [4.0, -1.0, 4.0, 6.0]);
    }
}
