//! The stabilizers' keys of section `[training]`.

use super::adversarial_loss::AdversarialLossKind;
use super::augmentation::AugmentationKind;
use simgan_base::{Error, Result};

/// What is switched on. The default is the paper.
#[derive(Clone, Debug)]
pub struct StabilizerConfig {
    /// The adversarial loss of both players.
    pub adversarial_loss: AdversarialLossKind,
    /// Share of "refined" in D's target of real images, 0..0.5.
    pub label_smoothing: f64,
    /// Standard deviation of the noise on D's images at the start, 0..=2.
    pub instance_noise: f64,
    /// Random changes of D's images, in this order.
    pub augmentation: Vec<AugmentationKind>,
    /// Weight of R1, 0 or above.
    pub gradient_penalty: f64,
    /// Updates of D from one gradient penalty to the next.
    pub gradient_penalty_every: usize,
    /// Seed of the random streams.
    pub seed: u64,
}

impl Default for StabilizerConfig {
    fn default() -> Self {
        Self {
            adversarial_loss: AdversarialLossKind::CrossEntropy,
            label_smoothing: 0.0,
            instance_noise: 0.0,
            augmentation: Vec::new(),
            gradient_penalty: 0.0,
            gradient_penalty_every: 1,
            seed: 0,
        }
    }
}

impl StabilizerConfig {
    /// Checks the ranges given at the fields.
    ///
    /// # Errors
    /// The first value out of its range, by its key.
    pub fn validate(&self) -> Result<()> {
        let refuse = |key: &str, value: &dyn std::fmt::Display, allowed: &str| {
            Err(Error::config(format!(
                "`training.{key}` is {value}, must {allowed}"
            )))
        };
        let (smoothing, noise) = (self.label_smoothing, self.instance_noise);
        if !(0.0..0.5).contains(&smoothing) {
            return refuse("label_smoothing", &smoothing, "lie in 0..0.5");
        }
        let loss = self.adversarial_loss;
        if smoothing > 0.0 && loss != AdversarialLossKind::CrossEntropy {
            return Err(Error::config(format!(
                "`training.label_smoothing` is {smoothing}, but `training.adversarial_loss` has no labels to smooth"
            ))
            .with_hint("set training.label_smoothing=0 or training.adversarial_loss=cross-entropy"));
        }
        if !(0.0..=2.0).contains(&noise) {
            return refuse("instance_noise", &noise, "lie in 0..=2");
        }
        let penalty = self.gradient_penalty;
        if !(penalty.is_finite() && penalty >= 0.0) {
            return refuse("gradient_penalty", &penalty, "be 0 or above");
        }
        if self.gradient_penalty_every == 0 {
            return refuse("gradient_penalty_every", &0, "be at least 1");
        }
        let kinds = &self.augmentation;
        match kinds
            .iter()
            .enumerate()
            .find(|(i, kind)| kinds[..*i].contains(kind))
        {
            Some((_, kind)) => refuse(
                "augmentation",
                &format!("{kinds:?}"),
                &format!("name {kind:?} once"),
            ),
            None => Ok(()),
        }
    }
}
