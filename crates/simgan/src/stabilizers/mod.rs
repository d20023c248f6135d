//! What came after the paper against trainings that oscillate or collapse: switches of Algorithm 1, all off by
//! default. `discriminator.spectral_norm` switches [`spectral_norm`](crate::nets::spectral_norm) on, keys of `[training]` the others.

pub mod adversarial_loss;
pub mod augmentation;
mod config;
pub mod draws;
pub mod gradient_penalty;
pub mod instance_noise;
pub mod perturbation;

use burn::tensor::Tensor;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::parallel::Share;
use adversarial_loss::AdversarialLoss;
pub use config::StabilizerConfig;
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
        Self::new(&StabilizerConfig::default())
    }
}

impl Stabilizers {
    /// The stabilizers that `config` asks for, at the start of a training.
    pub fn new(config: &StabilizerConfig) -> Self {
        Self {
            loss: AdversarialLoss::new(config.adversarial_loss, config.label_smoothing),
            perturbation: Perturbation::new(config),
            gradient_penalty: GradientPenalty::new(
                config.gradient_penalty,
                config.gradient_penalty_every,
                config.seed,
            ),
        }
    }

    /// Computes this `share` of every mini-batch; what is drawn is as for the whole of it.
    pub fn with_share(mut self, share: Share) -> Self {
        self.perturbation.augmentation.draws.share = share;
        self.perturbation.noise.draws.share = share;
        self.gradient_penalty.draws.share = share;
        self
    }

    /// `images` as D is to see them: see [`Perturbation::apply`].
    pub fn shown(&mut self, images: Tensor<4>) -> Tensor<4> {
        self.perturbation.apply(images)
    }

    /// Where the random streams stand.
    pub fn streams(&self) -> StabilizerStreams {
        StabilizerStreams {
            augmentation: self.perturbation.augmentation.draws.rng.clone(),
            instance_noise: self.perturbation.noise.draws.rng.clone(),
            gradient_penalty: self.gradient_penalty.draws.rng.clone(),
        }
    }

    /// Goes on where `streams` stood.
    pub fn resume(&mut self, streams: StabilizerStreams) {
        self.perturbation.augmentation.draws.rng = streams.augmentation;
        self.perturbation.noise.draws.rng = streams.instance_noise;
        self.gradient_penalty.draws.rng = streams.gradient_penalty;
    }
}
