//! How the sums of a weight gradient are cut for threads.
//!
//! Parts are summed apart and then added in order. How many there are follows from the size of the sum alone, so that no result
//! depends on the number of threads. A part costs memory and an addition of its own: small sums are cut into few.

/// Parts of a small sum.
const FEWEST: usize = 8;
/// Parts of a large one.
const MOST: usize = 64;
/// Output pixels of a part, at least, where there are more than [`FEWEST`]: the product of so many takes some 30 times as long as the
/// addition of the part.
const PIXELS: usize = 8064;

/// Parts of the weight gradient of a convolution with so many output pixels in all images of a mini-batch, at most.
pub fn weight_gradient_parts(pixels: usize) -> usize {
    (pixels / PIXELS).clamp(FEWEST, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paper's eyes of 55x35 pixels.
    #[test]
    fn large_mini_batches_have_work_for_many_threads() {
        let parts = |images: usize| weight_gradient_parts(images * 55 * 35);
        assert_eq!([1, 16, 32].map(parts), [8, 8, 8]);
        assert_eq!([64, 128, 256, 512].map(parts), [15, 30, 61, 64]);
    }
}
