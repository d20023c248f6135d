//! Transformed weights U = G g G^T, packed for the matrix products.

use rayon::prelude::*;

use super::Tiles;
use super::transform::weight_matrix;
use crate::buffer::Shared;
use crate::memory::Room;
use crate::simd::{Isa, Kernel, Simd};
use crate::tile::columns;

/// U of a convolution: for every point, for every block of output channels, `inputs` rows of the block's width.
pub struct TransformedWeights {
    room: Room,
    /// Elements of one point.
    pub point: usize,
}

impl TransformedWeights {
    /// The first element.
    pub fn as_ptr(&self) -> *const f32 {
        self.room.as_ptr()
    }
}

/// Transforms weights. `weight(o, i, k)` is where the weight of output channel `o`, input channel `i` and kernel
/// position `k` (row-major) lies in `weights`.
pub fn transform_weights(
    isa: Isa,
    tiles: Tiles,
    inputs: usize,
    outputs: usize,
    weights: &[f32],
    weight: impl Fn(usize, usize, usize) -> usize + Sync + Copy,
) -> TransformedWeights {
    let vectors = outputs.div_ceil(isa.lanes());
    let point = inputs * vectors * isa.lanes();
    let matrix = weight_matrix(tiles.input, tiles.input - tiles.output + 1);
    let transform = |input: usize, to: Shared| {
        isa.run(TransformInput {
            tiles,
            input,
            inputs,
            outputs,
            weights,
            weight,
            matrix: &matrix,
            to,
            point,
        });
    };
    let mut room = Room::new(tiles.points() * point);
    let to = Shared(room.as_mut_ptr());
    (0..inputs)
        .into_par_iter()
        .with_min_len(8)
        .for_each(|input| transform(input, to));
    TransformedWeights { room, point }
}

/// All weights of one input channel.
struct TransformInput<'a, F> {
    tiles: Tiles,
    input: usize,
    inputs: usize,
    outputs: usize,
    weights: &'a [f32],
    weight: F,
    matrix: &'a [Vec<f32>],
    to: Shared,
    point: usize,
}

impl<F: Fn(usize, usize, usize) -> usize> Kernel for TransformInput<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let kernel = self.tiles.input - self.tiles.output + 1;
        let vectors = self.outputs.div_ceil(S::LANES);
        for block in columns(vectors, S::TILE_VECTORS) {
            for v in 0..block.count {
                let first = (block.start + v) * S::LANES;
                // SAFETY: the instruction set is the caller's; every element written lies within
                // its point's `inputs x vectors` vectors.
                unsafe {
                    let mut g = [S::splat(0.0); 49];
                    for (k, g) in g.iter_mut().enumerate().take(kernel * kernel) {
                        *g = self.gather::<S>(first, k);
                    }
                    let row = self.inputs * block.start + self.input * block.count + v;
                    let to = self.to.get().add(row * S::LANES);
                    transform_kernel::<S>(self.matrix, &g, kernel, to, self.point);
                }
            }
        }
    }
}

impl<F: Fn(usize, usize, usize) -> usize> TransformInput<'_, F> {
    /// Kernel position `k` of the output channels from `first` on, 0 beyond the last one.
    #[inline(always)]
    unsafe fn gather<S: Simd>(&self, first: usize, k: usize) -> S::V {
        let mut lanes = [0.0f32; 16];
        for (lane, output) in lanes.iter_mut().zip(first..self.outputs).take(S::LANES) {
            *lane = self.weights[(self.weight)(output, self.input, k)];
        }
        // SAFETY: no instruction set has more than 16 lanes.
        unsafe { S::load(lanes.as_ptr()) }
    }
}

/// G g G^T of one vector of kernels; element (i, j) goes to `to + (i n + j) stride`.
#[inline(always)]
unsafe fn transform_kernel<S: Simd>(
    matrix: &[Vec<f32>],
    g: &[S::V; 49],
    kernel: usize,
    to: *mut f32,
    stride: usize,
) {
    let n = matrix.len();
    for (i, row) in matrix.iter().enumerate() {
        // SAFETY: the caller vouches for `to`.
        unsafe {
            let mut line = [S::splat(0.0); 7];
            for (j, sum) in line.iter_mut().enumerate().take(kernel) {
                for (k, &factor) in row.iter().enumerate() {
                    *sum = S::mul_add(S::splat(factor), g[k * kernel + j], *sum);
                }
            }
            for (j, row) in matrix.iter().enumerate() {
                let mut sum = S::splat(0.0);
                for (k, &factor) in row.iter().enumerate() {
                    sum = S::mul_add(S::splat(factor), line[k], sum);
                }
                S::store(to.add((i * n + j) * stride), sum);
            }
        }
    }
}
