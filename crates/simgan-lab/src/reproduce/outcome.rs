//! What a trial found.

use std::path::Path;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use simgan::algorithm_1::scalars::Scalars;
use simgan::judges;
use simgan::judges::judgement::AgainstReal;
use simgan::measures::TaskShift;
use simgan::measures::kernel_distance::{KernelDistance, kernel_distance};
use simgan::measures::label_shift;
use simgan::measures::label_shift::{LabelShift, ShiftImages};
use simgan::tasks::{Estimator, Evaluation};
use simgan_base::files::limits;
use simgan_data::Dataset;

/// Images judged at most on each side.
const JUDGED: usize = 1000;

/// What a trial found, kept as JSON so that it is never measured twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Configuration and data that it belongs to.
    pub settings: String,
    /// Scores on the test images.
    pub evaluation: Evaluation,
    /// What was answered to each of the test images, as the task scores it, before any calibration.
    pub answers: Vec<Vec<f64>>,
    /// The same of an estimator fitted on raw and refined images together, where the table asks for it.
    #[serde(default)]
    pub both: Option<Scored>,
    /// An estimator of raw images and those that several checkpoints refined, where asked for.
    #[serde(default)]
    pub checkpoints: Option<Scored>,
    /// Means of the last logged interval of the refiner's training.
    pub last: Scalars,
    /// How far irises move and how far refined images lie from real ones; of refined rows.
    #[serde(default)]
    pub judged: Option<Judged>,
    /// What the training's watch said.
    pub warnings: Vec<String>,
    /// Seconds of the refiner's training, 0 without one.
    pub training_seconds: f64,
    /// Seconds in all.
    pub seconds: f64,
}

/// Scores and answers on the test images.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scored {
    /// The scores.
    pub evaluation: Evaluation,
    /// The answers, as [`Outcome::answers`].
    pub answers: Vec<Vec<f64>>,
}

/// What judges say that need no labels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// Shift of irises, where synthetic labels are of eyes.
    pub label_shift: Option<LabelShift>,
    /// What refining adds to the answers of an estimator of raw images that no training has seen.
    pub task_shift: TaskShift,
    /// Distances of synthetic and of refined images from the test images.
    pub kernel_distance: AgainstReal<KernelDistance>,
}

impl Judged {
    /// What the judges say of a part of the refined images, at most 1000 on each side.
    pub fn of(
        synthetic: &Dataset,
        refined: &Dataset,
        test: &Dataset,
        judge: &Estimator,
        device: &Device,
    ) -> simgan_base::Result<Self> {
        let part = judges::choose(refined.len(), JUDGED);
        let [synthetic, refined] = [synthetic, refined].map(|images| images.subset(&part));
        let test = test.subset(&judges::choose(test.len(), JUDGED));
        let label_shift = match label_shift::shows_eyes(&synthetic) {
            true => Some(LabelShift::by_gradients(&ShiftImages::new(
                &synthetic, &refined,
            )?)?),
            false => None,
        };
        Ok(Self {
            label_shift,
            task_shift: TaskShift::of(judge, &synthetic, &refined)?,
            kernel_distance: AgainstReal {
                synthetic: kernel_distance(&synthetic, &test, device)?,
                refined: kernel_distance(&refined, &test, device)?,
            },
        })
    }
}

impl Outcome {
    /// Its own scores and answers.
    pub fn scored(&self) -> Option<Scored> {
        Some(Scored {
            evaluation: self.evaluation.clone(),
            answers: self.answers.clone(),
        })
    }

    /// An earlier outcome of the same settings.
    pub fn known(file: &Path, settings: &str) -> Option<Self> {
        let text = limits::read_text(file, limits::RESULT).ok()?;
        let outcome: Self = serde_json::from_str(&text).ok()?;
        (outcome.settings == settings).then_some(outcome)
    }
}
