//! The configuration of a run: every number of the paper, and those it leaves open.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::algorithm_1::constants::Constants;
use crate::discriminator::DiscriminatorConfig;
use crate::feature_transform::{FeatureTransformConfig, Kind};
use crate::history_buffer::HistoryConfig;
use crate::keypoints::KeypointConfig;
use crate::nets::optimizer::{Optimizer, OptimizerKind, Rule};
use crate::refiner::RefinerConfig;
use crate::stabilizers::StabilizerConfig;
use crate::stabilizers::adversarial_loss::AdversarialLossKind;
use crate::stabilizers::augmentation::AugmentationKind;
use crate::task_consistency::TaskConsistencyConfig;
use crate::tasks::EstimatorConfig;
use crate::training::schedule::ScheduleConfig;
use simgan_base::{Error, Result};
use simgan_data::preprocessing::CropKind;
use simgan_data::{HoldConfig, Preprocessing};

/// Everything a run depends on besides the data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Algorithm 1 and its optimizers.
    pub training: TrainingConfig,
    /// Learning rates over time.
    pub schedule: ScheduleConfig,
    /// The history of refined images.
    pub history: HistoryConfig,
    /// The feature transform of the self-regularization.
    pub psi: FeatureTransformConfig,
    /// Labelled points that stay in their places.
    pub keypoints: KeypointConfig,
    /// What may change inside boxes and masks.
    pub hold: HoldConfig,
    /// Answers of an estimator that stay as they are.
    pub task_consistency: TaskConsistencyConfig,
    /// The refiner R.
    pub refiner: RefinerConfig,
    /// The discriminator D.
    pub discriminator: DiscriminatorConfig,
    /// The chain that both sides go through.
    pub preprocessing: Preprocessing,
    /// The estimator of `fit` and `compare`.
    pub estimator: EstimatorConfig,
}

/// Section `[training]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// T, iterations of Algorithm 1: K_g refiner and K_d discriminator updates each. Unknown in the paper.
    pub steps: usize,
    /// b, images a mini-batch and side; even. Paper: 512 for the eyes.
    pub batch_size: usize,
    /// Weight of the mean absolute difference against the mean patch cross-entropy. Unknown in the
    /// paper; a lambda on the paper's sums is worth 15.3 times as much here for 55x35 eyes (see [`losses`](crate::losses)).
    pub lambda: f64,
    /// K_g, refiner updates an iteration. Paper: "twice", for the eyes also "50".
    pub k_g: usize,
    /// K_d, discriminator updates an iteration. Paper: 1.
    pub k_d: usize,
    /// Refiner updates with self-regularization alone, before anything else. Paper: 1,000 (eyes), 500 (hands).
    pub refiner_warmup: usize,
    /// Discriminator updates before Algorithm 1. Paper: 200.
    pub discriminator_warmup: usize,
    /// Learning rate of R. Paper: 0.001 (eyes), 0.0002 (hands).
    pub learning_rate_refiner: f64,
    /// Learning rate of D. Paper: as R.
    pub learning_rate_discriminator: f64,
    /// `sgd` (the paper) or `adam`.
    pub optimizer: OptimizerKind,
    /// Momentum of `sgd`, 0..1. Unknown in the paper.
    pub momentum: f64,
    /// First-moment decay of `adam`, 0..1.
    pub adam_beta_1: f64,
    /// Second-moment decay of `adam`, 0..1.
    pub adam_beta_2: f64,
    /// Largest global norm of a network's gradient; larger ones are scaled down. 0: no limit.
    pub gradient_clip: f64,
    /// The adversarial loss of both players: `cross-entropy` (the paper), `least-squares` or `hinge`.
    pub adversarial_loss: AdversarialLossKind,
    /// Share of "refined" in D's target of real images, 0..0.5; `cross-entropy` only. 0: none.
    pub label_smoothing: f64,
    /// Standard deviation of the noise on D's images at the start, 0..=2; it fades to 0 at the end. 0: none.
    pub instance_noise: f64,
    /// Random changes of D's images, in this order; empty: none.
    pub augmentation: Vec<AugmentationKind>,
    /// Weight of R1, the squared slope of D at real images, 0 or above; 0: none.
    pub gradient_penalty: f64,
    /// Updates of D from one gradient penalty to the next; the weight is multiplied by it.
    pub gradient_penalty_every: usize,
    /// Decay of the moving average of R's weights, 0..1; 0: none. Refining uses the average if there is one.
    pub average_decay: f64,
    /// Fixes initial weights, order of images and draws from the history.
    pub seed: u64,
    /// Refuses what does not give the same numbers every time; see [`reproducibility`](crate::training::reproducibility).
    pub deterministic: bool,
    /// Iterations between checkpoints; 0: only before the first and after the last.
    pub checkpoint_every: usize,
    /// Checkpoints kept, the newest ones; 0: all.
    pub checkpoints_kept: usize,
    /// Keeps, besides the newest, the checkpoint whose refined images come nearest to real ones by the
    /// [kernel distance](crate::measures::kernel_distance) of 256 images of either side, at those that are due. No labels.
    pub keep_best: bool,
    /// Iterations (and warm-up updates) between lines of the event log.
    pub log_every: usize,
    /// Iterations between image grids; 0: only before the first and after the last.
    pub images_every: usize,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            steps: 1000,
            batch_size: 32,
            lambda: 5.0,
            k_g: 2,
            k_d: 1,
            refiner_warmup: 200,
            discriminator_warmup: 50,
            learning_rate_refiner: 0.001,
            learning_rate_discriminator: 0.001,
            optimizer: OptimizerKind::Adam,
            momentum: 0.9,
            adam_beta_1: 0.5,
            adam_beta_2: 0.999,
            gradient_clip: 0.0,
            adversarial_loss: AdversarialLossKind::CrossEntropy,
            label_smoothing: 0.0,
            instance_noise: 0.0,
            augmentation: Vec::new(),
            gradient_penalty: 0.0,
            gradient_penalty_every: 1,
            average_decay: 0.0,
            seed: 0,
            deterministic: false,
            checkpoint_every: 100,
            checkpoints_kept: 3,
            keep_best: false,
            log_every: 10,
            images_every: 100,
        }
    }
}

impl TrainingConfig {
    /// An optimizer of either network, without state.
    pub fn new_optimizer(&self) -> Optimizer {
        let rule = match self.optimizer {
            OptimizerKind::Sgd => Rule::Sgd {
                momentum: self.momentum,
            },
            OptimizerKind::Adam => Rule::Adam {
                betas: [self.adam_beta_1, self.adam_beta_2],
            },
        };
        Optimizer::new(rule, 0.0).with_gradient_clip(self.gradient_clip)
    }

    /// The keys of what came after the paper.
    pub fn stabilizers(&self) -> StabilizerConfig {
        StabilizerConfig {
            adversarial_loss: self.adversarial_loss,
            label_smoothing: self.label_smoothing,
            instance_noise: self.instance_noise,
            augmentation: self.augmentation.clone(),
            gradient_penalty: self.gradient_penalty,
            gradient_penalty_every: self.gradient_penalty_every,
            seed: self.seed,
        }
    }

    /// The constants at the start.
    pub fn constants(&self) -> Constants {
        Constants {
            lambda: self.lambda,
            k_g: self.k_g,
            k_d: self.k_d,
            average_decay: self.average_decay,
            learning_rate_refiner: self.learning_rate_refiner,
            learning_rate_discriminator: self.learning_rate_discriminator,
        }
    }
}

impl Config {
    /// Whether an estimator is fitted to the raw synthetic images before the training.
    pub fn needs_estimator(&self) -> bool {
        self.task_consistency.is_on() || self.psi.kind == Kind::Estimator
    }

    /// Checks every value that has a range.
    ///
    /// # Errors
    /// The first value out of its range, by its key.
    pub fn validate(&self) -> Result<()> {
        self.training.validate()?;
        self.schedule.validate()?;
        self.refiner.validate()?;
        self.discriminator.validate()?;
        self.psi.validate()?;
        self.keypoints.validate()?;
        self.hold.validate()?;
        self.task_consistency.validate()?;
        self.preprocessing.validate()?;
        self.estimator.validate()?;
        if self.history.enabled && self.history.size < self.training.batch_size {
            return Err(Error::config(format!(
                "`history.size` is {}, smaller than `training.batch_size` ({})",
                self.history.size, self.training.batch_size
            ))
            .with_hint("use a larger history, or switch it off with history.enabled=false"));
        }
        if self.hold.is_on() && self.preprocessing.crop.kind == CropKind::Random {
            return Err(Error::config(
                "`hold` holds boxes or masks, but preprocessing.crop.kind is random: they do not follow random parts",
            )
            .with_hint("set another preprocessing.crop.kind, or leave [hold] out"));
        }
        Ok(())
    }
}

impl TrainingConfig {
    fn validate(&self) -> Result<()> {
        if self.batch_size < 2 || self.batch_size % 2 == 1 {
            return Err(Error::config(format!(
                "`training.batch_size` is {}, must be even and at least 2",
                self.batch_size
            ))
            .with_hint("half of each discriminator batch comes from the history"));
        }
        for (key, value) in [
            ("steps", self.steps),
            ("k_g", self.k_g),
            ("k_d", self.k_d),
            ("log_every", self.log_every),
        ] {
            if value == 0 {
                return Err(Error::config(format!(
                    "`training.{key}` is 0, must be at least 1"
                )));
            }
        }
        for (key, rate) in [
            ("learning_rate_refiner", self.learning_rate_refiner),
            (
                "learning_rate_discriminator",
                self.learning_rate_discriminator,
            ),
        ] {
            if !(rate.is_finite() && rate > 0.0) {
                return Err(Error::config(format!(
                    "`training.{key}` is {rate}, must be above 0"
                )));
            }
        }
        for (key, value) in [
            ("lambda", self.lambda),
            ("gradient_clip", self.gradient_clip),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(Error::config(format!(
                    "`training.{key}` is {value}, must be 0 or above"
                )));
            }
        }
        for (key, value) in [
            ("momentum", self.momentum),
            ("adam_beta_1", self.adam_beta_1),
            ("adam_beta_2", self.adam_beta_2),
            ("average_decay", self.average_decay),
        ] {
            if !(0.0..1.0).contains(&value) {
                return Err(Error::config(format!(
                    "`training.{key}` is {value}, must lie in 0..1"
                )));
            }
        }
        self.stabilizers().validate()
    }
}
