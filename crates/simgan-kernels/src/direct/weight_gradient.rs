//! The gradients of weights and bias.

use rayon::prelude::*;

use super::gather::{Phase, Position, Size};
use crate::WeightGradient;
use crate::buffer::{Scratch, with_scratch};
use crate::epilogue::{load, store};
use crate::geometry::Geometry;
use crate::memory::{Room, Values};
use crate::parts::weight_gradient_parts;
use crate::simd::{Isa, Kernel, Simd};
use crate::tile::{MultiplyTransposed, columns, multiply_transposed, transposed_rows};

/// Output pixels of a block: its rows of both factors stay in cache.
const BLOCK_PIXELS: usize = 64;

/// The gradients of a convolution's parameters for `input` and the output's gradient.
///
/// # Safety
/// `input` holds `geometry.input_len()` elements, `gradient` `geometry.output_len()`.
pub unsafe fn weight_gradient(
    isa: Isa,
    geometry: &Geometry,
    input: &[f32],
    gradient: &[f32],
) -> WeightGradient {
    let phase = Phase::forward(geometry);
    let pixels = phase.len(geometry.batch);
    let parts = weight_gradient_parts(pixels);
    let part = pixels.div_ceil(parts).next_multiple_of(BLOCK_PIXELS);
    let layout = Layout::new(geometry);
    let zeros = vec![0.0; geometry.inputs];
    let sums: Vec<Sums> = (0..pixels.div_ceil(part))
        .into_par_iter()
        .with_max_len(1)
        .map(|index| {
            let pixels = index * part..((index + 1) * part).min(pixels);
            with_scratch(|scratch| {
                isa.run(Part {
                    geometry,
                    phase: &phase,
                    layout,
                    pixels,
                    input,
                    gradient,
                    zeros: &zeros,
                    scratch,
                })
            })
        })
        .collect();
    add_parts(geometry, layout, &sums)
}

/// Sums over the pixels of one part.
struct Sums {
    /// For every tap `depth` rows of `row` elements.
    weights: Room,
    bias: Values,
}

/// How the sums and the gathered input lie in memory.
#[derive(Clone, Copy)]
struct Layout {
    /// Taps kept apart: all, or one where a pixel's taps are gathered into one row.
    taps: usize,
    /// Elements of a row of the input that are used, a multiple of 8.
    depth: usize,
    /// Elements of a row of the sums.
    row: usize,
    /// Few or odd channels: the taps of a pixel are gathered into one row, so that whole tiles are filled.
    gathered: bool,
}

impl Layout {
    fn new(g: &Geometry) -> Self {
        let gathered = !g.inputs.is_multiple_of(8);
        let area = g.kernel * g.kernel;
        let (taps, depth) = if gathered {
            (1, (area * g.inputs).next_multiple_of(8))
        } else {
            (area, g.inputs)
        };
        Self {
            taps,
            depth,
            row: g.outputs.next_multiple_of(16),
            gathered,
        }
    }
}

/// A range of output pixels.
struct Part<'a> {
    geometry: &'a Geometry,
    phase: &'a Phase,
    layout: Layout,
    pixels: std::ops::Range<usize>,
    input: &'a [f32],
    gradient: &'a [f32],
    zeros: &'a [f32],
    scratch: &'a mut Scratch,
}

impl Kernel for Part<'_> {
    type Output = Sums;

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) -> Sums {
        let layout = self.layout;
        let mut sums = Sums {
            weights: Room::new(layout.taps * layout.depth * layout.row),
            bias: Values::zeros(layout.row),
        };
        for first in self.pixels.clone().step_by(BLOCK_PIXELS) {
            let pixels = first..(first + BLOCK_PIXELS).min(self.pixels.end);
            self.find_rows(pixels.clone());
            // SAFETY: the caller of `weight_gradient` vouches for the buffers.
            unsafe {
                self.add_bias::<S>(pixels.clone(), &mut sums.bias);
                self.multiply::<S>(pixels, &mut sums.weights);
            }
        }
        sums
    }
}

impl Part<'_> {
    /// Fills `scratch.rows`: for every tap a pointer for every pixel.
    #[inline(always)]
    fn find_rows(&mut self, pixels: std::ops::Range<usize>) {
        self.scratch.rows.clear();
        let mut positions = [Position::default(); BLOCK_PIXELS];
        for (at, index) in positions.iter_mut().zip(pixels.clone()) {
            *at = self.phase.position(index);
        }
        let positions = &positions[..pixels.len()];
        if self.layout.gathered {
            self.gather(positions);
            return;
        }
        for tap in 0..self.layout.taps {
            for &at in positions {
                let row = self.pixel(at, tap);
                self.scratch.rows.push(row.as_ptr());
            }
        }
    }

    /// The channels that `tap` sees from an output pixel.
    #[inline(always)]
    fn pixel(&self, at: Position, tap: usize) -> &[f32] {
        let g = self.geometry;
        let size = Size::input(g);
        match self.phase.input_pixel(at, self.phase.taps[tap], size) {
            Some(pixel) => &self.input[pixel * g.inputs..][..g.inputs],
            None => self.zeros,
        }
    }

    /// Copies the taps of every pixel one after the other.
    #[inline(always)]
    fn gather(&mut self, positions: &[Position]) {
        let depth = self.layout.depth;
        let inputs = self.geometry.inputs;
        let to = self.scratch.input.at_least(BLOCK_PIXELS * depth);
        for (i, &at) in positions.iter().enumerate() {
            // SAFETY: row `i` of the scratch matrix.
            let row = unsafe { to.add(i * depth) };
            for tap in 0..self.phase.taps.len() {
                let from = self.pixel(at, tap);
                // SAFETY: the taps' channels together are no more than `depth` elements.
                unsafe {
                    row.add(tap * inputs)
                        .copy_from_nonoverlapping(from.as_ptr(), inputs)
                };
            }
            self.scratch.rows.push(row);
        }
    }

    #[inline(always)]
    unsafe fn add_bias<S: Simd>(&self, pixels: std::ops::Range<usize>, bias: &mut Values) {
        let outputs = self.geometry.outputs;
        for channel in (0..outputs).step_by(S::LANES) {
            let count = S::LANES.min(outputs - channel);
            // SAFETY: pixels of the gradient; the bias is padded to 16 elements.
            unsafe {
                let bias = bias.as_mut_ptr().add(channel);
                let mut sum = load::<S>(bias, count);
                for pixel in pixels.clone() {
                    let from = self.gradient.as_ptr().add(pixel * outputs + channel);
                    sum = S::add(sum, load::<S>(from, count));
                }
                store::<S>(bias, sum, count);
            }
        }
    }

    #[inline(always)]
    unsafe fn multiply<S: Simd>(&self, pixels: std::ops::Range<usize>, sums: &mut Room) {
        let Layout {
            taps, depth, row, ..
        } = self.layout;
        let outputs = self.geometry.outputs;
        let vectors = outputs.div_ceil(S::LANES);
        for tap in 0..taps {
            for block in columns(vectors, S::TILE_VECTORS) {
                let height = transposed_rows(S::TILE_VECTORS, block.count);
                let end = (block.start + block.count) * S::LANES;
                for first in (0..depth).step_by(height) {
                    // SAFETY: `depth` is a multiple of `height`; rows of the sums are padded to whole vectors.
                    unsafe {
                        let from = pixels.start * outputs + block.start * S::LANES;
                        let to = (tap * depth + first) * row + block.start * S::LANES;
                        multiply_transposed::<S>(
                            block.count,
                            &MultiplyTransposed {
                                a: self.scratch.rows.as_ptr().add(tap * pixels.len()),
                                a_offset: first,
                                b: self.gradient.as_ptr().add(from),
                                b_stride: outputs,
                                b_last: S::LANES - end.saturating_sub(outputs),
                                depth: pixels.len(),
                                c: sums.as_mut_ptr().add(to),
                                c_stride: row,
                                accumulate: pixels.start > self.pixels.start,
                            },
                        );
                    }
                }
            }
        }
    }
}

/// Adds the parts in order and brings the weights into the order `[out, in, kernel, kernel]`.
fn add_parts(g: &Geometry, layout: Layout, parts: &[Sums]) -> WeightGradient {
    let area = g.kernel * g.kernel;
    let sum = |buffer: &dyn Fn(&Sums) -> *const f32, offset: usize| {
        let mut sum = vec![0.0; g.outputs];
        for part in parts {
            for (i, sum) in sum.iter_mut().enumerate() {
                // SAFETY: a row of `outputs` elements of a part.
                *sum += unsafe { *buffer(part).add(offset + i) };
            }
        }
        sum
    };
    let mut weights = Values::zeros(g.weight_len());
    for tap in 0..area {
        for i in 0..g.inputs {
            let row = tap * g.inputs + i;
            let gradient = sum(&|part| part.weights.as_ptr(), row * layout.row);
            for (o, gradient) in gradient.into_iter().enumerate() {
                weights[(o * g.inputs + i) * area + tap] = gradient;
            }
        }
    }
    WeightGradient {
        weights,
        bias: sum(&|part| part.bias.as_ptr(), 0),
    }
}
