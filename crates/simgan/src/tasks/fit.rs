//! Fitting an estimator to a labelled data set.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::nets::optimizer::{Optimizer, Rule};
use crate::tasks::config::{EstimatorConfig, EstimatorKind, EstimatorOptimizer};
use crate::tasks::estimator::{Estimator, EstimatorManifest, Predictor, numbers, predict_cnn};
use crate::tasks::gaze::GazeCnn;
use crate::tasks::knn::Knn;
use crate::tasks::mini_batches::{FitStreams, MiniBatches};
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
    config.validate()?;
    if i64::try_from(options.seed).is_err() {
        return Err(Error::config(format!(
            "seed {} is above 2^63 - 1",
            options.seed
        )));
    }
    let start = std::time::Instant::now();
    let samples = Samples::new(data, config, options.seed)?;
    let mut manifest = manifest(data, config, options, &samples);
    let (predictor, mut report) = match config.kind {
        EstimatorKind::Cnn => Training::new(&samples, &manifest, device)?.run(progress)?,
        EstimatorKind::Knn => fit_knn(&samples, config, progress)?,
    };
    report.seconds = start.elapsed().as_secs_f64();
    manifest.step = report.best_step;
    Ok((
        Estimator {
            manifest,
            predictor,
        },
        report,
    ))
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
    progress: &mut dyn FnMut(FitProgress),
) -> Result<(Predictor, FitReport)> {
    let targets = samples.targets.select(&samples.training);
    let knn = Knn::fit(samples.data, &samples.training, targets, config.k)?;
    progress(FitProgress {
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

/// A training of the gaze network under way.
struct Training<'a> {
    samples: &'a Samples<'a>,
    config: &'a EstimatorConfig,
    task: Box<dyn Task>,
    device: &'a Device,
    network: GazeCnn,
    optimizer: Optimizer,
    batches: MiniBatches<'a>,
    held_out: Dataset,
    best: Option<(f32, GazeCnn)>,
    recent: Vec<f32>,
    report: FitReport,
}

impl<'a> Training<'a> {
    fn new(
        samples: &'a Samples,
        manifest: &'a EstimatorManifest,
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
        Ok(Self {
            samples,
            config: &manifest.config,
            task,
            device,
            network,
            optimizer: optimizer(&manifest.config),
            batches: MiniBatches::new(
                samples.data,
                &samples.training,
                manifest.config.batch_size,
                &augmentation,
                manifest.seed,
                FitStreams {
                    order: Stream::EstimatorOrder,
                    augmentation: Stream::EstimatorAugmentation,
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

    fn run(mut self, progress: &mut dyn FnMut(FitProgress)) -> Result<(Predictor, FitReport)> {
        for step in 1..=self.config.steps {
            let loss = self.step(step)?;
            self.report.steps = step;
            if step.is_multiple_of(self.config.validate_every) || step == self.config.steps {
                self.look(step)?;
            }
            progress(FitProgress {
                step,
                steps: self.config.steps,
                loss,
                best_validation: self.best.as_ref().map(|best| best.0),
            });
            if self.report.stopped_early {
                break;
            }
        }
        let network = match self.best {
            Some((_, network)) => network,
            None => self.network.valid(),
        };
        Ok((
            Predictor::Cnn(Box::new(network), self.device.clone()),
            self.report,
        ))
    }

    /// One update of the weights; returns the loss before it.
    fn step(&mut self, step: usize) -> Result<f32> {
        let device = self.device.clone().autodiff();
        let (indices, images) = self.batches.next(&device);
        let targets = self.samples.target_batch(&indices, &device);
        let loss = self.task.loss(self.network.forward(images), targets);
        let value = finite(scalar(loss.clone())?, step)?;
        let rate = self.config.learning_rate_at(step - 1);
        self.optimizer
            .step(&mut self.network, &loss, rate)
            .map_err(|e| e.at(&format!("step {step}")).with_hint(SMALLER_RATE))?;
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
        if self.best.as_ref().is_none_or(|best| loss < best.0) {
            self.best = Some((loss, self.network.valid()));
            self.report.best_step = step;
        }
        let patience = self.config.patience * self.config.validate_every;
        self.report.stopped_early =
            patience > 0 && step < self.config.steps && step - self.report.best_step >= patience;
        Ok(())
    }

    fn held_out_loss(&self) -> Result<f32> {
        let predictions = predict_cnn(&self.network.valid(), &self.held_out, self.device)?;
        let targets = self.samples.targets.select(&self.samples.validation);
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
