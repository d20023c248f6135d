//! Adaptation of an estimator to unlabelled real images while it learns from labelled synthetic ones: a mean teacher
//! (Tarvainen and Valpola, NIPS 2017, [arXiv 1703.01780](https://arxiv.org/abs/1703.01780)). The teacher is the moving average
//! of the network. Both see the same real image under different changes (light, blur, moves); the network pays for another
//! answer than the teacher's. Not in the paper.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::nets::moving_average;
use crate::tasks::augmentation::AugmentationConfig;
use crate::tasks::mini_batches::{FitStreams, MiniBatches};
use crate::tasks::network::Network;
use crate::tasks::task::Task;
use simgan_base::random::Stream;
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// Section `[estimator.adaptation]`: how a fit learns from unlabelled real images, where it is given any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdaptationConfig {
    /// Weight of the difference between both answers beside the loss on labels, above 0.
    pub weight: f64,
    /// Decay of the teacher's moving average, 0..1.
    pub decay: f64,
    /// Share of the steps before the weight is reached, along half a cosine; 0..=1. At first the teacher knows nothing.
    pub rise: f64,
}

impl Default for AdaptationConfig {
    fn default() -> Self {
        Self {
            weight: 1.0,
            decay: 0.99,
            rise: 0.5,
        }
    }
}

impl AdaptationConfig {
    /// Checks the ranges given at the fields.
    ///
    /// # Errors
    /// Names the key.
    pub fn validate(&self) -> Result<()> {
        let refuse = |key: &str, value: f64, range: &str| {
            Err(Error::config(format!(
                "`estimator.adaptation.{key}` is {value}: it must be {range}"
            )))
        };
        if !(self.weight > 0.0 && self.weight.is_finite()) {
            return refuse("weight", self.weight, "above 0");
        }
        if !(0.0..1.0).contains(&self.decay) {
            return refuse("decay", self.decay, "at least 0 and below 1");
        }
        if !(0.0..=1.0).contains(&self.rise) {
            return refuse("rise", self.rise, "0 to 1");
        }
        Ok(())
    }

    /// Weight of the step that comes after `done` of `steps`.
    fn weight_at(&self, done: usize, steps: usize) -> f64 {
        let rise = self.rise * steps as f64;
        let way = match rise > 0.0 {
            true => (done as f64 / rise).min(1.0),
            false => 1.0,
        };
        self.weight * (0.5 - 0.5 * (std::f64::consts::PI * way).cos())
    }
}

/// The teacher and what it is asked about.
pub(super) struct MeanTeacher<'a> {
    config: AdaptationConfig,
    teacher: Network,
    /// The same real images in the same order, each side with changes of its own.
    sides: [MiniBatches<'a>; 2],
}

impl<'a> MeanTeacher<'a> {
    /// A teacher that starts as `network`; `all` are the indices of the `real` images.
    pub(super) fn new(
        network: &Network,
        config: &AdaptationConfig,
        (real, all): (&'a Dataset, &'a [usize]),
        size: usize,
        augmentation: &AugmentationConfig,
        seed: u64,
    ) -> Self {
        let side = |changes| {
            let streams = FitStreams {
                order: Stream::AdaptationOrder,
                augmentation: changes,
                variants: Stream::EstimatorVariants,
            };
            MiniBatches::new(real, all, size, augmentation, seed, streams)
        };
        Self {
            config: config.clone(),
            teacher: network.valid(),
            sides: [Stream::TeacherAugmentation, Stream::StudentAugmentation].map(side),
        }
    }

    /// What the network pays for answering otherwise than the teacher, weighted.
    pub(super) fn loss(
        &mut self,
        network: &Network,
        task: &dyn Task,
        (done, steps): (usize, usize),
        device: &Device,
    ) -> Tensor<1> {
        let [teachers, students] = &mut self.sides;
        let images = teachers.next(&device.clone().inner()).images;
        let taught = Tensor::from_inner(self.teacher.forward(images));
        let images = students.next(device).images;
        let weight = self.config.weight_at(done, steps);
        task.difference(network.forward(images), taught) * weight
    }

    /// Lets the teacher follow.
    pub(super) fn follow(&mut self, network: &Network) {
        let teacher = self.teacher.clone();
        self.teacher = moving_average::update(teacher, network, self.config.decay);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weight_rises_and_stays() {
        let config = AdaptationConfig {
            weight: 2.0,
            rise: 0.5,
            ..AdaptationConfig::default()
        };
        assert_eq!(config.weight_at(0, 100), 0.0);
        assert!((config.weight_at(25, 100) - 1.0).abs() < 1e-12);
        assert!((config.weight_at(50, 100) - 2.0).abs() < 1e-12);
        assert!((config.weight_at(99, 100) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn wrong_values_name_their_key() {
        for text in ["weight = 0.0", "decay = 1.0", "rise = nan"] {
            let config: AdaptationConfig = toml::from_str(text).unwrap();
            let error = config.validate().unwrap_err().to_string();
            let key = text.split(' ').next().unwrap();
            assert!(error.contains(&format!("adaptation.{key}")), "{error}");
        }
    }
}
