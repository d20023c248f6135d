//! Forward convolution and data gradient.

use rayon::prelude::*;

use super::gather::{Phase, Position, Size};
use crate::buffer::{Scratch, Shared, with_scratch};
use crate::epilogue::Epilogue;
use crate::geometry::Geometry;
use crate::memory::Values;
use crate::simd::{Isa, Kernel, Simd};
use crate::tile::{Columns, MAX_ROWS, Multiply, columns, multiply, rows};

/// Output pixels of a block; a multiple of 24, which all register tiles divide.
const BLOCK_PIXELS: usize = 96;

/// Bytes of weights that are used for all pixels of a block before the next ones: they stay in L1.
const WEIGHT_BYTES: usize = 28 << 10;

/// Weights packed for one phase: for every block of output channels, for every tap, `inputs` rows of
/// the block's width.
pub struct PackedWeights {
    values: Values,
}

impl PackedWeights {
    /// `weight(o, i, k)` is where the weight of output channel `o`, input channel `i` and kernel position `k` lies in `weights`.
    fn new(
        isa: Isa,
        phase: &Phase,
        inputs: usize,
        outputs: usize,
        weights: &[f32],
        weight: &(impl Fn(usize, usize, usize) -> usize + Sync),
    ) -> Self {
        let (lanes, tile_vectors) = (isa.lanes(), isa.tile_vectors());
        let vectors = outputs.div_ceil(lanes);
        let taps = phase.taps.len();
        let mut values = Values::zeros(taps * inputs * vectors * lanes);
        let to = Shared(values.as_mut_ptr());
        let pack = |(tap, position): (usize, usize)| {
            for block in columns(vectors, tile_vectors) {
                let width = block.count * lanes;
                let start = block.start * lanes * taps * inputs + tap * inputs * width;
                for i in 0..inputs {
                    for (lane, o) in (block.start * lanes..outputs).enumerate().take(width) {
                        // SAFETY: within the block's `taps x inputs x width` elements; every tap writes its own.
                        unsafe {
                            let to = to.get().add(start + i * width + lane);
                            to.write(weights[weight(o, i, position)]);
                        }
                    }
                }
            }
        };
        let taps: Vec<_> = phase
            .taps
            .iter()
            .map(|tap| tap.position)
            .enumerate()
            .collect();
        taps.into_par_iter().for_each(pack);
        Self { values }
    }
}

/// Writes the convolution of `input` with `weights` (`[out, in, kernel, kernel]`) to `out`.
///
/// # Safety
/// `input` holds `geometry.input_len()` elements, `weights` `geometry.weight_len()`; `out` and the epilogue's
/// tensors `geometry.output_len()`.
pub unsafe fn convolve(
    isa: Isa,
    geometry: &Geometry,
    input: &[f32],
    weights: &[f32],
    epilogue: Epilogue,
    out: *mut f32,
) {
    let g = *geometry;
    let area = g.kernel * g.kernel;
    let position = |o: usize, i: usize, k: usize| (o * g.inputs + i) * area + k;
    let product = Product {
        isa,
        batch: g.batch,
        from: Size::input(&g),
        to: Size::output(&g),
        inputs: g.inputs,
        outputs: g.outputs,
    };
    // SAFETY: the caller vouches for the buffers.
    unsafe { product.run(&Phase::forward(&g), input, weights, position, epilogue, out) };
}

/// Writes the gradient of the input for the output's `gradient` to `out`.
///
/// # Safety
/// `gradient` holds `geometry.output_len()` elements, `weights` `geometry.weight_len()`; `out` and the
/// epilogue's tensors `geometry.input_len()`.
pub unsafe fn data_gradient(
    isa: Isa,
    geometry: &Geometry,
    gradient: &[f32],
    weights: &[f32],
    epilogue: Epilogue,
    out: *mut f32,
) {
    let g = *geometry;
    let area = g.kernel * g.kernel;
    // The roles of input and output channels are swapped.
    let position = |i: usize, o: usize, k: usize| (o * g.inputs + i) * area + k;
    let product = Product {
        isa,
        batch: g.batch,
        from: Size::output(&g),
        to: Size::input(&g),
        inputs: g.outputs,
        outputs: g.inputs,
    };
    for phase in Phase::backward(&g) {
        // SAFETY: the caller vouches for the buffers.
        unsafe { product.run(&phase, gradient, weights, position, epilogue, out) };
    }
}

/// Sizes of a product, in the direction in which it is computed.
#[derive(Clone, Copy)]
struct Product {
    isa: Isa,
    batch: usize,
    from: Size,
    to: Size,
    inputs: usize,
    outputs: usize,
}

impl Product {
    unsafe fn run(
        &self,
        phase: &Phase,
        input: &[f32],
        weights: &[f32],
        position: impl Fn(usize, usize, usize) -> usize + Sync,
        epilogue: Epilogue,
        out: *mut f32,
    ) {
        let packed = PackedWeights::new(
            self.isa,
            phase,
            self.inputs,
            self.outputs,
            weights,
            &position,
        );
        let zeros = vec![0.0; self.inputs];
        let out = Shared(out);
        let pixels = phase.len(self.batch);
        let block = |index: usize| {
            with_scratch(|scratch| {
                self.isa.run(Block {
                    product: self,
                    phase,
                    pixels: BLOCK_PIXELS.min(pixels - index * BLOCK_PIXELS),
                    positions: std::array::from_fn(|i| {
                        phase.position((index * BLOCK_PIXELS + i).min(pixels - 1))
                    }),
                    input,
                    zeros: &zeros,
                    weights: &packed,
                    epilogue,
                    out,
                    scratch,
                });
            });
        };
        (0..pixels.div_ceil(BLOCK_PIXELS))
            .into_par_iter()
            .for_each(block);
    }
}

/// A block of output pixels of one phase.
struct Block<'a> {
    product: &'a Product,
    phase: &'a Phase,
    /// Pixels of this block; `positions` repeats the last one.
    pixels: usize,
    positions: [Position; BLOCK_PIXELS],
    input: &'a [f32],
    zeros: &'a [f32],
    weights: &'a PackedWeights,
    epilogue: Epilogue,
    out: Shared,
    scratch: &'a mut Scratch,
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        let vectors = self.product.outputs.div_ceil(S::LANES);
        let row = self.product.outputs.next_multiple_of(16);
        self.find_rows();
        let sums = self.scratch.output.at_least(BLOCK_PIXELS * row);
        for block in columns(vectors, S::TILE_VECTORS) {
            // SAFETY: `sums` has `BLOCK_PIXELS` rows.
            unsafe { self.multiply::<S>(block, sums, row) };
        }
        // SAFETY: the caller of `Product::run` vouches for `out`.
        unsafe { self.write::<S>(vectors, sums, row) };
    }
}

impl Block<'_> {
    /// Fills `scratch.rows`: for every tap a group of `BLOCK_PIXELS` pointers.
    #[inline(always)]
    fn find_rows(&mut self) {
        let rows = &mut self.scratch.rows;
        rows.clear();
        rows.reserve(self.phase.taps.len() * BLOCK_PIXELS);
        for &tap in &self.phase.taps {
            for &at in &self.positions {
                let pixel = self.phase.input_pixel(at, tap, self.product.from);
                rows.push(match pixel {
                    Some(pixel) => self.input[pixel * self.product.inputs..].as_ptr(),
                    None => self.zeros.as_ptr(),
                });
            }
        }
    }

    #[inline(always)]
    unsafe fn multiply<S: Simd>(&self, block: Columns, sums: *mut f32, row: usize) {
        let depth = self.product.inputs;
        let taps = self.phase.taps.len();
        let width = block.count * S::LANES;
        let height = rows(S::TILE_VECTORS, block.count);
        let group = (WEIGHT_BYTES / (depth * width * size_of::<f32>())).clamp(1, taps.max(1));
        let start = block.start * S::LANES * taps * depth;
        for tap in (0..taps.max(1)).step_by(group) {
            for first in (0..self.pixels).step_by(height) {
                let mut c = [std::ptr::null_mut(); MAX_ROWS];
                for (i, c) in c.iter_mut().enumerate().take(height) {
                    // SAFETY: `BLOCK_PIXELS` is a multiple of `height`.
                    *c = unsafe { sums.add((first + i) * row + block.start * S::LANES) };
                }
                // SAFETY: groups of row pointers and packed weights of taps `tap..tap + group`.
                unsafe {
                    let product = Multiply {
                        a: self.scratch.rows.as_ptr().add(tap * BLOCK_PIXELS + first),
                        a_group: BLOCK_PIXELS,
                        taps: group.min(taps - tap),
                        depth,
                        b: self
                            .weights
                            .values
                            .as_ptr()
                            .add(start + tap * depth * width),
                        c: c.as_ptr(),
                        accumulate: tap > 0,
                    };
                    multiply::<S>(block.count, &product);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn write<S: Simd>(&self, vectors: usize, sums: *const f32, row: usize) {
        let outputs = self.product.outputs;
        for (i, &at) in self.positions[..self.pixels].iter().enumerate() {
            let pixel = self.phase.output_pixel(at, self.product.to);
            for v in 0..vectors {
                let channel = v * S::LANES;
                let count = S::LANES.min(outputs - channel);
                let offset = pixel * outputs + channel;
                // SAFETY: a pixel within the output; every pixel belongs to one block of one phase.
                unsafe {
                    let sum = S::load(sums.add(i * row + channel));
                    self.epilogue
                        .write::<S>(sum, channel, self.out.get(), offset, count);
                }
            }
        }
    }
}
