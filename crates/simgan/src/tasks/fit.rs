//! Fitting an estimator to a labelled data set.

use std::ops::ControlFlow;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::nets::optimizer::{Optimizer, Rule};
use crate::tasks::adaptation::MeanTeacher;
use crate::tasks::config::{EstimatorConfig, EstimatorKind, EstimatorOptimizer};
use crate::tasks::counterparts::check_counterparts;
use crate::tasks::estimator::{Estimator, EstimatorManifest, Predictor, numbers, predict_batches};
use crate::tasks::knn::Knn;
use crate::tasks::mini_batches::{FitStreams, MiniBatches};
use crate::tasks::network::Network;
use crate::tasks::rows::Rows;
use crate::tasks::samples::Samples;
use crate::tasks::task::Task;
use simgan_base::random::Stream;
use simgan_base::{Error, Result};
use simgan_data::{Dataset, Preprocessing};

/// Most bytes of rendered held-out images that are kept: they are looked at again and again.
const HELD_OUT_BYTES: usize = 256 << 20;
/// What to do about numbers that explode.
const SMALLER_RATE: &str = "set a smaller estimator.learning_rate";

/// What a fit needs beside data and configuration.
#[derive(Clone, Debug, Default)]
pub struct FitOptions {
    /// Other versions of the very same images, refined ones for example: whenever the network learns from an image, one of
    /// all versions is drawn, each as likely. The held-out part shows the images themselves.
    pub variants: Vec<Dataset>,
    /// Unlabelled real images to [adapt](crate::tasks::adaptation) to. The last weights are then kept: what the network does on
    /// synthetic images it has held out says nothing of them.
    pub unlabelled: Option<Dataset>,
    /// Decides weights, held-out part and mini-batches; at most 2^63 - 1.
    pub seed: u64,
    /// Chain that the images have gone through; stored with the estimator.
    pub preprocessing: Preprocessing,
}

/// Told after every step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitProgress {
    /// Steps done.
    pub step: usize,
    /// Steps of the whole budget.
    pub steps: usize,
    /// Loss of this step's mini-batch.
    pub loss: f32,
    /// Best loss on the held-out part so far.
    pub best_validation: Option<f32>,
}

/// Called after every step; ends the fit with [`ControlFlow::Break`].
pub type FitTold<'a> = dyn FnMut(FitProgress) -> ControlFlow<()> + 'a;

/// How a fit went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FitReport {
    /// Steps done.
    pub steps: usize,
    /// Steps behind the weights that were kept.
    pub best_step: usize,
    /// Whether the held-out loss stopped improving before the budget was spent.
    pub stopped_early: bool,
    /// Images learned from.
    pub training_images: usize,
    /// Images held out of them for early stopping.
    pub validation_images: usize,
    /// `(step, mean loss of the mini-batches since the point before)`.
    pub training_curve: Vec<(usize, f32)>,
    /// `(step, loss on the held-out part)`.
    pub validation_curve: Vec<(usize, f32)>,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// Fits an estimator to `data` and tells how it went.
///
/// The network keeps the weights with the lowest loss on the held-out part, which is a fixed part of
/// `data` itself: no real image plays any role. Equal seed, configuration and data give equal weights
/// on one device.
///
/// # Errors
/// A wrong configuration, missing labels, too few or too small images, a loss that is not a number.
pub fn fit(
    data: &Dataset,
    config: &EstimatorConfig,
    options: &FitOptions,
    device: &Device,
    progress: &mut dyn FnMut(FitProgress),
) -> Result<(Estimator, FitReport)> {
    let mut told = |step| {
        progress(step);
        ControlFlow::Continue(())
    };
    fit_until(data, config, options, device, &mut told)?
        .ok_or_else(|| Error::training("the fit was stopped"))
}

/// As [`fit`], or `None` if `told` ends it with [`ControlFlow::Break`].
///
/// # Errors
/// Those of [`fit`].
pub fn fit_until(
    data: &Dataset,
    config: &EstimatorConfig,
    options: &FitOptions,
    device: &Device,
    told: &mut FitTold,
) -> Result<Option<(Estimator, FitReport)>> {
    config.validate()?;
    check_variants(data, config, options)?;
    if let Some(real) = &options.unlabelled {
        check_unlabelled(data, real, config)?;
    }
    if i64::try_from(options.seed).is_err() {
        return Err(Error::config(format!(
            "seed {} is above 2^63 - 1",
            options.seed
        )));
    }
    let start = std::time::Instant::now();
    let samples = Samples::new(data, config, options.seed)?;
    let mut manifest = manifest(data, config, options, &samples);
    let fitted = match config.kind {
        EstimatorKind::Cnn | EstimatorKind::Hourglass => {
            let real = options.unlabelled.as_ref();
            let all: Vec<usize> = (0..real.map_or(0, Dataset::len)).collect();
            let real = real.map(|real| (real, all.as_slice()));
            Training::new(&samples, &manifest, &options.variants, real, device)?.run(told)?
        }
        EstimatorKind::Knn => Some(fit_knn(&samples, config, told)?),
    };
    let Some((predictor, mut report)) = fitted else {
        return Ok(None);
    };
    report.seconds = start.elapsed().as_secs_f64();
    manifest.step = report.best_step;
    let estimator = Estimator {
        manifest,
        predictor,
    };
    Ok(Some((estimator, report)))
}

/// Versions are of the same images, and there are some only where the network draws from them.
fn check_variants(data: &Dataset, config: &EstimatorConfig, options: &FitOptions) -> Result<()> {
    if config.kind == EstimatorKind::Knn && !options.variants.is_empty() {
        return Err(
            Error::config("nearest neighbours learn from one version of the images")
                .with_hint("set estimator.kind=cnn"),
        );
    }
    let mut variants = options.variants.iter();
    variants.try_for_each(|variant| check_counterparts(data, variant))
}

fn manifest(
    data: &Dataset,
    config: &EstimatorConfig,
    options: &FitOptions,
    samples: &Samples,
) -> EstimatorManifest {
    EstimatorManifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: options.seed,
        image_shape: data.image_shape(),
        images: data.len(),
        data_fingerprint: data.fingerprint(),
        step: 0,
        target: config.target(),
        standardization: samples.standardization.clone(),
        preprocessing: options.preprocessing.clone(),
        config: config.clone(),
    }
}

fn fit_knn(
    samples: &Samples,
    config: &EstimatorConfig,
    told: &mut FitTold,
) -> Result<(Predictor, FitReport)> {
    let targets = samples.targets(&samples.training);
    let knn = Knn::fit(samples.data, &samples.training, targets, config.k)?;
    // One step, too late to be stopped.
    let _ = told(FitProgress {
        step: 1,
        steps: 1,
        loss: 0.0,
        best_validation: None,
    });
    let report = FitReport {
        training_images: samples.training.len(),
        ..FitReport::default()
    };
    Ok((Predictor::Knn(knn), report))
}

/// What an estimator adapts to has the shape of what it learns from, and only a network adapts.
fn check_unlabelled(data: &Dataset, real: &Dataset, config: &EstimatorConfig) -> Result<()> {
    if config.kind == EstimatorKind::Knn {
        return Err(
            Error::config("nearest neighbours do not adapt to unlabelled images")
                .with_hint("set estimator.kind=cnn"),
        );
    }
    if real.is_empty() || real.image_shape() != data.image_shape() {
        return Err(Error::data(format!(
            "an estimator of images of {:?} cannot adapt to {} images of {:?} (channels, height, width)",
            data.image_shape(),
            real.len(),
            real.image_shape()
        )));
    }
    Ok(())
}

/// A training of a network under way.
struct Training<'a> {
    samples: &'a Samples<'a>,
    config: &'a EstimatorConfig,
    task: Box<dyn Task>,
    device: &'a Device,
    network: Network,
    optimizer: Optimizer,
    batches: MiniBatches<'a>,
    teacher: Option<MeanTeacher<'a>>,
    held_out: Dataset,
    best: Option<(f32, Network)>,
    recent: Vec<f32>,
    report: FitReport,
}

impl<'a> Training<'a> {
    fn new(
        samples: &'a Samples,
        manifest: &'a EstimatorManifest,
        variants: &'a [Dataset],
        real: Option<(&'a Dataset, &'a [usize])>,
        device: &'a Device,
    ) -> Result<Self> {
        let network = manifest
            .network()
            .init(manifest.seed, &device.clone().autodiff())?;
        let task = manifest.target.task();
        let augmentation = manifest.config.augmentation.suited_to(&*task);
        if augmentation != manifest.config.augmentation {
            tracing::info!(
                "estimator.augmentation.shift and .zoom are left out: {} may be places in the image",
                task.names().join(", ")
            );
        }
        let teacher = real.map(|real| {
            let size = manifest.config.batch_size;
            let adaptation = &manifest.config.adaptation;
            let seed = manifest.seed;
            // Answers that are places differ where teacher and student see the image moved otherwise.
            let augmentation = match task.is_displaced() {
                true => augmentation.without_moves(),
                false => augmentation.clone(),
            };
            MeanTeacher::new(&network, adaptation, real, size, &augmentation, seed)
        });
        Ok(Self {
            samples,
            config: &manifest.config,
            task,
            teacher,
            device,
            network,
            optimizer: optimizer(&manifest.config),
            batches: MiniBatches::of_variants(
                std::iter::once(samples.data).chain(variants).collect(),
                &samples.training,
                manifest.config.batch_size,
                &augmentation,
                manifest.seed,
                FitStreams {
                    order: Stream::EstimatorOrder,
                    augmentation: Stream::EstimatorAugmentation,
                    variants: Stream::EstimatorVariants,
                },
            ),
            held_out: samples
                .data
                .subset(&samples.validation)
                .rendered_once(HELD_OUT_BYTES)?,
            best: None,
            recent: Vec::new(),
            report: FitReport {
                training_images: samples.training.len(),
                validation_images: samples.validation.len(),
                ..FitReport::default()
            },
        })
    }

    fn run(mut self, told: &mut FitTold) -> Result<Option<(Predictor, FitReport)>> {
        for step in 1..=self.config.steps {
            let loss = self.step(step)?;
            self.report.steps = step;
            if step.is_multiple_of(self.config.validate_every) || step == self.config.steps {
                self.look(step)?;
            }
            let told = told(FitProgress {
                step,
                steps: self.config.steps,
                loss,
                best_validation: self.best.as_ref().map(|best| best.0),
            });
            if told.is_break() {
                return Ok(None);
            }
            if self.report.stopped_early {
                break;
            }
        }
        let network = match self.best {
            Some((_, network)) => network,
            None => self.network.valid(),
        };
        let predictor = Predictor::Network(Box::new(network), self.device.clone());
        Ok(Some((predictor, self.report)))
    }

    /// One update of the weights; returns the loss before it.
    fn step(&mut self, step: usize) -> Result<f32> {
        let device = self.device.clone().autodiff();
        let batch = self.batches.next(&device);
        let targets = self.samples.target_batch(&batch, &device);
        let mut loss = self.network.loss(&*self.task, batch.images, targets);
        if let Some(teacher) = &mut self.teacher {
            let place = (step - 1, self.config.steps);
            loss = loss + teacher.loss(&self.network, &*self.task, place, &device);
        }
        let value = finite(scalar(loss.clone())?, step)?;
        let rate = self.config.learning_rate_at(step - 1);
        self.optimizer
            .step(&mut self.network, &loss, rate)
            .map_err(|e| e.at(&format!("step {step}")).with_hint(SMALLER_RATE))?;
        if let Some(teacher) = &mut self.teacher {
            teacher.follow(&self.network);
        }
        self.recent.push(value);
        Ok(value)
    }

    /// Scores the held-out part, keeps the best weights and decides whether to stop.
    fn look(&mut self, step: usize) -> Result<()> {
        let mean = self.recent.iter().sum::<f32>() / self.recent.len() as f32;
        self.recent.clear();
        self.report.training_curve.push((step, mean));
        if self.held_out.is_empty() {
            self.report.best_step = step;
            return Ok(());
        }
        let loss = finite(self.held_out_loss()?, step)?;
        self.report.validation_curve.push((step, loss));
        if self.teacher.is_some() || self.best.as_ref().is_none_or(|best| loss < best.0) {
            self.best = Some((loss, self.network.valid()));
            self.report.best_step = step;
        }
        let patience = self.config.patience * self.config.validate_every;
        self.report.stopped_early =
            patience > 0 && step < self.config.steps && step - self.report.best_step >= patience;
        Ok(())
    }

    fn held_out_loss(&self) -> Result<f32> {
        let predictions = predict_batches(&self.network.valid(), &self.held_out, self.device)?;
        let targets = self.samples.targets(&self.samples.validation);
        Ok(mean_loss(&*self.task, &predictions, &targets))
    }
}

/// The optimizer that the configuration names.
pub fn optimizer(config: &EstimatorConfig) -> Optimizer {
    let rule = match config.optimizer {
        EstimatorOptimizer::Adam => Rule::Adam {
            betas: [0.9, 0.999],
        },
        EstimatorOptimizer::Sgd => Rule::Sgd { momentum: 0.9 },
    };
    Optimizer::new(rule, f64::from(config.weight_decay))
}

fn scalar(loss: Tensor<1>) -> Result<f32> {
    Ok(numbers(loss.into_data())?
        .first()
        .copied()
        .unwrap_or(f32::NAN))
}

fn finite(loss: f32, step: usize) -> Result<f32> {
    if loss.is_finite() {
        return Ok(loss);
    }
    Err(
        Error::training(format!("the estimator's loss is {loss} at step {step}"))
            .with_hint(SMALLER_RATE),
    )
}

/// The loss of numbers that are known already, mean over the images.
fn mean_loss(task: &dyn Task, predictions: &Rows, targets: &Rows) -> f32 {
    (task.total_loss(predictions, targets) / targets.len() as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::target::Target;
    use burn::tensor::TensorData;

    #[test]
    fn both_forms_agree_and_equal_scores_cost_the_logarithm_of_their_number() {
        let rows = |values: &[f32]| Rows {
            dimension: 3,
            values: values.to_vec(),
        };
        let tensor = |rows: &Rows| {
            let data = TensorData::new(rows.values.clone(), [rows.len(), 3]);
            Tensor::<2>::from_data(data, &Device::default())
        };
        let class = Target::Class {
            column: "class".into(),
            classes: 3,
        };
        let scores = rows(&[1.0, -2.0, 0.5, 3.0, 3.0, 3.0]);
        let target = rows(&[0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        for kind in [&Target::Gaze, &class] {
            let value: f32 = kind
                .task()
                .loss(tensor(&scores), tensor(&target))
                .into_scalar();
            assert!((value - mean_loss(&*kind.task(), &scores, &target)).abs() < 1e-5);
        }
        let even = mean_loss(&*class.task(), &rows(&[7.0; 3]), &rows(&[0.0, 1.0, 0.0]));
        assert!((even - 3f32.ln()).abs() < 1e-6);
    }
}
