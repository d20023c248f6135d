//! Instance noise: white noise on every image that D sees, so that the distributions of real and refined images
//! overlap and D cannot be perfect early on (Sønderby et al., ICLR 2017, [arXiv 1610.04490](https://arxiv.org/abs/1610.04490);
//! Arjovsky and Bottou, ICLR 2017, [arXiv 1701.04862](https://arxiv.org/abs/1701.04862)).

use burn::tensor::Tensor;

use crate::stabilizers::draws::Draws;
use simgan_base::random::Stream;

/// Gaussian noise that fades in a straight line until the end of the training.
#[derive(Clone, Debug)]
pub struct InstanceNoise {
    /// Standard deviation at the start.
    initial: f64,
    /// Standard deviation now.
    deviation: f64,
    /// Where the noise comes from.
    pub draws: Draws,
}

impl InstanceNoise {
    /// Noise of a standard deviation of `initial` at its start.
    pub fn new(initial: f64, seed: u64) -> Self {
        Self {
            initial,
            deviation: initial,
            draws: Draws::new(seed, Stream::InstanceNoise),
        }
    }

    /// Sets the strength for the iteration after `done` of `total`.
    pub fn fade(&mut self, done: usize, total: usize) {
        let left = 1.0 - done as f64 / total.max(1) as f64;
        self.deviation = self.initial * left.max(0.0);
    }

    /// Standard deviation now, in -1..1 units.
    pub fn deviation(&self) -> f64 {
        self.deviation
    }

    /// `images` with noise; unchanged where it is switched off.
    pub fn apply(&mut self, images: Tensor<4>) -> Tensor<4> {
        if self.deviation == 0.0 {
            return images;
        }
        let noise = self.draws.normal_like(&images);
        images + noise * self.deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn noise(instance_noise: f64) -> InstanceNoise {
        InstanceNoise::new(instance_noise, 0)
    }

    fn grey() -> Tensor<4> {
        Tensor::full([8, 1, 35, 55], 0.25, &Device::default())
    }

    /// Mean and standard deviation.
    fn moments(images: Tensor<4>) -> (f32, f32) {
        let mean: f32 = images.clone().mean().into_scalar();
        let variance: f32 = (images - mean).square().mean().into_scalar();
        (mean, variance.sqrt())
    }

    #[test]
    fn noise_has_the_stated_deviation_and_no_mean() {
        let (mean, deviation) = moments(noise(0.2).apply(grey()));
        assert!((mean - 0.25).abs() < 0.01, "{mean}");
        assert!((deviation - 0.2).abs() < 0.01, "{deviation}");
    }

    #[test]
    fn noise_fades_in_a_straight_line() {
        let mut noise = noise(0.4);
        let mut at = |done| {
            noise.fade(done, 200);
            noise.deviation()
        };
        assert_eq!(at(0), 0.4);
        assert!((at(50) - 0.3).abs() < 1e-12);
        assert_eq!(at(200), 0.0);
        let (_, deviation) = moments(noise.apply(grey()));
        assert_eq!(deviation, 0.0);
    }

    #[test]
    fn draws_differ_and_repeat() {
        let (mut a, mut b) = (noise(0.1), noise(0.1));
        let first = a.apply(grey()).into_data();
        assert_eq!(b.apply(grey()).into_data(), first);
        assert_ne!(a.apply(grey()).into_data(), first);
    }

    #[test]
    fn off_leaves_images_and_stream_alone() {
        let mut off = noise(0.0);
        let before = off.draws.rng.clone();
        assert_eq!(off.apply(grey()).into_data(), grey().into_data());
        assert_eq!(off.draws.rng, before);
    }
}
