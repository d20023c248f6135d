//! Large images, cut into overlapping tiles: R has no normalization and a bounded reach, so tiles are exact.
//!
//! A tile's *core* is what it is there for, its *window* what the net is given. Values near an inner edge of a window are
//! wrong, for zeros stand where pixels were; the margin between core and window is so wide that none of them reaches the
//! core. Edges of the image are edges of windows, padded as in the whole.
//!
//! To be equal to the last bit, a tile must round as the whole does. Winograd's algorithm computes squares of outputs
//! together ([`square`]), and each of them depends, in its last bits, on all inputs that its square sees. So cores and
//! windows begin at whole squares, and every layer reaches as far as its squares see: 32 pixels in the paper's eyes
//! instead of 9.

use std::ops::Range;

use simgan_kernels::ops::square;

use crate::nets::graph::{Graph, Node, Operation};

/// Bytes of all maps of one layer on a tile: a few layers are in memory at a time.
const LAYER_BYTES: usize = 48 << 20;

/// How large images are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiling {
    /// Windows have at most so many pixels on a side.
    window: usize,
    /// Pixels around a core, where there are any.
    margin: usize,
    /// Cores begin at multiples of it.
    grid: usize,
}

/// One tile: rows and columns of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    /// Whose values are used.
    pub(super) core: [Range<usize>; 2],
    /// What the net sees.
    pub(super) window: [Range<usize>; 2],
}

impl Tiling {
    /// For a network that keeps the size of images.
    pub(super) fn of(graph: &Graph) -> Self {
        let convolutions = || graph.nodes().iter().rev().filter_map(squares);
        // Squares are 1, 2 or 4 wide: the widest are whole numbers of all others.
        let grid = convolutions().map(|(square, _)| square).max().unwrap_or(1);
        let reach = convolutions().fold(0, |reach: usize, (square, padding)| {
            reach.next_multiple_of(square) + padding
        });
        let margin = reach.next_multiple_of(grid);
        let maps = graph.nodes().iter().map(|node| node.output[0]);
        let pixels = LAYER_BYTES / (size_of::<f32>() * maps.max().unwrap_or(1));
        Self {
            // No more than three quarters of a window are margin.
            window: pixels.isqrt().max(4 * margin + grid),
            margin,
            grid,
        }
    }

    /// Whether images of that height and width are cut.
    pub(super) fn cuts(&self, [height, width]: [usize; 2]) -> bool {
        height * width > self.window * self.window
    }

    /// Images of that height and width that have no more pixels than a window; at least 1.
    pub(super) fn images_within(&self, [height, width]: [usize; 2]) -> usize {
        (self.window * self.window / (height * width).max(1)).max(1)
    }

    /// Tiles whose cores cover an image of that height and width once, row by row.
    pub(super) fn rows(&self, size: [usize; 2]) -> impl Iterator<Item = Vec<Tile>> {
        let cuts = match self.cuts(size) {
            true => size.map(|side| self.cores(side)),
            false => size.map(|side| std::iter::once(0..side).collect()),
        };
        let window = move |core: &Range<usize>, side: usize| {
            core.start.saturating_sub(self.margin)..(core.end + self.margin).min(side)
        };
        let [rows, columns] = cuts;
        rows.into_iter().map(move |row| {
            let tile = |column: &Range<usize>| Tile {
                window: [window(&row, size[0]), window(column, size[1])],
                core: [row.clone(), column.clone()],
            };
            columns.iter().map(tile).collect()
        })
    }

    /// A side, cut into cores of nearly equal length.
    fn cores(&self, side: usize) -> Vec<Range<usize>> {
        let longest = (self.window - 2 * self.margin) / self.grid * self.grid;
        let number = side.div_ceil(longest);
        let length = side.div_ceil(number).next_multiple_of(self.grid);
        let core = |start: usize| start..(start + length).min(side);
        (0..side).step_by(length).map(core).collect()
    }
}

impl Tile {
    /// Rows and columns of the core, counted from the window's corner.
    pub(super) fn core_in_window(&self) -> [Range<usize>; 2] {
        std::array::from_fn(|axis| {
            let (core, window) = (&self.core[axis], &self.window[axis]);
            core.start - window.start..core.end - window.start
        })
    }
}

/// Side of the squares that a convolution computes together, and its padding.
fn squares(node: &Node) -> Option<(usize, usize)> {
    match node.operation {
        Operation::Convolution(window) => {
            let channels = [node.input[0], node.output[0]];
            Some((
                square(channels, window.kernel, window.stride),
                window.padding,
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
impl Tiling {
    /// The same with cores of about `side` pixels.
    pub(super) fn with_core(self, side: usize) -> Self {
        Self {
            window: 2 * self.margin + side.next_multiple_of(self.grid),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_cover_an_image_once_and_begin_on_the_grid() {
        let tiling = Tiling {
            window: 40,
            margin: 8,
            grid: 4,
        };
        for size in [[41, 41], [100, 17], [3, 999], [64, 200]] {
            let mut seen = vec![0; size[0] * size[1]];
            for tile in tiling.rows(size).flatten() {
                for (axis, &side) in size.iter().enumerate() {
                    let (core, window) = (&tile.core[axis], &tile.window[axis]);
                    assert_eq!((core.start % 4, window.start % 4), (0, 0));
                    assert!(window.len() <= 40, "{window:?}");
                    assert!(window.start == 0 || core.start - window.start == 8);
                    assert!(window.end == side || window.end - core.end == 8);
                }
                for row in tile.core[0].clone() {
                    tile.core[1]
                        .clone()
                        .for_each(|column| seen[row * size[1] + column] += 1);
                }
            }
            assert!(seen.into_iter().all(|times| times == 1), "{size:?}");
        }
    }

    #[test]
    fn small_images_are_one_tile() {
        let tiling = Tiling {
            window: 40,
            margin: 8,
            grid: 4,
        };
        let tiles: Vec<Tile> = tiling.rows([30, 50]).flatten().collect();
        let whole = [0..30, 0..50];
        assert_eq!(
            tiles,
            [Tile {
                core: whole.clone(),
                window: whole
            }]
        );
        assert_eq!(tiling.images_within([10, 10]), 16);
        assert_eq!(tiling.images_within([50, 50]), 1);
    }
}
