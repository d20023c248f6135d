//! Section `[estimator]` of a configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::nets::optimizer::rates::rise_and_fall;
use crate::tasks::adaptation::AdaptationConfig;
use crate::tasks::augmentation::AugmentationConfig;
use crate::tasks::gaze::GazeCnnConfig;
use crate::tasks::hourglass::{HourglassConfig, HourglassShape};
use crate::tasks::network::NetworkShape;
use crate::tasks::rows::Rows;
use crate::tasks::standardization::Standardization;
use crate::tasks::target::Target;
use crate::tasks::task::Task;
use simgan_base::{Error, Result};

/// Which estimator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EstimatorKind {
    /// The convolutional network of the paper's section 3.1 ([`super::gaze::GazeCnn`]).
    #[default]
    Cnn,
    /// Stacked hourglasses that find points by heat maps ([`super::hourglass`]), as the paper has for hands.
    Hourglass,
    /// The mean of the k nearest training images ([`super::knn::Knn`]), a baseline of the paper's Table 3.
    Knn,
}

/// How the network's weights are updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EstimatorOptimizer {
    /// Adam: beta 0.9 and 0.999, epsilon 1e-8.
    #[default]
    Adam,
    /// Gradient descent with momentum 0.9.
    Sgd,
}

/// How the learning rate changes over the steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LearningRateSchedule {
    /// Always the same, as in the paper.
    Constant,
    /// Rises to `learning_rate` over the first twentieth of the steps, for Adam's first steps are as long as its
    /// others however rough its estimate, then falls to 0 along half a cosine.
    #[default]
    Cosine,
}

/// Share of the steps in which the cosine schedule's rate rises.
const WARMUP: f64 = 0.05;

/// Everything that decides what an estimator learns, apart from the data and the seed.
///
/// The paper (section 3.1) gives the layers, the L2 loss, a learning rate of 0.001 and batches of 512
/// for all of its networks. It is silent on optimizer, initialisation, weight decay and stopping rule
/// of the gaze network: those are choices of this implementation, sized so that one fit on 3,000 images
/// takes minutes on two CPU cores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EstimatorConfig {
    /// Which estimator.
    pub kind: EstimatorKind,
    /// Label columns to regress; empty means the gaze direction.
    pub targets: Vec<String>,
    /// Names of the points whose places are estimated instead: of `tip` the label columns are `tip_x` and `tip_y`, or `tip_u` and
    /// `tip_v`; `A,B` are two columns themselves. Empty: none.
    pub points: Vec<String>,
    /// Number of classes where the one target is a class number from 0; 0: targets are quantities.
    pub classes: usize,
    /// Length of a training in updates of the weights. The same number for every data set: equal budgets.
    pub steps: usize,
    /// Images an update.
    pub batch_size: usize,
    /// Learning rate of the first step.
    pub learning_rate: f64,
    /// How the learning rate changes.
    pub schedule: LearningRateSchedule,
    /// How the weights are updated.
    pub optimizer: EstimatorOptimizer,
    /// L2 penalty added to the gradient; 0 is none.
    pub weight_decay: f32,
    /// Part of the training (synthetic) images held out for early stopping, 0..1; 0 keeps none and the last weights.
    pub validation_fraction: f64,
    /// Steps between two looks at the held-out part.
    pub validate_every: usize,
    /// Looks without improvement after which training stops; 0 never stops early.
    pub patience: usize,
    /// At most so many training images are used, drawn by the seed; 0 is all.
    pub max_images: usize,
    /// Neighbours of the k-NN estimator.
    pub k: usize,
    /// Feature maps of the network's five convolutions.
    pub feature_maps: [usize; 5],
    /// Width of the network's fully connected layer.
    pub hidden: usize,
    /// The network of stacked hourglasses.
    pub hourglass: HourglassConfig,
    /// What happens to the network's training images on their way.
    pub augmentation: AugmentationConfig,
    /// How it learns from unlabelled real images, where a fit is given any.
    pub adaptation: AdaptationConfig,
}

impl Default for EstimatorConfig {
    fn default() -> Self {
        Self {
            kind: EstimatorKind::Cnn,
            targets: Vec::new(),
            points: Vec::new(),
            classes: 0,
            steps: 300,
            batch_size: 64,
            learning_rate: 0.001,
            schedule: LearningRateSchedule::Cosine,
            optimizer: EstimatorOptimizer::Adam,
            weight_decay: 0.0,
            validation_fraction: 0.1,
            validate_every: 50,
            patience: 5,
            max_images: 0,
            k: 10,
            feature_maps: [32, 32, 64, 80, 192],
            hidden: 1000,
            hourglass: HourglassConfig::default(),
            augmentation: AugmentationConfig::default(),
            adaptation: AdaptationConfig::default(),
        }
    }
}

impl EstimatorConfig {
    /// What is regressed.
    pub fn target(&self) -> Target {
        match self.classes {
            0 if !self.points.is_empty() => Target::Points(self.points.clone()),
            0 => Target::from_columns(&self.targets),
            classes => Target::Class {
                column: self
                    .targets
                    .first()
                    .map_or("class", String::as_str)
                    .to_owned(),
                classes,
            },
        }
    }

    /// The same, but for what is regressed.
    #[must_use]
    pub fn with_target(self, target: &Target) -> Self {
        let task = target.task();
        Self {
            targets: task.columns(),
            points: task.points().to_vec(),
            classes: match target {
                Target::Class { classes, .. } => *classes,
                _ => 0,
            },
            ..self
        }
    }

    /// Whether it names what is regressed.
    pub fn names_target(&self) -> bool {
        !self.targets.is_empty() || !self.points.is_empty() || self.classes > 0
    }

    /// Learning rate of `step`, counted from 0.
    pub fn learning_rate_at(&self, step: usize) -> f64 {
        match self.schedule {
            LearningRateSchedule::Constant => self.learning_rate,
            LearningRateSchedule::Cosine => {
                rise_and_fall(self.learning_rate, WARMUP, step, self.steps)
            }
        }
    }

    /// Checks every range.
    ///
    /// # Errors
    /// Names the first key that is out of its range.
    pub fn validate(&self) -> Result<()> {
        at_least_one("steps", self.steps)?;
        at_least_one("batch_size", self.batch_size)?;
        at_least_one("validate_every", self.validate_every)?;
        at_least_one("k", self.k)?;
        at_least_one("hidden", self.hidden)?;
        for &maps in &self.feature_maps {
            at_least_one("feature_maps", maps)?;
        }
        let rate = self.learning_rate;
        check(
            "learning_rate",
            rate > 0.0 && rate.is_finite(),
            rate,
            "a number above 0",
        )?;
        let decay = f64::from(self.weight_decay);
        check(
            "weight_decay",
            decay >= 0.0 && decay.is_finite(),
            decay,
            "0 or above",
        )?;
        let fraction = self.validation_fraction;
        check(
            "validation_fraction",
            (0.0..1.0).contains(&fraction),
            fraction,
            "at least 0 and below 1",
        )?;
        if self.classes == 1 || self.classes > 0 && self.targets.len() > 1 {
            return Err(Error::config(format!(
                "`estimator.classes` is {} for {} targets: it must be 2 or more for one target, or 0",
                self.classes,
                self.targets.len()
            )));
        }
        if !self.points.is_empty() && (self.classes > 0 || !self.targets.is_empty()) {
            return Err(Error::config(
                "`estimator.points` stands beside `estimator.targets` or `estimator.classes`: an estimator learns one of them",
            )
            .with_hint("leave the others empty"));
        }
        self.augmentation.validate()?;
        self.adaptation.validate()?;
        self.hourglass.validate()?;
        self.target().validate()
    }

    /// Units that the estimator of `task` works in: heat maps have the image's pixels.
    pub(super) fn standardization(&self, task: &dyn Task, rows: &Rows) -> Standardization {
        match self.kind {
            EstimatorKind::Hourglass => Standardization::none(rows.dimension),
            EstimatorKind::Cnn | EstimatorKind::Knn => task.standardization(rows),
        }
    }

    /// Sizes of the network that estimates `task` from images of `image_shape` (`[channels, height, width]`).
    pub(crate) fn network(&self, task: &dyn Task, image_shape: [usize; 3]) -> NetworkShape {
        match self.kind {
            EstimatorKind::Hourglass => NetworkShape::Hourglass(HourglassShape {
                image_shape,
                points: task.points().len(),
                config: self.hourglass.clone(),
            }),
            EstimatorKind::Cnn | EstimatorKind::Knn => {
                NetworkShape::Cnn(task.network(GazeCnnConfig {
                    feature_maps: self.feature_maps,
                    hidden: self.hidden,
                    ..GazeCnnConfig::new(image_shape)
                }))
            }
        }
    }
}

fn at_least_one(key: &str, value: usize) -> Result<()> {
    check(key, value >= 1, value as f64, "at least 1")
}

fn check(key: &str, good: bool, value: f64, range: &str) -> Result<()> {
    if good {
        return Ok(());
    }
    Err(Error::config(format!(
        "`estimator.{key}` is {value}: it must be {range}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_survives_toml() {
        let config = EstimatorConfig::default();
        config.validate().unwrap();
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<EstimatorConfig>(&text).unwrap(), config);
        assert!(toml::from_str::<EstimatorConfig>("stepz = 3").is_err());
    }

    #[test]
    fn the_first_wrong_key_is_named() {
        for text in [
            "steps = 0",
            "batch_size = 0",
            "learning_rate = 0.0",
            "learning_rate = nan",
            "weight_decay = -1.0",
            "validation_fraction = 1.0",
            "validate_every = 0",
            "k = 0",
            "hidden = 0",
            "feature_maps = [1, 0, 1, 1, 1]",
            "targets = ['a', 'a']",
            "targets = ['']",
        ] {
            let config: EstimatorConfig = toml::from_str(text).unwrap();
            let key = text.split(' ').next().unwrap();
            let error = config.validate().unwrap_err().to_string();
            assert!(error.contains(key), "{text}: {error}");
        }
    }

    #[test]
    fn the_cosine_rises_at_first_and_falls_to_nearly_nothing() {
        let config = EstimatorConfig {
            steps: 100,
            ..Default::default()
        };
        assert!((config.learning_rate_at(0) - config.learning_rate / 5.0).abs() < 1e-12);
        assert!(config.learning_rate_at(4) > 0.99 * config.learning_rate);
        assert!((config.learning_rate_at(50) - config.learning_rate / 2.0).abs() < 1e-12);
        assert!(config.learning_rate_at(99) < 0.001 * config.learning_rate);
    }
}
