//! What happens to an image before D sees it: first the augmentation, then the noise.

use burn::tensor::Tensor;

use crate::stabilizers::StabilizerConfig;
use crate::stabilizers::augmentation::Augmentation;
use crate::stabilizers::instance_noise::InstanceNoise;

/// Random, differentiable changes of real and refined images alike, in both players' updates.
#[derive(Clone, Debug)]
pub struct Perturbation {
    /// First.
    pub augmentation: Augmentation,
    /// Then.
    pub noise: InstanceNoise,
}

impl Perturbation {
    /// The changes that `config` asks for.
    pub fn new(config: &StabilizerConfig) -> Self {
        Self {
            augmentation: Augmentation::new(&config.augmentation, config.seed),
            noise: InstanceNoise::new(config.instance_noise, config.seed),
        }
    }

    /// `images` as D is to see them; gradients flow through.
    ///
    /// # Shapes
    /// - `images`, result: `[batch, channels, height, width]`; values may leave [-1, 1]
    pub fn apply(&mut self, images: Tensor<4>) -> Tensor<4> {
        self.noise.apply(self.augmentation.apply(images))
    }
}
