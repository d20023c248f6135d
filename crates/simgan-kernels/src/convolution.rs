//! A convolution and its gradients by the faster algorithm: Winograd or direct.

use crate::epilogue::Epilogue;
use crate::geometry::Geometry;
use crate::memory::Values;
use crate::simd::Isa;
use crate::winograd::{self, Tiles};
use crate::{WeightGradient, direct};

/// The Winograd algorithm for a convolution, `None` where the direct one is as fast: strides, kernels
/// without an algorithm, and so few channels that transforming costs more than it saves.
fn winograd_tiles(g: &Geometry) -> Option<Tiles> {
    let enough = g.inputs >= 16 && g.outputs >= 16;
    let tiles = Tiles::for_kernel(g.kernel)?;
    (g.stride == 1 && enough).then_some(tiles)
}

/// Side of the squares of output pixels that are computed together, counted from the image's upper left corner; 1 where
/// every pixel is computed on its own.
///
/// Rounding makes a pixel depend, in its last bits, on all that its square sees: images that are cut along squares come
/// out as the whole does, bit for bit.
pub fn square(g: &Geometry) -> usize {
    winograd_tiles(g).map_or(1, |tiles| tiles.output)
}

/// Multiplications and additions that one pass over the data really does in its matrix products, padding of
/// tiles included; [`Geometry::operations`] is what a direct convolution does.
pub fn operations_done(g: &Geometry) -> f64 {
    match winograd_tiles(g) {
        Some(tiles) => winograd::operations(*g, tiles),
        None => g.operations(),
    }
}

/// What follows a convolution; the tensors are laid out as its output.
#[derive(Clone, Copy, Debug, Default)]
pub struct After<'a> {
    /// Added, one value an output channel.
    pub bias: Option<&'a [f32]>,
    /// Added.
    pub residual: Option<&'a [f32]>,
    /// Negative values become 0.
    pub relu: bool,
    /// The result is 0 where this is not positive: the gradient of a ReLU whose output this is.
    pub mask: Option<&'a [f32]>,
}

impl After<'_> {
    /// Checks lengths and lends the pointers; `bias` is copied to whole vectors.
    fn with<T>(&self, channels: usize, len: usize, work: impl FnOnce(Epilogue) -> T) -> T {
        for tensor in [self.residual, self.mask].into_iter().flatten() {
            assert_eq!(
                tensor.len(),
                len,
                "a tensor of another shape than the output"
            );
        }
        let mut epilogue = Epilogue {
            residual: pointer(self.residual),
            relu: self.relu,
            mask: pointer(self.mask),
            ..Epilogue::NONE
        };
        let mut padded = Values::zeros(0);
        if let Some(bias) = self.bias {
            assert_eq!(bias.len(), channels, "one bias a channel");
            padded = Values::zeros(channels.next_multiple_of(16));
            padded[..channels].copy_from_slice(bias);
            epilogue.bias = padded.as_ptr();
        }
        let result = work(epilogue);
        drop(padded);
        result
    }
}

fn pointer(tensor: Option<&[f32]>) -> *const f32 {
    tensor.map_or(std::ptr::null(), <[f32]>::as_ptr)
}

fn check(g: &Geometry, input: usize, weights: usize) {
    assert!(g.is_valid(), "{g:?} is no convolution");
    assert_eq!(input, g.input_len(), "length of the input");
    assert_eq!(weights, g.weight_len(), "length of the weights");
}

/// The convolution of `input` (NHWC) with `weights` (`[out, in, kernel, kernel]`), NHWC.
///
/// # Panics
/// Lengths that do not fit `g`.
pub fn forward(g: &Geometry, input: &[f32], weights: &[f32], after: After) -> Values {
    check(g, input.len(), weights.len());
    let isa = Isa::current();
    after.with(g.outputs, g.output_len(), |epilogue| {
        let area = g.kernel * g.kernel;
        let position = |o: usize, i: usize, k: usize| (o * g.inputs + i) * area + k;
        // SAFETY: lengths were checked; every element is written.
        unsafe {
            Values::filled(g.output_len(), |out| match winograd_tiles(g) {
                Some(tiles) => {
                    let weights = winograd::transform_weights(
                        isa, tiles, g.inputs, g.outputs, weights, position,
                    );
                    winograd::convolve(isa, *g, tiles, input, &weights, epilogue, out);
                }
                None => direct::convolve(isa, g, input, weights, epilogue, out),
            })
        }
    })
}

/// The gradient of the input for the output's `gradient` (NHWC); `after` applies to the result.
///
/// # Panics
/// Lengths that do not fit `g`.
pub fn data_gradient(g: &Geometry, gradient: &[f32], weights: &[f32], after: After) -> Values {
    check(g, g.input_len(), weights.len());
    let isa = Isa::current();
    assert_eq!(gradient.len(), g.output_len(), "length of the gradient");
    after.with(g.inputs, g.input_len(), |epilogue| {
        let area = g.kernel * g.kernel;
        let back = g.transposed();
        // Input and output channels swapped, the kernel turned by 180 degrees.
        let position = |i: usize, o: usize, k: usize| (o * g.inputs + i) * area + (area - 1 - k);
        // SAFETY: lengths were checked; every element is written.
        unsafe {
            Values::filled(g.input_len(), |out| match winograd_tiles(g) {
                Some(tiles) => {
                    let weights = winograd::transform_weights(
                        isa,
                        tiles,
                        back.inputs,
                        back.outputs,
                        weights,
                        position,
                    );
                    winograd::convolve(isa, back, tiles, gradient, &weights, epilogue, out);
                }
                None => direct::data_gradient(isa, g, gradient, weights, epilogue, out),
            })
        }
    })
}

/// The gradients of weights and bias for `input` and the output's `gradient` (both NHWC).
///
/// # Panics
/// Lengths that do not fit `g`.
pub fn weight_gradient(g: &Geometry, input: &[f32], gradient: &[f32]) -> WeightGradient {
    check(g, input.len(), g.weight_len());
    let isa = Isa::current();
    assert_eq!(gradient.len(), g.output_len(), "length of the gradient");
    // SAFETY: lengths were checked.
    unsafe {
        match winograd_tiles(g) {
            Some(tiles) => winograd::weight_gradient(isa, *g, tiles, input, gradient),
            None => direct::weight_gradient(isa, g, input, gradient),
        }
    }
}
