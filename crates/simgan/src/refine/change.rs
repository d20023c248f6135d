//! How much refining changes images.

use simgan_base::imaging::levels::to_u8;

/// Images `[n, channels, height, width]` before and after the net. Both, because a simulator would have to render
/// them again.
pub(super) struct Refined {
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<f32>,
}

impl Refined {
    /// Pixels after the net, and how they differ, for images of `image_len` values.
    pub(super) fn pixels(&self, image_len: usize) -> (Vec<u8>, Change) {
        let after: Vec<u8> = self.after.iter().map(|&v| to_u8(v)).collect();
        let mut change = Change::default();
        let before = self.before.chunks_exact(image_len);
        for (before, after) in before.zip(after.chunks_exact(image_len)) {
            change.add(Change::between(before, after));
        }
        (after, change)
    }
}

/// How much refining changed images.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Change {
    /// Sum of absolute differences of pixels, in grey levels.
    pub(super) sum: u64,
    /// Images that came out as they went in.
    pub(super) unchanged: usize,
}

impl Change {
    fn between(before: &[u8], after: &[u8]) -> Self {
        let sum = before
            .iter()
            .zip(after)
            .map(|(&a, &b)| u64::from(a.abs_diff(b)))
            .sum();
        Self {
            sum,
            unchanged: usize::from(sum == 0),
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.unchanged += other.unchanged;
    }
}
