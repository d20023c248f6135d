//! Winograd convolution F(m x m, r x r) of stride 1 (Lavin and Gray, "Fast Algorithms for Convolutional Neural
//! Networks", CVPR 2016, [arXiv 1509.09308](https://arxiv.org/abs/1509.09308)).
//!
//! An output tile of `m x m` comes from an input tile of `n x n`, n = m + r - 1, by
//! `Y = A^T [(G g G^T) * (B^T d B)] A`: n^2 multiplications instead of m^2 r^2. Summed over input channels the products
//! are n^2 independent matrix products. The matrices follow from n - 1 points by Cook and Toom's construction;
//! here 0, +-1, +-2 (n = 6) and 0, +-1, +-2, +-1/2 (n = 8), the usual choice for small rounding errors:
//!
//! | kernel | n | m | multiplications, of a direct convolution's |
//! |---|---|---|---|
//! | 3x3 | 6 | 4 | 1/4 |
//! | 5x5 | 8 | 4 | 1/6.25 |
//! | 7x7 | 8 | 2 | 1/3.06 |
//!
//! The weight gradient uses the same transforms, transposed: `dU = sum over tiles (B^T d B) * (A dY A^T)`, `dg = G^T dU G`.

mod convolution;
mod transform;
mod weight_gradient;
mod weights;

pub use convolution::convolve;
pub use weight_gradient::weight_gradient;
pub use weights::transform_weights;

use crate::buffer::{Buffer, odd_lines};
use crate::geometry::Geometry;
use crate::simd::Simd;
use transform::input_tile;

/// Sizes of one Winograd algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// Side of an input tile, n.
    pub input: usize,
    /// Side of an output tile, m.
    pub output: usize,
}

impl Tiles {
    /// The algorithm for kernels of side `kernel`, if there is one.
    pub fn for_kernel(kernel: usize) -> Option<Self> {
        let (input, output) = match kernel {
            3 => (6, 4),
            5 => (8, 4),
            7 => (8, 2),
            _ => return None,
        };
        Some(Self { input, output })
    }

    /// Points: matrix products, n^2.
    pub fn points(self) -> usize {
        self.input * self.input
    }
}

/// Where the tiles of a convolution lie.
#[derive(Clone, Copy, Debug)]
struct Grid {
    tiles: Tiles,
    down: usize,
    across: usize,
    geometry: Geometry,
}

/// One tile: the image and the first row and column of its output.
#[derive(Clone, Copy, Debug)]
struct Tile {
    image: usize,
    row: usize,
    column: usize,
}

impl Grid {
    fn new(geometry: Geometry, tiles: Tiles) -> Self {
        Self {
            tiles,
            down: geometry.out_height().div_ceil(tiles.output),
            across: geometry.out_width().div_ceil(tiles.output),
            geometry,
        }
    }

    fn len(&self) -> usize {
        self.geometry.batch * self.down * self.across
    }

    fn tile(&self, index: usize) -> Tile {
        let (image, within) = (
            index / (self.down * self.across),
            index % (self.down * self.across),
        );
        Tile {
            image,
            row: within / self.across * self.tiles.output,
            column: within % self.across * self.tiles.output,
        }
    }

    /// Pointers to the pixels of a tile's input; `zeros` stands for those outside the image.
    ///
    /// # Safety
    /// `input` must be the whole input.
    #[inline(always)]
    unsafe fn input_pixels(
        &self,
        tile: Tile,
        input: *const f32,
        zeros: *const f32,
        pixels: &mut [*const f32; 64],
    ) {
        let g = &self.geometry;
        let n = self.tiles.input;
        for i in 0..n {
            // Wraps around to a huge number above the image, which is outside too.
            let y = (tile.row + i).wrapping_sub(g.padding);
            for j in 0..n {
                let x = (tile.column + j).wrapping_sub(g.padding);
                pixels[i * n + j] = if y < g.height && x < g.width {
                    let pixel = (tile.image * g.height + y) * g.width + x;
                    // SAFETY: the pixel lies within the image.
                    unsafe { input.add(pixel * g.inputs) }
                } else {
                    zeros
                };
            }
        }
    }
}

impl Grid {
    /// Transforms all channels of one tile of the input; point p goes to `to + p point`.
    ///
    /// # Safety
    /// As [`Simd`]; `input` must be the whole input, `zeros` as many zeros as it has channels, `to` a
    /// row of a [`Transformed`] of as many channels.
    #[inline(always)]
    unsafe fn transform_input<S: Simd, const N: usize>(
        &self,
        tile: Tile,
        input: *const f32,
        zeros: *const f32,
        to: *mut f32,
        point: usize,
    ) {
        let inputs = self.geometry.inputs;
        let mut pixels = [std::ptr::null(); 64];
        // SAFETY: pixels lie within the input or are `zeros`, both of `inputs` elements.
        unsafe {
            self.input_pixels(tile, input, zeros, &mut pixels);
            let mut channel = 0;
            while channel + S::LANES <= inputs {
                let to = to.add(channel);
                input_tile::<S, N, false>(&pixels, channel, S::LANES, to, point);
                channel += S::LANES;
            }
            if channel < inputs {
                let to = to.add(channel);
                input_tile::<S, N, true>(&pixels, channel, inputs - channel, to, point);
            }
        }
    }
}

/// A transformed block: for every point a matrix of `tiles` rows.
#[derive(Clone, Copy)]
struct Transformed {
    data: *mut f32,
    /// Elements from tile to tile.
    row: usize,
    /// Elements from point to point.
    point: usize,
}

impl Transformed {
    fn new(buffer: &mut Buffer, tiles: usize, channels: usize, points: usize) -> Self {
        let row = channels.next_multiple_of(16);
        let point = odd_lines(tiles * row);
        Self {
            data: buffer.at_least(points * point),
            row,
            point,
        }
    }
}

/// Multiplications and additions of the matrix products of one pass.
pub fn operations(geometry: Geometry, tiles: Tiles) -> f64 {
    let products = Grid::new(geometry, tiles).len() * tiles.points();
    2.0 * products as f64 * (geometry.inputs * geometry.outputs) as f64
}

/// Tiles of a block, so that its transformed input and output of `channels` channels together fill
/// about `bytes`; a multiple of 24, which all register tiles divide.
fn block_tiles(tiles: Tiles, channels: usize, bytes: usize) -> usize {
    let tile_bytes = tiles.points() * channels * size_of::<f32>();
    (bytes / tile_bytes / 24 * 24).clamp(24, 240)
}
