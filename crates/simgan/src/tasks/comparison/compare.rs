//! Fits and scores every arm of a comparison.

use burn::tensor::Device;

use crate::tasks::comparison::answers::Answers;
use crate::tasks::comparison::arm::{Arm, ArmName};
use crate::tasks::comparison::settings::{CompareData, CompareOptions, ComparisonSettings};
use crate::tasks::comparison::{Comparison, References};
use crate::tasks::config::EstimatorConfig;
use crate::tasks::counterparts::check_counterparts;
use crate::tasks::fit::{FitOptions, FitProgress};
use crate::tasks::fit_and_evaluate::fit_and_score;
use crate::tasks::scores::Scored;
use crate::tasks::target::Target;
use simgan_base::{Error, Result};
use simgan_data::Dataset;

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
/// No seed, arms that are not the same images with the same labels, and those of [`fit_and_evaluate`](crate::tasks::fit_and_evaluate()).
pub fn compare(
    data: &CompareData<'_>,
    config: &EstimatorConfig,
    options: &CompareOptions,
    device: &Device,
    progress: &mut dyn FnMut(CompareProgress),
) -> Result<Comparison> {
    check_arms(data.raw, data.refined, config)?;
    for version in data.versions {
        check_arms(data.raw, version, config)?;
    }
    check_seeds(&options.seeds)?;
    let [plain, augmented] = options.estimators(config);
    let on_real = estimator_on_real(data, &plain)?;
    let mut arms = Arms {
        test: data.test,
        options,
        device,
        progress,
        fits_done: 0,
        fits: options.seeds.len() * arms(data, options),
    };
    let synthetic = arms.run(ArmName::Synthetic, data.raw, &plain)?;
    let refined = arms.run(ArmName::Refined, data.refined, &plain)?;
    let references = arms.references(data, &augmented, on_real)?;
    let settings = ComparisonSettings::of(data, config, options);
    let seeds = options.seeds.clone();
    let answers = Answers::of(&synthetic.scored, &refined.scored);
    Ok(Comparison {
        references,
        answers,
        ..Comparison::new(synthetic.arm, refined.arm, seeds, settings)
    })
}

/// How many arms are asked for.
fn arms(data: &CompareData<'_>, options: &CompareOptions) -> usize {
    2 + 2 * usize::from(options.augmented)
        + usize::from(options.both)
        + usize::from(!data.versions.is_empty())
        + usize::from(data.real.is_some())
}

/// The labelled real images, and the estimator of the labels that they have.
fn estimator_on_real<'a>(
    data: &CompareData<'a>,
    config: &EstimatorConfig,
) -> Result<Option<(&'a Dataset, EstimatorConfig)>> {
    let Some(real) = data.real else {
        return Ok(None);
    };
    let mut config = config.clone();
    config.targets = Target::on_real(&config.target(), real, data.test)?;
    Ok(Some((real, config)))
}

/// An arm, and what its scores were made of, one a seed.
struct Fitted {
    arm: Arm,
    scored: Vec<Scored>,
}

/// Runs arms one after the other and tells where they stand.
struct Arms<'a> {
    test: &'a Dataset,
    options: &'a CompareOptions,
    device: &'a Device,
    progress: &'a mut dyn FnMut(CompareProgress),
    fits_done: usize,
    fits: usize,
}

impl Arms<'_> {
    /// What else is asked for.
    fn references(
        &mut self,
        data: &CompareData<'_>,
        augmented: &EstimatorConfig,
        on_real: Option<(&Dataset, EstimatorConfig)>,
    ) -> Result<References> {
        let mut references = References::default();
        if self.options.augmented {
            let (raw, refined) = (ArmName::Augmented, ArmName::RefinedAugmented);
            references.augmented = Some(self.run(raw, data.raw, augmented)?.arm);
            references.refined_augmented = Some(self.run(refined, data.refined, augmented)?.arm);
        }
        if self.options.both {
            let variants = [data.refined.clone()];
            let fitted = self.run_on(ArmName::Both, data.raw, &variants, augmented)?;
            references.both = Some(fitted.arm);
        }
        if !data.versions.is_empty() {
            let fitted = self.run_on(ArmName::Versions, data.raw, data.versions, augmented)?;
            references.versions = Some(fitted.arm);
        }
        if let Some((real, config)) = on_real {
            references.real = Some(self.run(ArmName::Real, real, &config)?.arm);
        }
        Ok(references)
    }

    /// One fit and one score a seed.
    fn run(&mut self, arm: ArmName, data: &Dataset, config: &EstimatorConfig) -> Result<Fitted> {
        self.run_on(arm, data, &[], config)
    }

    /// The same on `data` and other versions of it.
    fn run_on(
        &mut self,
        arm: ArmName,
        data: &Dataset,
        variants: &[Dataset],
        config: &EstimatorConfig,
    ) -> Result<Fitted> {
        let (mut scored, mut reports) = (Vec::new(), Vec::new());
        for &seed in &self.options.seeds {
            let (fits_done, fits) = (self.fits_done, self.fits);
            let mut told = |fit: FitProgress| {
                (self.progress)(CompareProgress {
                    arm,
                    seed,
                    fits_done,
                    fits,
                    fit,
                });
            };
            let preprocessing = self.options.preprocessing.clone();
            let (score, report) = fit_and_score(
                data,
                self.test,
                config,
                &FitOptions {
                    variants: variants.to_vec(),
                    seed,
                    preprocessing,
                    ..FitOptions::default()
                },
                &self.options.scoring(),
                self.device,
                &mut told,
            )?;
            scored.push(score);
            reports.push(report);
            self.fits_done += 1;
        }
        let evaluations = scored.iter().map(|score| score.evaluation.clone());
        let arm = Arm::new(evaluations.collect(), reports);
        Ok(Fitted { arm, scored })
    }
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

/// Refined images are as many as the raw ones, of the same shape, with the same labels.
fn check_arms(raw: &Dataset, refined: &Dataset, config: &EstimatorConfig) -> Result<()> {
    check_counterparts(raw, refined)?;
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
