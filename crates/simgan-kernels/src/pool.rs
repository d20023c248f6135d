//! Max-pooling of NHWC images.

use rayon::prelude::*;

use crate::memory::Values;
use crate::simd::{Isa, Kernel, Simd};

/// A max-pooling of square window, stride and padding; the padding never wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Images.
    pub batch: usize,
    /// Height of the input.
    pub height: usize,
    /// Width of the input.
    pub width: usize,
    /// Channels.
    pub channels: usize,
    /// Side of the window, at most 15.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
    /// Padding, at most half the window.
    pub padding: usize,
}

impl Pool {
    /// Height of the output.
    pub fn out_height(&self) -> usize {
        (self.height + 2 * self.padding - self.kernel) / self.stride + 1
    }

    /// Width of the output.
    pub fn out_width(&self) -> usize {
        (self.width + 2 * self.padding - self.kernel) / self.stride + 1
    }

    /// Whether every window holds a pixel and its positions fit a byte.
    pub fn is_valid(&self) -> bool {
        self.kernel >= 1
            && self.kernel <= 15
            && self.stride >= 1
            && 2 * self.padding <= self.kernel
            && self.height + 2 * self.padding >= self.kernel
            && self.width + 2 * self.padding >= self.kernel
            && self.batch * self.channels > 0
    }

    fn input_image(&self) -> usize {
        self.height * self.width * self.channels
    }

    fn output_image(&self) -> usize {
        self.out_height() * self.out_width() * self.channels
    }

    /// Rows and columns of the output, in its order.
    #[inline(always)]
    fn out_pixels(&self) -> impl Iterator<Item = (usize, usize)> {
        let width = self.out_width();
        (0..self.out_height()).flat_map(move |y| (0..width).map(move |x| (y, x)))
    }

    /// Windows of output (oy, ox): pairs of position within the window and pixel of the image.
    #[inline(always)]
    fn window(&self, oy: usize, ox: usize) -> impl Iterator<Item = (u8, usize)> {
        let pool = *self;
        (0..pool.kernel * pool.kernel).filter_map(move |position| {
            let y = (oy * pool.stride + position / pool.kernel).wrapping_sub(pool.padding);
            let x = (ox * pool.stride + position % pool.kernel).wrapping_sub(pool.padding);
            (y < pool.height && x < pool.width).then(|| (position as u8, y * pool.width + x))
        })
    }
}

/// Maxima, and for each the position in its window: the first one in row-major order of equal ones.
///
/// # Panics
/// Lengths that do not fit, or a pooling that is not valid.
pub fn forward(pool: &Pool, input: &[f32]) -> (Values, Vec<u8>) {
    assert!(pool.is_valid(), "{pool:?} is no pooling");
    assert_eq!(
        input.len(),
        pool.batch * pool.input_image(),
        "length of the input"
    );
    let isa = Isa::current();
    let mut out = Values::zeros(pool.batch * pool.output_image());
    let mut positions = vec![0; out.len()];
    (
        input.par_chunks_exact(pool.input_image()),
        out.par_chunks_exact_mut(pool.output_image()),
        positions.par_chunks_exact_mut(pool.output_image()),
    )
        .into_par_iter()
        .for_each(|(input, out, positions)| {
            isa.run(Forward {
                pool,
                input,
                out,
                positions,
            });
        });
    (out, positions)
}

struct Forward<'a> {
    pool: &'a Pool,
    input: &'a [f32],
    out: &'a mut [f32],
    positions: &'a mut [u8],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let channels = self.pool.channels;
        let pixels = self.pool.out_pixels();
        let out = self.out.chunks_exact_mut(channels);
        let positions = self.positions.chunks_exact_mut(channels);
        for ((out, positions), (y, x)) in out.zip(positions).zip(pixels) {
            let mut first = true;
            for (position, pixel) in self.pool.window(y, x) {
                let from = &self.input[pixel * channels..][..channels];
                for ((max, at), &value) in out.iter_mut().zip(positions.iter_mut()).zip(from) {
                    // NaN wins and stays.
                    let wins = first || value > *max || value.is_nan();
                    *max = if wins { value } else { *max };
                    *at = if wins { position } else { *at };
                }
                first = false;
            }
        }
    }
}

/// The gradient of the input for the output's gradient.
///
/// # Panics
/// Lengths that do not fit, or a pooling that is not valid.
pub fn backward(pool: &Pool, gradient: &[f32], positions: &[u8]) -> Values {
    assert!(pool.is_valid(), "{pool:?} is no pooling");
    assert_eq!(
        gradient.len(),
        pool.batch * pool.output_image(),
        "length of the gradient"
    );
    assert_eq!(positions.len(), gradient.len(), "length of the positions");
    let isa = Isa::current();
    let mut out = Values::zeros(pool.batch * pool.input_image());
    (
        out.par_chunks_exact_mut(pool.input_image()),
        gradient.par_chunks_exact(pool.output_image()),
        positions.par_chunks_exact(pool.output_image()),
    )
        .into_par_iter()
        .for_each(|(out, gradient, positions)| {
            isa.run(Backward {
                pool,
                gradient,
                positions,
                out,
            });
        });
    out
}

struct Backward<'a> {
    pool: &'a Pool,
    gradient: &'a [f32],
    positions: &'a [u8],
    out: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let channels = self.pool.channels;
        let pixels = self.pool.out_pixels();
        let gradients = self.gradient.chunks_exact(channels);
        let positions = self.positions.chunks_exact(channels);
        for ((gradient, positions), (y, x)) in gradients.zip(positions).zip(pixels) {
            for (position, pixel) in self.pool.window(y, x) {
                let to = &mut self.out[pixel * channels..][..channels];
                for ((sum, &at), &value) in to.iter_mut().zip(positions).zip(gradient) {
                    *sum += if at == position { value } else { 0.0 };
                }
            }
        }
    }
}
