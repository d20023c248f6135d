//! Looks at a few refined images now and then: do they differ, have irises or answers moved?

use burn::tensor::Device;

use crate::hold::HeldRefiner;
use crate::measures::TaskShift;
use crate::tasks::Estimator;
use crate::training::diversity::{Diversity, DiversityWatch};
use crate::training::label_shift::{Shift, ShiftWatch};
use crate::training::task_watch::TaskWatch;
use simgan_base::Result;
use simgan_base::imaging::levels::to_u8;
use simgan_data::{Dataset, HeldAreas};

/// Images looked at, the same every time.
const EXAMPLES: usize = 64;

/// Examples of the synthetic images and what is watched in their refined versions.
#[derive(Debug)]
pub(super) struct Monitor {
    examples: Dataset,
    diversity: DiversityWatch,
    shift: Option<ShiftWatch>,
    task: Option<TaskWatch>,
}

/// One look.
#[derive(Debug)]
pub(super) struct Look {
    /// Relative to the originals.
    pub(super) diversity: Diversity,
    /// Only of images of eyes.
    pub(super) shift: Option<Shift>,
    /// Only where an estimator's answers are known.
    pub(super) task: Option<TaskShift>,
    /// What to say, each once a training.
    pub(super) warnings: Vec<String>,
}

impl Monitor {
    pub(super) fn new(synthetic: &Dataset, estimator: Option<&Estimator>) -> Result<Self> {
        let task = estimator.map(|estimator| TaskWatch::new(estimator, synthetic));
        let examples = synthetic.subset(&synthetic.spread(EXAMPLES));
        let all: Vec<usize> = (0..examples.len()).collect();
        let before = Diversity::of(
            &examples.batch(&all),
            examples.image_shape().iter().product(),
        );
        Ok(Self {
            diversity: DiversityWatch::new(before),
            shift: ShiftWatch::new(&examples)?,
            task: task.transpose()?,
            examples,
        })
    }

    /// What has been said: of diversity, of irises, of answers.
    pub(super) fn said(&self) -> [bool; 3] {
        [
            self.diversity.said,
            self.shift.as_ref().is_some_and(|shift| shift.said),
            self.task.as_ref().is_some_and(|task| task.said),
        ]
    }

    /// Does not say again what has been said.
    pub(super) fn resume(&mut self, [diversity, shift, task]: [bool; 3]) {
        self.diversity.said = diversity;
        if let Some(watch) = &mut self.shift {
            watch.said = shift;
        }
        if let Some(watch) = &mut self.task {
            watch.said = task;
        }
    }

    pub(super) fn look(&mut self, refiner: &HeldRefiner, device: &Device) -> Result<Look> {
        let refined = refined(refiner, &self.examples, device)?;
        let diversity = Diversity::of(&refined, self.examples.image_shape().iter().product());
        let diversity = self.diversity.relative(diversity);
        let mut warnings: Vec<String> = self.diversity.warning(diversity).into_iter().collect();
        let mut shift = None;
        if let Some(watch) = &mut self.shift {
            let found = watch.look(&with_values(&self.examples, refined)?)?;
            warnings.extend(watch.warning(found));
            shift = Some(found);
        }
        let mut task = None;
        if let Some(watch) = &mut self.task {
            let refined = self::refined(refiner, &watch.examples, device)?;
            let found = watch.look(&with_values(&watch.examples, refined)?)?;
            warnings.extend(watch.warning(&found));
            task = Some(found);
        }
        Ok(Look {
            diversity,
            shift,
            task,
            warnings,
        })
    }
}

/// The pixels of all `images`, refined, a few at a time.
fn refined(refiner: &HeldRefiner, images: &Dataset, device: &Device) -> Result<Vec<f32>> {
    let all: Vec<usize> = (0..images.len()).collect();
    let areas = HeldAreas::of(images, &refiner.areas)?;
    let mut refined = Vec::new();
    for batch in all.chunks(EXAMPLES) {
        refined.extend(refiner.refine_images(images, &areas, batch, device)?);
    }
    Ok(refined)
}

/// The images with other pixels, values in [-1, 1].
fn with_values(images: &Dataset, values: Vec<f32>) -> Result<Dataset> {
    images.with_pixels(values.into_iter().map(to_u8).collect())
}
