//! Raw against refined synthetic images, by the estimator trained on each (paper, Table 2).

use std::fmt;

use burn::tensor::Device;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::augmentation::AugmentationConfig;
use super::config::EstimatorConfig;
use super::evaluation::{EvaluateOptions, Evaluation, Unit, evaluate};
use super::fit::{FitOptions, FitProgress, FitReport, fit};
use super::target::Target;
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

/// The data of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct CompareData<'a> {
    /// Raw synthetic images.
    pub raw: &'a Dataset,
    /// The same images, refined.
    pub refined: &'a Dataset,
    /// Real labelled images that score.
    pub test: &'a Dataset,
    /// Real labelled images to train on, others than `test`, for [`References::real`].
    pub real: Option<&'a Dataset>,
}

/// What a comparison needs beside data and configuration.
#[derive(Clone, Debug, Default)]
pub struct CompareOptions {
    /// Also fit on raw and on refined images under plain augmentation: that of the configuration, or else
    /// [`AugmentationConfig::plain`]. The other arms then go without.
    pub augmented: bool,
    /// Seeds: one fit of each arm a seed.
    pub seeds: Vec<u64>,
    /// Real images that calibrate (0: none), chosen alike for every fit.
    pub calibrate: usize,
    /// Decides which images those are.
    pub calibration_seed: u64,
    /// Chain that the images have gone through.
    pub preprocessing: Preprocessing,
}

/// What an estimator is trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmName {
    /// Raw synthetic images.
    Synthetic,
    /// Refined images.
    Refined,
    /// Raw images under plain augmentation.
    Augmented,
    /// Refined images under plain augmentation.
    RefinedAugmented,
    /// Labelled real images.
    Real,
}

impl fmt::Display for ArmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Synthetic => "synthetic",
            Self::Refined => "refined",
            Self::Augmented => "synthetic, augmented",
            Self::RefinedAugmented => "refined, augmented",
            Self::Real => "real",
        })
    }
}

/// One arm to be run.
struct Plan<'a> {
    name: ArmName,
    data: &'a Dataset,
    config: EstimatorConfig,
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

/// Fits the same estimator with the same budget and seeds on raw and on refined images, and on what else is asked
/// for, and scores all on the real labelled images `data.test`.
///
/// Raw and refined arms hold out the same images, draw the same mini-batches and start from the same weights.
///
/// # Errors
/// No seed, arms that are not the same images with the same labels, and those of [`fit`] and [`evaluate`].
pub fn compare(
    data: &CompareData<'_>,
    config: &EstimatorConfig,
    options: &CompareOptions,
    device: &Device,
    progress: &mut dyn FnMut(CompareProgress),
) -> Result<Comparison> {
    check_arms(data.raw, data.refined, config)?;
    check_seeds(&options.seeds)?;
    let plans = plans(data, config, options)?;
    let fits = plans.len() * options.seeds.len();
    let mut results: Vec<(Vec<_>, Vec<_>)> = plans.iter().map(|_| Default::default()).collect();
    let mut fits_done = 0;
    for &seed in &options.seeds {
        for (plan, result) in plans.iter().zip(&mut results) {
            let mut told = |fit| {
                progress(CompareProgress {
                    arm: plan.name,
                    seed,
                    fits_done,
                    fits,
                    fit,
                });
            };
            let (evaluation, report) = run_one(plan, data.test, options, seed, device, &mut told)?;
            result.0.push(evaluation);
            result.1.push(report);
            fits_done += 1;
        }
    }
    let mut arms: Vec<(ArmName, Arm)> = plans
        .iter()
        .zip(results)
        .map(|(plan, (evaluations, reports))| (plan.name, Arm::new(evaluations, reports)))
        .collect();
    let mut take = |name| {
        let place = arms.iter().position(|arm| arm.0 == name)?;
        Some(arms.swap_remove(place).1)
    };
    let none = || Arm::new(vec![], vec![]);
    let comparison = Comparison::new(
        take(ArmName::Synthetic).unwrap_or_else(none),
        take(ArmName::Refined).unwrap_or_else(none),
        options.seeds.clone(),
        settings(data, config, options),
    );
    Ok(Comparison {
        references: References {
            augmented: take(ArmName::Augmented),
            refined_augmented: take(ArmName::RefinedAugmented),
            real: take(ArmName::Real),
        },
        ..comparison
    })
}

fn check_seeds(seeds: &[u64]) -> Result<()> {
    let mut distinct = seeds.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    match distinct.is_empty() || distinct.len() != seeds.len() {
        false => Ok(()),
        true => Err(Error::config(
            "a comparison needs at least one seed, each given once",
        )),
    }
}

/// The arms in the order of tables.
fn plans<'a>(
    data: &CompareData<'a>,
    config: &EstimatorConfig,
    options: &CompareOptions,
) -> Result<Vec<Plan<'a>>> {
    let plan = |name, data, config: &EstimatorConfig| Plan {
        name,
        data,
        config: config.clone(),
    };
    let mut plain = config.clone();
    let mut augmented = config.clone();
    if options.augmented {
        plain.augmentation = AugmentationConfig::default();
        if !config.augmentation.is_on() {
            augmented.augmentation = AugmentationConfig::plain();
        }
    }
    let mut plans = vec![
        plan(ArmName::Synthetic, data.raw, &plain),
        plan(ArmName::Refined, data.refined, &plain),
    ];
    if options.augmented {
        plans.push(plan(ArmName::Augmented, data.raw, &augmented));
        plans.push(plan(ArmName::RefinedAugmented, data.refined, &augmented));
    }
    if let Some(real) = data.real {
        plain.targets = Target::on_real(&config.target(), real, data.test)?;
        plans.push(plan(ArmName::Real, real, &plain));
    }
    Ok(plans)
}

fn run_one(
    plan: &Plan<'_>,
    test: &Dataset,
    options: &CompareOptions,
    seed: u64,
    device: &Device,
    progress: &mut dyn FnMut(FitProgress),
) -> Result<(Evaluation, FitReport)> {
    let fit_options = FitOptions {
        seed,
        preprocessing: options.preprocessing.clone(),
    };
    let (estimator, report) = fit(plan.data, &plan.config, &fit_options, device, progress)?;
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
    data: &CompareData<'_>,
    config: &EstimatorConfig,
    options: &CompareOptions,
) -> ComparisonSettings {
    let CompareData {
        raw, refined, test, ..
    } = *data;
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
