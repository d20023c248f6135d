//! What came after the paper against trainings that oscillate or collapse: switches of Algorithm 1, all off by
//! default. `discriminator.spectral_norm` switches [`spectral_norm`] on, keys of `[training]` the others.

pub mod adversarial_loss;
pub mod augmentation;
pub mod gradient_penalty;
pub mod instance_noise;
pub mod perturbation;
pub mod spectral_norm;

use burn::tensor::Tensor;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::training::config::TrainingConfig;
use crate::{Error, Result};

use adversarial_loss::{AdversarialLoss, AdversarialLossKind};
use gradient_penalty::GradientPenalty;
use perturbation::Perturbation;

/// The switches of `[training]`, as Algorithm 1 uses them. The default is the paper.
#[derive(Clone, Debug)]
pub struct Stabilizers {
    /// Both players' adversarial loss.
    pub loss: AdversarialLoss,
    /// What happens to images before D sees them.
    pub perturbation: Perturbation,
    /// R1 on real images.
    pub gradient_penalty: GradientPenalty,
}

/// Where the random streams of [`Stabilizers`] stand, for a checkpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StabilizerStreams {
    augmentation: ChaCha8Rng,
    instance_noise: ChaCha8Rng,
    gradient_penalty: ChaCha8Rng,
}

impl Default for Stabilizers {
    fn default() -> Self {
        Self::new(&TrainingConfig::default())
    }
}

impl Stabilizers {
    /// The stabilizers that `config` asks for, at the start of a training.
    pub fn new(config: &TrainingConfig) -> Self {
        Self {
            loss: AdversarialLoss::new(config),
            perturbation: Perturbation::new(config),
            gradient_penalty: GradientPenalty::new(config),
        }
    }

    /// `images` as D is to see them: see [`Perturbation::apply`].
    pub fn shown(&mut self, images: Tensor<4>) -> Tensor<4> {
        self.perturbation.apply(images)
    }

    /// Where the random streams stand.
    pub fn streams(&self) -> StabilizerStreams {
        StabilizerStreams {
            augmentation: self.perturbation.augmentation.rng.clone(),
            instance_noise: self.perturbation.noise.rng.clone(),
            gradient_penalty: self.gradient_penalty.rng.clone(),
        }
    }

    /// Goes on where `streams` stood.
    pub fn resume(&mut self, streams: StabilizerStreams) {
        self.perturbation.augmentation.rng = streams.augmentation;
        self.perturbation.noise.rng = streams.instance_noise;
        self.gradient_penalty.rng = streams.gradient_penalty;
    }
}

/// Checks the stabilizers' keys of `[training]`.
pub(crate) fn validate(config: &TrainingConfig) -> Result<()> {
    let refuse = |key: &str, value: &dyn std::fmt::Display, allowed: &str| {
        Err(Error::config(format!(
            "`training.{key}` is {value}, must {allowed}"
        )))
    };
    let (smoothing, noise) = (config.label_smoothing, config.instance_noise);
    if !(0.0..0.5).contains(&smoothing) {
        return refuse("label_smoothing", &smoothing, "lie in 0..0.5");
    }
    let loss = config.adversarial_loss;
    if smoothing > 0.0 && loss != AdversarialLossKind::CrossEntropy {
        return Err(Error::config(format!(
            "`training.label_smoothing` is {smoothing}, but `training.adversarial_loss` has no labels to smooth"
        ))
        .with_hint("set training.label_smoothing=0 or training.adversarial_loss=cross-entropy"));
    }
    if !(0.0..=2.0).contains(&noise) {
        return refuse("instance_noise", &noise, "lie in 0..=2");
    }
    let penalty = config.gradient_penalty;
    if !(penalty.is_finite() && penalty >= 0.0) {
        return refuse("gradient_penalty", &penalty, "be 0 or above");
    }
    if config.gradient_penalty_every == 0 {
        return refuse("gradient_penalty_every", &0, "be at least 1");
    }
    let kinds = &config.augmentation;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;
    use crate::training::Config;

    fn config(overrides: &[&str]) -> Result<Config> {
        let overrides: Vec<String> = overrides.iter().map(|&s| s.to_owned()).collect();
        let config: Config = settings::load(None, &overrides)?;
        config.validate().map(|()| config)
    }

    #[test]
    fn every_switch_is_a_key() {
        let config = config(&[
            "refiner.output=residual",
            "discriminator.spectral_norm=true",
            "training.adversarial_loss=least-squares",
            "training.instance_noise=0.1",
            "training.augmentation=[\"brightness\", \"contrast\", \"translation\", \"cutout\"]",
            "training.gradient_penalty=5",
            "training.gradient_penalty_every=4",
        ])
        .unwrap();
        assert_eq!(config.training.augmentation.len(), 4);
        assert_eq!(
            config.training.adversarial_loss,
            AdversarialLossKind::LeastSquares
        );
        let again: Config = settings::parse(&settings::to_toml(&config).unwrap(), "again").unwrap();
        assert_eq!(again, config);
    }

    #[test]
    fn values_out_of_range_name_their_key() {
        for (key, value) in [
            ("refiner.output", "sharp"),
            ("training.adversarial_loss", "wasserstein"),
            ("training.label_smoothing", "0.5"),
            ("training.label_smoothing", "-0.1"),
            ("training.instance_noise", "nan"),
            ("training.instance_noise", "-1"),
            ("training.augmentation", "[\"cutout\", \"cutout\"]"),
            ("training.augmentation", "[\"flip\"]"),
            ("training.gradient_penalty", "-1"),
            ("training.gradient_penalty", "inf"),
            ("training.gradient_penalty_every", "0"),
        ] {
            let error = config(&[&format!("{key}={value}")])
                .unwrap_err()
                .to_string();
            let name = key.split('.').next_back().unwrap();
            assert!(error.contains(name), "{key}={value}: {error}");
        }
    }

    #[test]
    fn smoothing_without_labels_is_refused() {
        let error = config(&[
            "training.label_smoothing=0.1",
            "training.adversarial_loss=hinge",
        ]);
        assert!(error.unwrap_err().to_string().contains("no labels"));
        config(&["training.label_smoothing=0.1"]).unwrap();
    }
}
