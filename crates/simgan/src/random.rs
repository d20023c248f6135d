//! Named random streams: every use of chance has its own, all from one seed.

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
    /// What the judges draw: images, subsets, their noise, random features.
    Judges,
}

/// The random generator of `stream` for `seed`.
pub fn generator(seed: u64, stream: Stream) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream as u64);
    rng
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

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
}
