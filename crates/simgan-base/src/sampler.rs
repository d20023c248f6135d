//! The order in which images are drawn: shuffled anew every epoch, none skipped, none repeated.

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::random::{Stream, generator};

/// Draws mini-batches of indices, epoch after epoch. The order of an epoch follows from the seed, the
/// stream and the number of the epoch alone, so the position is the whole state.
#[derive(Clone, Debug)]
pub struct EpochSampler {
    seed: u64,
    stream: Stream,
    position: Position,
    order: Vec<u32>,
}

/// Where a sampler stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Epochs completed.
    pub epoch: u64,
    /// Images drawn in the current epoch.
    pub drawn: usize,
}

impl EpochSampler {
    /// Samples `images` indices, from `position` on.
    pub fn new(images: usize, seed: u64, stream: Stream, position: Position) -> Self {
        let mut sampler = Self {
            seed,
            stream,
            position,
            order: (0..images as u32).collect(),
        };
        sampler.shuffle();
        sampler
    }

    /// The next `count` indices; the epoch may end within them.
    pub fn next_batch(&mut self, count: usize) -> Vec<usize> {
        let mut batch = Vec::with_capacity(count);
        while batch.len() < count {
            if self.position.drawn >= self.order.len() {
                self.position = Position {
                    epoch: self.position.epoch + 1,
                    drawn: 0,
                };
                self.shuffle();
            }
            let take = (count - batch.len()).min(self.order.len() - self.position.drawn);
            let from = self.position.drawn;
            batch.extend(self.order[from..from + take].iter().map(|&i| i as usize));
            self.position.drawn += take;
        }
        batch
    }

    /// Where the sampler stands.
    pub fn position(&self) -> Position {
        self.position
    }

    fn shuffle(&mut self) {
        // From the sorted order, so that an epoch does not depend on the ones before it.
        self.order.sort_unstable();
        let epoch_seed = self.seed ^ self.position.epoch.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.order.shuffle(&mut generator(epoch_seed, self.stream));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(position: Position) -> EpochSampler {
        EpochSampler::new(10, 1, Stream::RealOrder, position)
    }

    #[test]
    fn every_image_comes_once_an_epoch() {
        let mut s = sampler(Position::default());
        for _ in 0..3 {
            let mut epoch = s.next_batch(10);
            epoch.sort_unstable();
            assert_eq!(epoch, (0..10).collect::<Vec<_>>());
        }
    }

    #[test]
    fn epochs_differ_and_batches_cross_them() {
        let mut s = sampler(Position::default());
        let (a, b) = (s.next_batch(10), s.next_batch(10));
        assert_ne!(a, b);
        assert_eq!(s.next_batch(25).len(), 25);
    }

    #[test]
    fn position_is_the_whole_state() {
        let mut s = sampler(Position::default());
        s.next_batch(27);
        let mut resumed = sampler(s.position());
        assert_eq!(resumed.next_batch(40), s.next_batch(40));
    }
}
