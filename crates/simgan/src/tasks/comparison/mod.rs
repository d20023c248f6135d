//! Raw against refined synthetic images, by the estimator trained on each (paper, Table 2).

mod arm;
mod compare;
mod settings;
pub(crate) mod table;

use serde::{Deserialize, Serialize};

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
    /// Labelled real images: what labels are worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<Arm>,
}

impl Comparison {
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
        }
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
            (ArmName::Real, references.real.as_ref()),
        ];
        all.into_iter()
            .filter_map(|(name, arm)| Some((name, arm?)))
            .collect()
    }
}
