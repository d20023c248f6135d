//! What is compared and how.

use serde::{Deserialize, Serialize};

use crate::tasks::augmentation::AugmentationConfig;
use crate::tasks::config::EstimatorConfig;
use crate::tasks::scores::EvaluateOptions;
use simgan_data::{Dataset, Preprocessing};

/// The data of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct CompareData<'a> {
    /// Raw synthetic images.
    pub raw: &'a Dataset,
    /// The same images, refined.
    pub refined: &'a Dataset,
    /// Those that every checkpoint of the refiner refined; empty where they are not asked for.
    pub versions: &'a [Dataset],
    /// Real labelled images that score.
    pub test: &'a Dataset,
    /// Real labelled images to train on, others than `test`, for [`References::real`](super::References::real).
    pub real: Option<&'a Dataset>,
}

/// What a comparison needs beside data and configuration.
#[derive(Clone, Debug, Default)]
pub struct CompareOptions {
    /// Also fit on raw and on refined images under plain augmentation: that of the configuration, or else
    /// [`AugmentationConfig::plain`]. The other arms then go without.
    pub augmented: bool,
    /// Also fit on raw and refined images together, as augmented as the refined ones alone.
    pub both: bool,
    /// Seeds: one fit of each arm a seed.
    pub seeds: Vec<u64>,
    /// Real images that calibrate (0: none), chosen alike for every fit.
    pub calibrate: usize,
    /// Decides which images those are.
    pub calibration_seed: u64,
    /// Chain that the images have gone through.
    pub preprocessing: Preprocessing,
}

impl CompareOptions {
    /// The estimator of the arms without augmentation, and that of those with it.
    pub(super) fn estimators(&self, config: &EstimatorConfig) -> [EstimatorConfig; 2] {
        let (mut plain, mut augmented) = (config.clone(), config.clone());
        if self.augmented {
            plain.augmentation = AugmentationConfig::default();
            if !config.augmentation.is_on() {
                augmented.augmentation = AugmentationConfig::plain();
            }
        }
        [plain, augmented]
    }

    /// How every fit is scored.
    pub(super) fn scoring(&self) -> EvaluateOptions {
        EvaluateOptions {
            calibrate: self.calibrate,
            seed: self.calibration_seed,
        }
    }
}

/// What was compared and how, so that the figures can be repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonSettings {
    /// The estimator of both arms.
    pub estimator: EstimatorConfig,
    /// Chain that the images have gone through.
    pub preprocessing: Preprocessing,
    /// Images that calibrate; the same for every fit.
    pub calibrate: usize,
    /// Seed of their choice.
    pub calibration_seed: u64,
    /// Number of synthetic (and of refined) images.
    pub training_images: usize,
    /// Number of real labelled images, with those that calibrate.
    pub test_images: usize,
    /// Fingerprints of the raw, the refined and the real images.
    pub fingerprints: [String; 3],
    /// Version of this crate.
    pub version: String,
}

impl ComparisonSettings {
    pub(super) fn of(
        data: &CompareData<'_>,
        config: &EstimatorConfig,
        options: &CompareOptions,
    ) -> Self {
        let CompareData {
            raw, refined, test, ..
        } = *data;
        Self {
            estimator: config.clone(),
            preprocessing: options.preprocessing.clone(),
            calibrate: options.calibrate,
            calibration_seed: options.calibration_seed,
            training_images: raw.len(),
            test_images: test.len(),
            fingerprints: [raw, refined, test].map(Dataset::fingerprint),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
