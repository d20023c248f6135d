//! Raw against refined synthetic images, by the estimator trained on each (paper, Table 2).

use burn::tensor::Device;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::config::EstimatorConfig;
use super::evaluation::{EvaluateOptions, Evaluation, Unit, evaluate};
use super::fit::{FitOptions, FitProgress, FitReport, fit};
use crate::datasets::{Dataset, Preprocessing};
use crate::metrics::summary::{mean, sample_sd};
use crate::{Error, Result};

/// One estimator's scores: every seed, and their mean and spread.
///
/// As JSON its figures carry their unit: `mean_deg`, `sd_deg`, `values_deg` (or `_px`, `_label`).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "ArmRecord")]
pub struct Arm {
    /// Mean over seeds of the mean error (sample standard deviation in `sd`).
    pub mean: f64,
    /// Sample standard deviation over seeds; 0 for one seed.
    pub sd: f64,
    /// One evaluation a seed, in the order of `Comparison::seeds`.
    pub evaluations: Vec<Evaluation>,
    /// How each fit went, in the same order.
    pub fits: Vec<FitReport>,
}

/// What of an [`Arm`] is read back; the rest follows from it.
#[derive(Deserialize)]
struct ArmRecord {
    evaluations: Vec<Evaluation>,
    #[serde(default)]
    fits: Vec<FitReport>,
}

impl From<ArmRecord> for Arm {
    fn from(record: ArmRecord) -> Self {
        Self::new(record.evaluations, record.fits)
    }
}

impl Arm {
    /// The arm of some evaluations, one a seed.
    pub fn new(evaluations: Vec<Evaluation>, fits: Vec<FitReport>) -> Self {
        let values: Vec<f64> = evaluations
            .iter()
            .map(|evaluation| evaluation.mean)
            .collect();
        Self {
            mean: mean(&values),
            sd: sample_sd(&values),
            evaluations,
            fits,
        }
    }

    /// Mean error of every seed.
    pub fn values(&self) -> Vec<f64> {
        self.evaluations
            .iter()
            .map(|evaluation| evaluation.mean)
            .collect()
    }

    /// Unit of its errors.
    pub fn unit(&self) -> Unit {
        self.evaluations
            .first()
            .map_or(Unit::Deg, |evaluation| evaluation.unit)
    }

    /// The cumulative error curve, mean over seeds.
    pub fn mean_curve(&self) -> Vec<(f64, f64)> {
        self.mean_of(|evaluation| &evaluation.curve)
    }

    /// `(threshold, percent of images within it)`, mean over seeds.
    pub fn mean_percent_within(&self) -> Vec<(f64, f64)> {
        self.mean_of(|evaluation| &evaluation.percent_within)
    }

    fn mean_of(&self, series: impl Fn(&Evaluation) -> &Vec<(f64, f64)>) -> Vec<(f64, f64)> {
        let Some(first) = self.evaluations.first() else {
            return Vec::new();
        };
        let at = |i: usize| {
            self.evaluations
                .iter()
                .filter_map(|e| series(e).get(i))
                .map(|p| p.1)
                .collect::<Vec<_>>()
        };
        series(first)
            .iter()
            .enumerate()
            .map(|(i, point)| (point.0, mean(&at(i))))
            .collect()
    }
}

impl Serialize for Arm {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let unit = self.unit().suffix();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(&format!("mean_{unit}"), &self.mean)?;
        map.serialize_entry(&format!("sd_{unit}"), &self.sd)?;
        map.serialize_entry(&format!("values_{unit}"), &self.values())?;
        map.serialize_entry("evaluations", &self.evaluations)?;
        map.serialize_entry("fits", &self.fits)?;
        map.end()
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

/// Result of `simgan compare`, kept as `comparison.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Estimator trained on the raw synthetic images.
    pub synthetic: Arm,
    /// Estimator trained on the refined images.
    pub refined: Arm,
    /// Seeds, shared by both arms.
    pub seeds: Vec<u64>,
    /// Percent by which refining lowers the mean error; negative where it raises it.
    pub relative_improvement: f64,
    /// Number of seeds on which the refined images gave the lower error.
    pub refined_wins: usize,
    /// What was compared and how.
    pub settings: ComparisonSettings,
}

/// What a comparison needs beside data and configuration.
#[derive(Clone, Debug, Default)]
pub struct CompareOptions {
    /// Seeds: one fit of each arm a seed.
    pub seeds: Vec<u64>,
    /// Real images that calibrate (0: none), chosen alike for every fit.
    pub calibrate: usize,
    /// Decides which images those are.
    pub calibration_seed: u64,
    /// Chain that the images have gone through.
    pub preprocessing: Preprocessing,
}

/// One of the two data sets an estimator is trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmName {
    /// Raw synthetic images.
    Synthetic,
    /// Refined images.
    Refined,
}

/// Told after every step of every fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompareProgress {
    /// What is trained on.
    pub arm: ArmName,
    /// Seed of the fit.
    pub seed: u64,
    /// Fits done before this one.
    pub fits_done: usize,
    /// Fits of the whole comparison.
    pub fits: usize,
    /// Where this fit stands.
    pub fit: FitProgress,
}

/// Fits the same estimator with the same budget and seeds on `raw` and on `refined` images and scores
/// both on the real labelled images `test`.
///
/// Both arms hold out the same images, draw the same mini-batches and start from the same weights.
///
/// # Errors
/// No seed, arms that are not the same images with the same labels, and those of [`fit`] and [`evaluate`].
pub fn compare(
    raw: &Dataset,
    refined: &Dataset,
    test: &Dataset,
    config: &EstimatorConfig,
    options: &CompareOptions,
    device: &Device,
    progress: &mut dyn FnMut(CompareProgress),
) -> Result<Comparison> {
    check_arms(raw, refined, config)?;
    let mut repeated = options.seeds.clone();
    repeated.sort_unstable();
    repeated.dedup();
    if repeated.is_empty() || repeated.len() != options.seeds.len() {
        return Err(Error::config(
            "a comparison needs at least one seed, each given once",
        ));
    }
    let fits = 2 * options.seeds.len();
    let mut results: [(Vec<_>, Vec<_>); 2] = Default::default();
    for (index, &seed) in options.seeds.iter().enumerate() {
        for (side, (arm, data)) in [(ArmName::Synthetic, raw), (ArmName::Refined, refined)]
            .into_iter()
            .enumerate()
        {
            let mut told = |fit| {
                progress(CompareProgress {
                    arm,
                    seed,
                    fits_done: 2 * index + side,
                    fits,
                    fit,
                });
            };
            let (evaluation, report) =
                run_one(data, test, config, options, seed, device, &mut told)?;
            results[side].0.push(evaluation);
            results[side].1.push(report);
        }
    }
    let [synthetic, refined_arm] =
        results.map(|(evaluations, reports)| Arm::new(evaluations, reports));
    let settings = settings(raw, refined, test, config, options);
    Ok(Comparison::new(
        synthetic,
        refined_arm,
        options.seeds.clone(),
        settings,
    ))
}

fn run_one(
    data: &Dataset,
    test: &Dataset,
    config: &EstimatorConfig,
    options: &CompareOptions,
    seed: u64,
    device: &Device,
    progress: &mut dyn FnMut(FitProgress),
) -> Result<(Evaluation, FitReport)> {
    let fit_options = FitOptions {
        seed,
        preprocessing: options.preprocessing.clone(),
    };
    let (estimator, report) = fit(data, config, &fit_options, device, progress)?;
    let scoring = EvaluateOptions {
        calibrate: options.calibrate,
        seed: options.calibration_seed,
    };
    Ok((evaluate(&estimator, test, &scoring)?, report))
}

/// Refining changes pixels only: as many images, of the same shape, with the same labels.
fn check_arms(raw: &Dataset, refined: &Dataset, config: &EstimatorConfig) -> Result<()> {
    if (raw.len(), raw.image_shape()) != (refined.len(), refined.image_shape()) {
        return Err(Error::data(format!(
            "the refined images are not those of the synthetic data set: {} of {:?} against {} of {:?} (channels, height, width)",
            refined.len(),
            refined.image_shape(),
            raw.len(),
            raw.image_shape()
        )));
    }
    let target = config.target();
    let (labels, refined_labels) = (target.values(raw)?, target.values(refined)?);
    match (0..raw.len()).find(|&i| labels.row(i) != refined_labels.row(i)) {
        None => Ok(()),
        Some(index) => Err(Error::data(format!(
            "the label of {} changed between the synthetic and the refined data set",
            raw.name(index)
        ))),
    }
}

fn settings(
    raw: &Dataset,
    refined: &Dataset,
    test: &Dataset,
    config: &EstimatorConfig,
    options: &CompareOptions,
) -> ComparisonSettings {
    ComparisonSettings {
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
            seeds,
            relative_improvement,
            refined_wins: wins,
            settings,
        }
    }
}
