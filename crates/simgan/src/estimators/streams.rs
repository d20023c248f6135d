//! Named streams of random numbers: one seed, independent draws for every purpose.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What random numbers are drawn for. A draw for one purpose never shifts those of another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// Initial weights.
    Weights = 1,
    /// Which training images are held out for early stopping.
    HeldOut = 2,
    /// Order of the mini-batches.
    Batches = 3,
    /// Which images are used where `max_images` limits them.
    Selection = 4,
    /// Which labelled images calibrate.
    Calibration = 5,
}

/// The stream of `purpose` under `seed`: equal on every machine and for any number of threads.
pub(crate) fn stream(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(purpose as u64);
    rng
}
