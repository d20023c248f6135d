//! NHWC images of half the size, doubled and added to images of the whole one.

use rayon::prelude::*;

use crate::memory::Values;
use crate::simd::{Isa, Kernel, Simd};

/// Doubling by repeating pixels: of `ceil(height / 2)` by `ceil(width / 2)` pixels, what reaches beyond an odd side is left
/// out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upsampling {
    /// Images.
    pub batch: usize,
    /// Height of the result.
    pub height: usize,
    /// Width of the result.
    pub width: usize,
    /// Channels.
    pub channels: usize,
}

impl Upsampling {
    /// Height of the smaller images.
    pub fn low_height(&self) -> usize {
        self.height.div_ceil(2)
    }

    /// Width of the smaller images.
    pub fn low_width(&self) -> usize {
        self.width.div_ceil(2)
    }

    fn image(&self) -> usize {
        self.height * self.width * self.channels
    }

    fn low_image(&self) -> usize {
        self.low_height() * self.low_width() * self.channels
    }
}

/// `skip` plus the doubled `low`.
///
/// # Panics
/// Lengths that do not fit, or an empty image.
pub fn forward(up: &Upsampling, low: &[f32], skip: &[f32]) -> Values {
    assert_eq!(low.len(), up.batch * up.low_image(), "length of the small");
    assert_eq!(skip.len(), up.batch * up.image(), "length of the large");
    let isa = Isa::current();
    let mut out = Values::zeros(skip.len());
    (
        low.par_chunks_exact(up.low_image()),
        skip.par_chunks_exact(up.image()),
        out.par_chunks_exact_mut(up.image()),
    )
        .into_par_iter()
        .for_each(|(low, skip, out)| {
            isa.run(Forward { up, low, skip, out });
        });
    out
}

struct Forward<'a> {
    up: &'a Upsampling,
    low: &'a [f32],
    skip: &'a [f32],
    out: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let (channels, line) = (self.up.channels, self.up.width * self.up.channels);
        let low_line = self.up.low_width() * channels;
        let lines = self
            .out
            .chunks_exact_mut(line)
            .zip(self.skip.chunks_exact(line));
        for (y, (out, skip)) in lines.enumerate() {
            let low = &self.low[y / 2 * low_line..][..low_line];
            let pixels = out
                .chunks_exact_mut(channels)
                .zip(skip.chunks_exact(channels));
            for (x, (out, skip)) in pixels.enumerate() {
                let low = &low[x / 2 * channels..][..channels];
                for ((out, skip), low) in out.iter_mut().zip(skip).zip(low) {
                    *out = skip + low;
                }
            }
        }
    }
}

/// The gradient of the smaller images for that of the result (which is that of the skip, too).
///
/// # Panics
/// Lengths that do not fit, or an empty image.
pub fn backward(up: &Upsampling, gradient: &[f32]) -> Values {
    assert_eq!(
        gradient.len(),
        up.batch * up.image(),
        "length of the gradient"
    );
    let isa = Isa::current();
    let mut low = Values::zeros(up.batch * up.low_image());
    (
        gradient.par_chunks_exact(up.image()),
        low.par_chunks_exact_mut(up.low_image()),
    )
        .into_par_iter()
        .for_each(|(gradient, low)| {
            isa.run(Backward { up, gradient, low });
        });
    low
}

struct Backward<'a> {
    up: &'a Upsampling,
    gradient: &'a [f32],
    low: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let (channels, line) = (self.up.channels, self.up.width * self.up.channels);
        let low_line = self.up.low_width() * channels;
        for (y, gradient) in self.gradient.chunks_exact(line).enumerate() {
            let low = &mut self.low[y / 2 * low_line..][..low_line];
            for (x, gradient) in gradient.chunks_exact(channels).enumerate() {
                let low = &mut low[x / 2 * channels..][..channels];
                for (low, gradient) in low.iter_mut().zip(gradient) {
                    *low += gradient;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Upsampling = Upsampling {
        batch: 1,
        height: 3,
        width: 4,
        channels: 1,
    };

    #[test]
    fn pixels_are_repeated_and_odd_sides_are_cut() {
        let low = [1.0, 2.0, 3.0, 4.0];
        let skip = [10.0; 12];
        assert_eq!(
            *forward(&UP, &low, &skip),
            [
                11.0, 11.0, 12.0, 12.0, 11.0, 11.0, 12.0, 12.0, 13.0, 13.0, 14.0, 14.0
            ]
        );
    }

    #[test]
    fn gradients_are_summed_over_the_copies() {
        let gradient: Vec<f32> = (0..12).map(|i| i as f32).collect();
        assert_eq!(
            *backward(&UP, &gradient),
            [
                0.0 + 1.0 + 4.0 + 5.0,
                2.0 + 3.0 + 6.0 + 7.0,
                8.0 + 9.0,
                10.0 + 11.0
            ]
        );
    }
}
