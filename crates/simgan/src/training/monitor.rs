//! Looks at a few refined images now and then: do they differ, have irises moved?

use burn::tensor::Device;

use crate::keypoints::HeldRefiner;
use crate::nets::image_tensor;
use crate::training::diversity::{Diversity, DiversityWatch};
use crate::training::label_shift::{Shift, ShiftWatch};
use simgan_base::Result;
use simgan_base::imaging::levels::to_u8;
use simgan_data::Dataset;

/// Images looked at, the same every time.
const EXAMPLES: usize = 64;

/// Examples of the synthetic images and what is watched in their refined versions.
#[derive(Debug)]
pub(super) struct Monitor {
    examples: Dataset,
    diversity: DiversityWatch,
    shift: Option<ShiftWatch>,
}

/// One look.
#[derive(Debug)]
pub(super) struct Look {
    /// Relative to the originals.
    pub(super) diversity: Diversity,
    /// Only of images of eyes.
    pub(super) shift: Option<Shift>,
    /// What to say, each once a training.
    pub(super) warnings: Vec<String>,
}

impl Monitor {
    pub(super) fn new(synthetic: &Dataset) -> Result<Self> {
        let examples = synthetic.subset(&synthetic.spread(EXAMPLES));
        let all: Vec<usize> = (0..examples.len()).collect();
        let before = Diversity::of(
            &examples.batch(&all),
            examples.image_shape().iter().product(),
        );
        Ok(Self {
            diversity: DiversityWatch::new(before),
            shift: ShiftWatch::new(&examples)?,
            examples,
        })
    }

    /// What has been said: of diversity, of shifts.
    pub(super) fn said(&self) -> [bool; 2] {
        [
            self.diversity.said,
            self.shift.as_ref().is_some_and(|shift| shift.said),
        ]
    }

    /// Does not say again what has been said.
    pub(super) fn resume(&mut self, [diversity, shift]: [bool; 2]) {
        self.diversity.said = diversity;
        if let Some(watch) = &mut self.shift {
            watch.said = shift;
        }
    }

    pub(super) fn look(&mut self, refiner: &HeldRefiner, device: &Device) -> Result<Look> {
        let all: Vec<usize> = (0..self.examples.len()).collect();
        let shape = self.examples.image_shape();
        let images = image_tensor::from_values(self.examples.batch(&all), shape, device);
        let refined = image_tensor::to_values(refiner.refine(images));
        let diversity = Diversity::of(&refined, shape.iter().product());
        let diversity = self.diversity.relative(diversity);
        let mut warnings: Vec<String> = self.diversity.warning(diversity).into_iter().collect();
        let mut shift = None;
        if let Some(watch) = &mut self.shift {
            let pixels = refined.into_iter().map(to_u8).collect();
            let found = watch.look(&self.examples.with_pixels(pixels)?)?;
            warnings.extend(watch.warning(found));
            shift = Some(found);
        }
        Ok(Look {
            diversity,
            shift,
            warnings,
        })
    }
}
