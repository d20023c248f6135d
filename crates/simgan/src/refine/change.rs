//! How much refining changes images.

/// How much refining changed images.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Change {
    /// Sum of absolute differences of pixels, in grey levels.
    pub(super) sum: u64,
    /// Images that came out as they went in.
    pub(super) unchanged: usize,
}

impl Change {
    /// Of images, of `image_len` levels each, before and after the net.
    pub(super) fn of(before: &[u8], after: &[u8], image_len: usize) -> Self {
        let mut change = Self::default();
        let before = before.chunks_exact(image_len);
        for (before, after) in before.zip(after.chunks_exact(image_len)) {
            change.add(Self::between(before, after));
        }
        change
    }

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
