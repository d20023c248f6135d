//! Raw against refined synthetic images, by the estimator trained on each (paper, Table 2).

mod answers;
mod arm;
mod compare;
pub mod examples;
mod settings;
pub(crate) mod table;

use serde::{Deserialize, Serialize};
use simgan_base::formats::shape::Shape;

pub use answers::{Answers, ArmAnswers};
pub use arm::{Arm, ArmName};
pub use compare::{CompareProgress, compare};
pub use settings::{CompareData, CompareOptions, ComparisonSettings};

/// Result of `simgan compare`, kept as `comparison.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Estimator trained on the raw synthetic images.
    pub synthetic: Arm,
    /// Estimator trained on the refined images.
    pub refined: Arm,
    /// What both are measured against, as far as asked for.
    #[serde(flatten)]
    pub references: References,
    /// Seeds, shared by all arms.
    pub seeds: Vec<u64>,
    /// Percent by which refining lowers the mean error; negative where it raises it.
    pub relative_improvement: f64,
    /// Number of seeds on which the refined images gave the lower error.
    pub refined_wins: usize,
    /// What was compared and how.
    pub settings: ComparisonSettings,
    /// Answers to the test images; absent in files of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
}

/// Arms beside raw and refined images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct References {
    /// Raw images under plain augmentation: a refiner that does no better is not worth training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augmented: Option<Arm>,
    /// Refined images under the same augmentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refined_augmented: Option<Arm>,
    /// Raw and refined images together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub both: Option<Arm>,
    /// Raw images and those that every checkpoint refined, together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<Arm>,
    /// Labelled real images: what labels are worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<Arm>,
}

impl Comparison {
    /// What it is as JSON.
    pub const SHAPE: Shape = Shape::new("comparison", 1);

    /// The comparison of two arms.
    pub fn new(
        synthetic: Arm,
        refined: Arm,
        seeds: Vec<u64>,
        settings: ComparisonSettings,
    ) -> Self {
        let wins = synthetic
            .values()
            .iter()
            .zip(refined.values())
            .filter(|(s, r)| r < s)
            .count();
        let relative_improvement = match synthetic.mean {
            0.0 => 0.0,
            error => 100.0 * (error - refined.mean) / error,
        };
        Self {
            synthetic,
            refined,
            references: References::default(),
            seeds,
            relative_improvement,
            refined_wins: wins,
            settings,
            answers: None,
        }
    }

    /// The raw images fitted in the way that is best for them: a refiner has to beat this.
    pub fn best_raw(&self) -> &Arm {
        match &self.references.augmented {
            Some(augmented) if augmented.mean < self.synthetic.mean => augmented,
            _ => &self.synthetic,
        }
    }

    /// The lowest mean error with refined images, alone or together with raw ones.
    pub fn best_refined(&self) -> &Arm {
        let references = &self.references;
        let others = [
            &references.refined_augmented,
            &references.both,
            &references.versions,
        ];
        let others = others.into_iter().flatten();
        others.fold(&self.refined, |best, arm| match arm.mean < best.mean {
            true => arm,
            false => best,
        })
    }

    /// Gap closed by `arm`: (raw - arm) / (raw - real labels), of mean errors, where raw is the [best](Self::best_raw). 1 is as
    /// good as labels of real images, below 0 is worse than raw images; `None` without real labels, or where they are no
    /// better than raw images.
    pub fn gap_closed(&self, arm: &Arm) -> Option<f64> {
        let raw = self.best_raw().mean;
        let gap = raw - self.references.real.as_ref()?.mean;
        (gap > 0.0).then(|| (raw - arm.mean) / gap)
    }

    /// Every arm with its name, in the order of tables.
    pub fn arms(&self) -> Vec<(ArmName, &Arm)> {
        let references = &self.references;
        let all = [
            (ArmName::Synthetic, Some(&self.synthetic)),
            (ArmName::Refined, Some(&self.refined)),
            (ArmName::Augmented, references.augmented.as_ref()),
            (
                ArmName::RefinedAugmented,
                references.refined_augmented.as_ref(),
            ),
            (ArmName::Both, references.both.as_ref()),
            (ArmName::Versions, references.versions.as_ref()),
            (ArmName::Real, references.real.as_ref()),
        ];
        all.into_iter()
            .filter_map(|(name, arm)| Some((name, arm?)))
            .collect()
    }
}
