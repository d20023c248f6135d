//! The gradients of weights and bias.

use rayon::prelude::*;

use super::transform::{gradient_tile, weight_matrix};
use super::{Grid, Tiles, Transformed, block_tiles};
use crate::WeightGradient;
use crate::buffer::{Scratch, Shared, odd_lines, with_scratch};
use crate::epilogue::load;
use crate::geometry::Geometry;
use crate::memory::{Room, Values};
use crate::parts::weight_gradient_parts;
use crate::simd::{Isa, Kernel, Simd};
use crate::tile::{MultiplyTransposed, columns, multiply_transposed, transposed_rows};

/// Bytes of a block's transformed input and output gradient.
const BLOCK_BYTES: usize = 640 << 10;

/// The gradients of a convolution of stride 1 for `input` and the output's gradient.
///
/// # Safety
/// `input` holds `geometry.input_len()` elements, `gradient` `geometry.output_len()`; the stride is 1.
pub unsafe fn weight_gradient(
    isa: Isa,
    geometry: Geometry,
    tiles: Tiles,
    input: &[f32],
    gradient: &[f32],
) -> WeightGradient {
    debug_assert_eq!(geometry.stride, 1);
    let grid = Grid::new(geometry, tiles);
    let area = geometry.out_height() * geometry.out_width();
    let part = grid
        .len()
        .div_ceil(weight_gradient_parts(geometry.batch * area));
    let zeros = vec![0.0; geometry.inputs.max(geometry.outputs)];
    let sums: Vec<Sums> = (0..grid.len().div_ceil(part))
        .into_par_iter()
        .with_max_len(1)
        .map(|index| {
            let tiles = index * part..((index + 1) * part).min(grid.len());
            with_scratch(|scratch| {
                isa.run(Part {
                    grid,
                    tiles,
                    input,
                    gradient,
                    zeros: &zeros,
                    scratch,
                })
            })
        })
        .collect();
    WeightGradient {
        weights: transform_back(isa, &grid, &sums),
        bias: add_bias(&sums, geometry.outputs),
    }
}

/// Sums over the tiles of one part.
struct Sums {
    /// dU: for every point `inputs` (padded) rows of `row` elements.
    weights: Room,
    bias: Values,
}

/// Layout of [`Sums::weights`].
#[derive(Clone, Copy)]
struct Layout {
    row: usize,
    point: usize,
}

impl Layout {
    fn new(geometry: &Geometry) -> Self {
        let row = geometry.outputs.next_multiple_of(16);
        Self {
            row,
            point: odd_lines(geometry.inputs.next_multiple_of(16) * row),
        }
    }
}

/// Where the product of one point goes.
struct Product {
    data: *mut f32,
    row: usize,
    /// Adds to what is there rather than writing it.
    accumulate: bool,
}

/// A range of tiles.
struct Part<'a> {
    grid: Grid,
    tiles: std::ops::Range<usize>,
    input: &'a [f32],
    gradient: &'a [f32],
    zeros: &'a [f32],
    scratch: &'a mut Scratch,
}

impl Kernel for Part<'_> {
    type Output = Sums;

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) -> Sums {
        // SAFETY: the caller of `weight_gradient` vouches for the buffers, `run` for the instruction set.
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

impl Part<'_> {
    #[inline(always)]
    unsafe fn sized<S: Simd, const N: usize, const M: usize>(&mut self) -> Sums {
        let g = self.grid.geometry;
        let layout = Layout::new(&g);
        let mut sums = Sums {
            weights: Room::new(N * N * layout.point),
            bias: Values::zeros(layout.row),
        };
        let channels = g.inputs.next_multiple_of(16) + g.outputs.next_multiple_of(16);
        let block = block_tiles(self.grid.tiles, channels, BLOCK_BYTES);
        let mut first = self.tiles.start;
        while first < self.tiles.end {
            let tiles = first..(first + block).min(self.tiles.end);
            // SAFETY: passed on.
            unsafe { self.block::<S, N, M>(tiles, layout, &mut sums) };
            first += block;
        }
        sums
    }

    #[inline(always)]
    unsafe fn block<S: Simd, const N: usize, const M: usize>(
        &mut self,
        tiles: std::ops::Range<usize>,
        layout: Layout,
        sums: &mut Sums,
    ) {
        let g = self.grid.geometry;
        let count = tiles.len();
        let accumulate = tiles.start > self.tiles.start;
        let input = Transformed::new(&mut self.scratch.input, count, g.inputs, N * N);
        let output = Transformed::new(&mut self.scratch.output, count, g.outputs, N * N);
        for (t, index) in tiles.enumerate() {
            let tile = self.grid.tile(index);
            // SAFETY: a tile's rows of the scratch matrices.
            unsafe {
                let row = input.data.add(t * input.row);
                let zeros = self.zeros.as_ptr();
                self.grid.transform_input::<S, N>(
                    tile,
                    self.input.as_ptr(),
                    zeros,
                    row,
                    input.point,
                );
                let row = output.data.add(t * output.row);
                self.transform_gradient::<S, N, M>(tile, row, output.point, &mut sums.bias);
            }
        }
        for point in 0..N * N {
            // SAFETY: the matrices of one point.
            unsafe {
                let to = Product {
                    data: sums.weights.as_mut_ptr().add(point * layout.point),
                    row: layout.row,
                    accumulate,
                };
                self.multiply::<S>(point, count, input, output, to);
            }
        }
    }

    /// `A dY A^T` of one tile, and the sum of dY into the bias' gradient.
    #[inline(always)]
    unsafe fn transform_gradient<S: Simd, const N: usize, const M: usize>(
        &self,
        tile: super::Tile,
        to: *mut f32,
        point: usize,
        bias: &mut Values,
    ) {
        let g = self.grid.geometry;
        let (height, width) = (g.out_height(), g.out_width());
        let mut channel = 0;
        while channel < g.outputs {
            let count = S::LANES.min(g.outputs - channel);
            // SAFETY: only pixels within the output are read.
            unsafe {
                let mut values = [[S::splat(0.0); M]; M];
                let mut sum = S::load(bias.as_ptr().add(channel));
                for (i, line) in values.iter_mut().enumerate() {
                    for (j, value) in line.iter_mut().enumerate() {
                        let (y, x) = (tile.row + i, tile.column + j);
                        if y < height && x < width {
                            let pixel = (tile.image * height + y) * width + x;
                            let from = self.gradient.as_ptr().add(pixel * g.outputs + channel);
                            *value = load::<S>(from, count);
                            sum = S::add(sum, *value);
                        }
                    }
                }
                S::store(bias.as_mut_ptr().add(channel), sum);
                gradient_tile::<S, N, M>(&values, to.add(channel), point);
            }
            channel += S::LANES;
        }
    }

    /// Adds one point's product of the transformed input, transposed, and output gradient.
    #[inline(always)]
    unsafe fn multiply<S: Simd>(
        &mut self,
        point: usize,
        count: usize,
        input: Transformed,
        output: Transformed,
        to: Product,
    ) {
        let g = self.grid.geometry;
        let rows = &mut self.scratch.rows;
        rows.clear();
        // SAFETY: rows of the transformed input.
        rows.extend((0..count).map(|t| unsafe {
            input
                .data
                .add(point * input.point + t * input.row)
                .cast_const()
        }));
        for block in columns(g.outputs.div_ceil(S::LANES), S::TILE_VECTORS) {
            let height = transposed_rows(S::TILE_VECTORS, block.count);
            for channel in (0..g.inputs).step_by(height) {
                // SAFETY: rows are padded to a multiple of 16 elements, so that whole tiles lie within.
                unsafe {
                    let b = output
                        .data
                        .add(point * output.point + block.start * S::LANES);
                    let c = to.data.add(channel * to.row + block.start * S::LANES);
                    multiply_transposed::<S>(
                        block.count,
                        &MultiplyTransposed {
                            a: rows.as_ptr(),
                            a_offset: channel,
                            b,
                            b_stride: output.row,
                            b_last: S::LANES,
                            depth: count,
                            c,
                            c_stride: to.row,
                            accumulate: to.accumulate,
                        },
                    );
                }
            }
        }
    }
}

fn add_bias(sums: &[Sums], outputs: usize) -> Vec<f32> {
    let mut bias = vec![0.0; outputs];
    for part in sums {
        for (i, sum) in bias.iter_mut().enumerate() {
            // SAFETY: a part's bias has `outputs` elements, padded.
            *sum += unsafe { *part.bias.as_ptr().add(i) };
        }
    }
    bias
}

/// Adds the parts and transforms dU back: `dg = G^T dU G`.
fn transform_back(isa: Isa, grid: &Grid, sums: &[Sums]) -> Values {
    let g = grid.geometry;
    let matrix = weight_matrix(grid.tiles.input, g.kernel);
    let mut weights = Values::zeros(g.weight_len());
    let to = Shared(weights.as_mut_ptr());
    (0..g.inputs)
        .into_par_iter()
        .with_min_len(4)
        .for_each(|input| {
            isa.run(BackTransform {
                grid,
                sums,
                input,
                matrix: &matrix,
                to,
            });
        });
    weights
}

/// All weights of one input channel.
struct BackTransform<'a> {
    grid: &'a Grid,
    sums: &'a [Sums],
    input: usize,
    matrix: &'a [Vec<f32>],
    to: Shared,
}

impl Kernel for BackTransform<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let g = self.grid.geometry;
        let layout = Layout::new(&g);
        for channel in (0..g.outputs).step_by(S::LANES) {
            // SAFETY: every part holds the points of this row; weights of this input channel are
            // written here alone.
            unsafe {
                let mut u = [S::splat(0.0); 64];
                for (point, u) in u.iter_mut().enumerate().take(self.grid.tiles.points()) {
                    let offset = point * layout.point + self.input * layout.row + channel;
                    for part in self.sums {
                        *u = S::add(*u, S::load(part.weights.as_ptr().add(offset)));
                    }
                }
                self.write::<S>(&u, channel);
            }
        }
    }
}

impl BackTransform<'_> {
    #[inline(always)]
    unsafe fn write<S: Simd>(&self, u: &[S::V; 64], channel: usize) {
        let g = self.grid.geometry;
        let n = self.matrix.len();
        let area = g.kernel * g.kernel;
        for k in 0..g.kernel {
            // SAFETY: weights of output channels below `outputs`.
            unsafe {
                let mut line = [S::splat(0.0); 8];
                for (j, sum) in line.iter_mut().enumerate().take(n) {
                    for (i, row) in self.matrix.iter().enumerate() {
                        *sum = S::mul_add(S::splat(row[k]), u[i * n + j], *sum);
                    }
                }
                for l in 0..g.kernel {
                    let mut sum = S::splat(0.0);
                    for (j, row) in self.matrix.iter().enumerate() {
                        sum = S::mul_add(S::splat(row[l]), line[j], sum);
                    }
                    let mut lanes = [0.0f32; 16];
                    S::store(lanes.as_mut_ptr(), sum);
                    for (lane, output) in (channel..g.outputs).enumerate().take(S::LANES) {
                        let weight = (output * g.inputs + self.input) * area + k * g.kernel + l;
                        self.to.get().add(weight).write(lanes[lane]);
                    }
                }
            }
        }
    }
}
