//! Which part of a mini-batch a process computes.

use std::ops::Range;

/// One of several equal parts, in the order of ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    rank: usize,
    processes: usize,
}

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self {
        rank: 0,
        processes: 1,
    };

    /// The part of the process `rank` of `processes`.
    pub fn new(rank: usize, processes: usize) -> Self {
        Self { rank, processes }
    }

    /// Which of `count` images these are. `count` is a multiple of the number of processes.
    pub fn range(self, count: usize) -> Range<usize> {
        let own = count / self.processes;
        self.rank * own..(self.rank + 1) * own
    }

    /// How many images there are in all where `own` are in this part.
    pub fn whole(self, own: usize) -> usize {
        own * self.processes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_each_other() {
        let ranges: Vec<_> = (0..3).map(|rank| Share::new(rank, 3).range(12)).collect();
        assert_eq!(ranges, [0..4, 4..8, 8..12]);
        assert_eq!(Share::new(1, 3).whole(4), 12);
        assert_eq!(Share::WHOLE.range(7), 0..7);
    }
}
