//! Named random streams: every use of chance has its own, all from one seed.

use std::f32::consts::TAU;

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What a random stream is used for. Streams of one seed are independent of each other, so
/// drawing more from one (a longer warm-up, say) leaves the others as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Initial weights of the refiner.
    RefinerWeights,
    /// Initial weights of the discriminator.
    DiscriminatorWeights,
    /// Order of the synthetic images.
    SyntheticOrder,
    /// Order of the real images.
    RealOrder,
    /// Draws from the history buffer and replacements in it.
    History,
    /// Initial weights of an estimator.
    EstimatorWeights,
    /// Order of an estimator's training images.
    EstimatorOrder,
    /// Which images are held out for early stopping.
    HeldOut,
    /// Which images are used where `estimator.max_images` limits them.
    Selection,
    /// Which labelled images calibrate.
    Calibration,
    /// Changes of an estimator's training images.
    EstimatorAugmentation,
    /// Draws of the augmentation of the discriminator's images.
    Augmentation,
    /// Noise on the discriminator's images.
    InstanceNoise,
    /// Directions of the gradient penalty.
    GradientPenalty,
    /// What the judges draw: images, subsets, their noise, random features.
    Judges,
    /// Initial weights of the network that finds points.
    KeypointWeights,
    /// Order of its training images.
    KeypointOrder,
    /// Changes of its training images.
    KeypointAugmentation,
    /// Which of several versions of an image an estimator learns from.
    EstimatorVariants,
    /// Order of the unlabelled images that an estimator adapts to.
    AdaptationOrder,
    /// Their changes as its teacher sees them.
    TeacherAugmentation,
    /// Their changes as the estimator itself sees them.
    StudentAugmentation,
    /// Which images are drawn again where both sides are matched in what they show.
    Matching,
    /// Images and their order in a visual Turing test.
    TuringTest,
    /// Where random parts of images lie.
    RandomParts,
}

/// The random generator of `stream` for `seed`.
pub fn generator(seed: u64, stream: Stream) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream as u64);
    rng
}

/// Two independent standard normal numbers (Box and Muller's method).
pub fn normal_pair(rng: &mut impl Rng) -> [f32; 2] {
    // 1 - u lies above 0, so its logarithm is finite.
    let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
    let (sin, cos) = (TAU * rng.random::<f32>()).sin_cos();
    [radius * cos, radius * sin]
}

/// A source of independent standard normal numbers, all of every [pair](normal_pair).
pub fn standard_normal<R: Rng>(rng: &mut R) -> impl FnMut() -> f32 {
    let mut spare = None;
    move || {
        spare.take().unwrap_or_else(|| {
            let [first, second] = normal_pair(rng);
            spare = Some(second);
            first
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let mut a = generator(1, Stream::History);
        let mut b = generator(1, Stream::History);
        let mut c = generator(1, Stream::RealOrder);
        let mut d = generator(2, Stream::History);
        let first = a.next_u64();
        assert_eq!(first, b.next_u64());
        assert_ne!(first, c.next_u64());
        assert_ne!(first, d.next_u64());
    }

    #[test]
    fn normal_numbers_have_the_moments_of_the_distribution() {
        let mut rng = generator(1, Stream::InstanceNoise);
        let mut normal = standard_normal(&mut rng);
        let draws: Vec<f64> = (0..100_000).map(|_| f64::from(normal())).collect();
        let moment = |power| draws.iter().map(|v| v.powi(power)).sum::<f64>() / 1e5;
        assert!(moment(1).abs() < 0.02);
        assert!((moment(2) - 1.0).abs() < 0.03);
        assert!((moment(4) - 3.0).abs() < 0.15);
    }
}
