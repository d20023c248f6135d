//! The convolution itself: blocks of tiles are transformed, multiplied and transformed back while they are in cache.

use rayon::prelude::*;

use super::transform::output_tile;
use super::weights::TransformedWeights;
use super::{Grid, Tiles, Transformed, block_tiles};
use crate::buffer::{Scratch, Shared, with_scratch};
use crate::epilogue::Epilogue;
use crate::geometry::Geometry;
use crate::simd::{Isa, Kernel, Simd};
use crate::tile::{Columns, MAX_ROWS, Multiply, columns, multiply, rows};

/// Bytes of a block's transformed input and output: with the weights of 64 channels they fit into 2 MB of L2.
const BLOCK_BYTES: usize = 480 << 10;

/// Writes the convolution of `input` with `weights` to `out`.
///
/// # Safety
/// `input` holds `geometry.input_len()` elements, `out` and the epilogue's tensors `geometry.output_len()`; the stride is 1.
pub unsafe fn convolve(
    isa: Isa,
    geometry: Geometry,
    tiles: Tiles,
    input: &[f32],
    weights: &TransformedWeights,
    epilogue: Epilogue,
    out: *mut f32,
) {
    debug_assert_eq!(geometry.stride, 1);
    let grid = Grid::new(geometry, tiles);
    let channels = geometry.inputs.next_multiple_of(16) + geometry.outputs.next_multiple_of(16);
    let block = block_tiles(tiles, channels, BLOCK_BYTES);
    let zeros = vec![0.0; geometry.inputs];
    let out = Shared(out);
    let run = |index: usize| {
        with_scratch(|scratch| {
            isa.run(Block {
                grid,
                tiles: index * block..((index + 1) * block).min(grid.len()),
                input,
                zeros: &zeros,
                weights,
                epilogue,
                out,
                scratch,
            });
        });
    };
    (0..grid.len().div_ceil(block))
        .into_par_iter()
        .with_max_len(1)
        .for_each(run);
}

/// A block of tiles.
struct Block<'a> {
    grid: Grid,
    tiles: std::ops::Range<usize>,
    input: &'a [f32],
    zeros: &'a [f32],
    weights: &'a TransformedWeights,
    epilogue: Epilogue,
    out: Shared,
    scratch: &'a mut Scratch,
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        // SAFETY: the caller of `convolve` vouches for the buffers, `run` for the instruction set.
        unsafe {
            match (self.grid.tiles.input, self.grid.tiles.output) {
                (6, 4) => self.sized::<S, 6, 4>(),
                (8, 4) => self.sized::<S, 8, 4>(),
                (8, 2) => self.sized::<S, 8, 2>(),
                other => unreachable!("no Winograd tiles {other:?}"),
            }
        }
    }
}

impl Block<'_> {
    #[inline(always)]
    unsafe fn sized<S: Simd, const N: usize, const M: usize>(&mut self) {
        let g = self.grid.geometry;
        let count = self.tiles.len();
        let input = Transformed::new(&mut self.scratch.input, count, g.inputs, N * N);
        let output = Transformed::new(&mut self.scratch.output, count, g.outputs, N * N);
        // SAFETY: passed on.
        unsafe {
            self.transform_input::<S, N>(input);
            self.multiply::<S>(input, output, N * N);
            self.transform_output::<S, N, M>(output);
        }
    }

    #[inline(always)]
    unsafe fn transform_input<S: Simd, const N: usize>(&self, to: Transformed) {
        for (t, index) in self.tiles.clone().enumerate() {
            // SAFETY: a tile's row of the scratch matrix.
            unsafe {
                let row = to.data.add(t * to.row);
                self.grid.transform_input::<S, N>(
                    self.grid.tile(index),
                    self.input.as_ptr(),
                    self.zeros.as_ptr(),
                    row,
                    to.point,
                );
            }
        }
    }

    #[inline(always)]
    unsafe fn multiply<S: Simd>(&self, from: Transformed, to: Transformed, points: usize) {
        let g = self.grid.geometry;
        let vectors = g.outputs.div_ceil(S::LANES);
        for point in 0..points {
            for block in columns(vectors, S::TILE_VECTORS) {
                // SAFETY: the block's weights follow those of the blocks before it.
                unsafe {
                    let packed = point * self.weights.point + g.inputs * block.start * S::LANES;
                    let b = self.weights.as_ptr().add(packed);
                    self.multiply_columns::<S>(from, to, point, block, b);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn multiply_columns<S: Simd>(
        &self,
        from: Transformed,
        to: Transformed,
        point: usize,
        block: Columns,
        b: *const f32,
    ) {
        let count = self.tiles.len();
        let height = rows(S::TILE_VECTORS, block.count);
        let mut first = 0;
        while first < count {
            let mut a = [std::ptr::null(); MAX_ROWS];
            let mut c = [std::ptr::null_mut(); MAX_ROWS];
            for i in 0..height {
                // Beyond the last tile the last one is computed again.
                let t = (first + i).min(count - 1);
                // SAFETY: tile `t` is a row of both matrices.
                unsafe {
                    a[i] = from.data.add(point * from.point + t * from.row);
                    c[i] = to
                        .data
                        .add(point * to.point + t * to.row + block.start * S::LANES);
                }
            }
            let product = Multiply {
                a: a.as_ptr().cast(),
                a_group: 0,
                taps: 1,
                depth: self.grid.geometry.inputs,
                b,
                c: c.as_ptr(),
                accumulate: false,
            };
            // SAFETY: rows of the scratch matrices and of the packed weights.
            unsafe { multiply::<S>(block.count, &product) };
            first += height;
        }
    }

    #[inline(always)]
    unsafe fn transform_output<S: Simd, const N: usize, const M: usize>(&self, from: Transformed) {
        let g = self.grid.geometry;
        let (height, width) = (g.out_height(), g.out_width());
        for (t, index) in self.tiles.clone().enumerate() {
            let tile = self.grid.tile(index);
            let mut channel = 0;
            while channel < g.outputs {
                let count = S::LANES.min(g.outputs - channel);
                // SAFETY: only pixels within the output are written.
                unsafe {
                    let first = from.data.add(t * from.row + channel);
                    let values = output_tile::<S, N, M>(first, from.point);
                    for (i, line) in values.into_iter().enumerate() {
                        for (j, value) in line.into_iter().enumerate() {
                            let (y, x) = (tile.row + i, tile.column + j);
                            if y < height && x < width {
                                let pixel = (tile.image * height + y) * width + x;
                                let offset = pixel * g.outputs + channel;
                                let out = self.out.get();
                                self.epilogue.write::<S>(value, channel, out, offset, count);
                            }
                        }
                    }
                }
                channel += S::LANES;
            }
        }
    }
}
