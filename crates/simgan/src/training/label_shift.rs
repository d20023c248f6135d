//! Watches, while training, whether refining moves irises: the gradient judge on a few synthetic images.

use crate::measures::IrisFinder;
use crate::measures::iris_centre::Point;
use crate::measures::label_shift::{disturbed, from_centres, shows_eyes};
use simgan_base::Result;
use simgan_data::Dataset;

/// Mean shift beyond the noise floor, in pixels of an image 55 wide, that is warned of.
pub const TOO_FAR: f64 = 1.0;

/// Where the irises of some synthetic images are.
#[derive(Debug)]
pub(super) struct ShiftWatch {
    before: Vec<Point>,
    floor: f64,
    pub(super) said: bool,
}

/// One look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shift {
    /// Mean shift, pixels of an image 55 wide.
    pub(super) mean: f64,
    /// The same between the examples and slightly blurred and noisy versions of them.
    pub(super) floor: f64,
}

impl ShiftWatch {
    /// A watch over `examples`, images of eyes that are large enough; `None` for others.
    pub(super) fn new(examples: &Dataset) -> Result<Option<Self>> {
        if !shows_eyes(examples) {
            return Ok(None);
        }
        let before = IrisFinder::centres(examples)?;
        let floor = from_centres(&before, &disturbed(examples)?)?.mean;
        Ok(Some(Self {
            before,
            floor,
            said: false,
        }))
    }

    /// How far irises lie from where they were, in the refined versions of the examples.
    pub(super) fn look(&self, refined: &Dataset) -> Result<Shift> {
        Ok(Shift {
            mean: from_centres(&self.before, refined)?.mean,
            floor: self.floor,
        })
    }

    /// What to say about a shift, once.
    pub(super) fn warning(&mut self, shift: Shift) -> Option<String> {
        let excess = shift.mean - shift.floor;
        if self.said || excess <= TOO_FAR {
            return None;
        }
        self.said = true;
        Some(format!(
            "refining moves irises by {:.1} px of an image 55 wide on average, {excess:.1} px beyond the noise floor: \
             labels are being lost; raise training.lambda or hold the iris (keypoints.points, keypoints.radius)",
            shift.mean
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan_data::{OpenOptions, Preprocessing};

    fn watch(source: &str) -> Option<ShiftWatch> {
        let data = Dataset::open(source, &Preprocessing::default(), &OpenOptions::default());
        ShiftWatch::new(&data.unwrap()).unwrap()
    }

    #[test]
    fn eyes_are_watched_and_a_large_shift_is_said_once() {
        let mut watch = watch("sim:eyes?count=64").unwrap();
        assert_eq!(watch.before.len(), 64);
        assert!(watch.floor > 0.0 && watch.floor < 1.0, "{}", watch.floor);
        let shift = |mean| Shift { mean, floor: 0.5 };
        assert_eq!(watch.warning(shift(1.5)), None);
        let said = watch.warning(shift(1.6)).unwrap();
        assert!(
            said.contains("1.1 px beyond") && said.contains("training.lambda"),
            "{said}"
        );
        assert_eq!(watch.warning(shift(3.0)), None);
    }

    #[test]
    fn images_without_labels_of_eyes_are_not_watched() {
        let names = vec!["a.png".to_owned()];
        let data = Dataset::from_memory(names, [1, 35, 55], vec![0; 35 * 55], None).unwrap();
        assert!(ShiftWatch::new(&data).unwrap().is_none());
    }
}
