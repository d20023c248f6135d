//! The two register tiles that all arithmetic is made of.
//!
//! `TILE` is up to 24 accumulators: `ROWS` rows by `VECTORS` vectors. Its size follows from the number of registers
//! (32 with AVX-512, 16 otherwise) and from two loads a cycle: a tile has to do more multiply-adds than loads.

use crate::simd::Simd;

/// Rows of the tile of [`multiply`] for a width of `vectors`.
pub const fn rows(tile_vectors: usize, vectors: usize) -> usize {
    match (tile_vectors, vectors) {
        (4, 4) => 6,
        (4, 3) => 8,
        (4, _) => 12,
        (_, 2) => 6,
        _ => 8,
    }
}

/// Rows of the tile of [`multiply_transposed`] for a width of `vectors`. All divide 8, so that a
/// number of rows rounded up to a multiple of 8 suits every width.
pub const fn transposed_rows(tile_vectors: usize, vectors: usize) -> usize {
    match (tile_vectors, vectors) {
        (4, 4) | (2, 2) => 4,
        _ => 8,
    }
}

/// The largest [`rows`].
pub const MAX_ROWS: usize = 12;

/// How a width of `vectors` is cut into tiles: the number of tiles and the vectors of the widest.
/// The widest come first; the others have one vector less.
pub fn cut(vectors: usize, tile_vectors: usize) -> (usize, usize) {
    let tiles = vectors.div_ceil(tile_vectors);
    (tiles, vectors.div_ceil(tiles))
}

/// A block of columns of a matrix, in vectors: `start..start + count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// First vector.
    pub start: usize,
    /// Number of vectors, at most `Simd::TILE_VECTORS`.
    pub count: usize,
}

/// Cuts a width of `vectors` into blocks of nearly equal width.
pub fn columns(vectors: usize, tile_vectors: usize) -> impl Iterator<Item = Columns> {
    let (tiles, widest) = cut(vectors, tile_vectors);
    let wide = vectors - tiles * (widest - 1);
    (0..tiles).map(move |i| Columns {
        start: i * widest - i.saturating_sub(wide),
        count: if i < wide { widest } else { widest - 1 },
    })
}

/// `C (+)= sum over taps of A_tap B_tap` for one tile, where rows of A and C lie anywhere.
pub struct Multiply {
    /// Row pointers of A: `taps` groups of `a_group` pointers, of which the first `rows` are used. A row has `depth` elements.
    pub a: *const *const f32,
    /// Pointers from one tap's group to the next one's.
    pub a_group: usize,
    /// Number of taps.
    pub taps: usize,
    /// Columns of A, rows of B, a tap.
    pub depth: usize,
    /// B, packed: `taps x depth` rows of `count` vectors.
    pub b: *const f32,
    /// Row pointers of C, at the first column of the tile.
    pub c: *const *mut f32,
    /// Adds to C rather than writing it.
    pub accumulate: bool,
}

/// Runs [`Multiply`] for a tile of `count` vectors and [`rows`] rows.
///
/// # Safety
/// As [`Simd`]; all pointers valid for what the fields say. Rows may be given twice.
#[inline(always)]
pub unsafe fn multiply<S: Simd>(count: usize, m: &Multiply) {
    // SAFETY: passed on.
    unsafe {
        match (S::TILE_VECTORS, count) {
            (4, 4) => multiply_tile::<S, 6, 4>(m),
            (4, 3) => multiply_tile::<S, 8, 3>(m),
            (4, 2) => multiply_tile::<S, 12, 2>(m),
            (4, _) => multiply_tile::<S, 12, 1>(m),
            (_, 2) => multiply_tile::<S, 6, 2>(m),
            _ => multiply_tile::<S, 8, 1>(m),
        }
    }
}

#[inline(always)]
unsafe fn multiply_tile<S: Simd, const ROWS: usize, const VECTORS: usize>(m: &Multiply) {
    // SAFETY: the caller of `multiply` vouches for the pointers.
    unsafe {
        let mut sums = [[S::splat(0.0); VECTORS]; ROWS];
        let mut b = m.b;
        for tap in 0..m.taps {
            let group = m.a.add(tap * m.a_group);
            let mut rows = [std::ptr::null(); ROWS];
            for (i, row) in rows.iter_mut().enumerate() {
                *row = *group.add(i);
            }
            for k in 0..m.depth {
                let mut columns = [S::splat(0.0); VECTORS];
                for (j, column) in columns.iter_mut().enumerate() {
                    *column = S::load(b.add(j * S::LANES));
                }
                b = b.add(VECTORS * S::LANES);
                for (row, a) in sums.iter_mut().zip(rows) {
                    let a = S::splat(*a.add(k));
                    for (sum, column) in row.iter_mut().zip(columns) {
                        *sum = S::mul_add(a, column, *sum);
                    }
                }
            }
        }
        if m.accumulate {
            for (i, row) in sums.iter_mut().enumerate() {
                for (j, sum) in row.iter_mut().enumerate() {
                    *sum = S::add(*sum, S::load((*m.c.add(i)).add(j * S::LANES)));
                }
            }
        }
        for (i, row) in sums.into_iter().enumerate() {
            for (j, sum) in row.into_iter().enumerate() {
                S::store((*m.c.add(i)).add(j * S::LANES), sum);
            }
        }
    }
}

/// `C (+)= A^T B` for one tile: a sum over `depth` rows of A and B.
pub struct MultiplyTransposed {
    /// Row pointers of A.
    pub a: *const *const f32,
    /// First element used of every row of A.
    pub a_offset: usize,
    /// First row of B, at the first column of the tile.
    pub b: *const f32,
    /// Elements from row to row of B.
    pub b_stride: usize,
    /// Elements of B's last vector that exist, 1 to `LANES`; the others count as 0.
    pub b_last: usize,
    /// Rows of A and B.
    pub depth: usize,
    /// C, at the first row and column of the tile.
    pub c: *mut f32,
    /// Elements from row to row of C.
    pub c_stride: usize,
    /// Adds to C rather than writing it.
    pub accumulate: bool,
}

/// Runs [`MultiplyTransposed`] for a tile of `count` vectors and [`transposed_rows`] rows.
///
/// # Safety
/// As [`Simd`]; all pointers valid for what the fields say. C is accessed in whole vectors.
#[inline(always)]
pub unsafe fn multiply_transposed<S: Simd>(count: usize, m: &MultiplyTransposed) {
    // SAFETY: passed on.
    unsafe {
        if m.b_last == S::LANES {
            transposed_width::<S, false>(count, m);
        } else {
            transposed_width::<S, true>(count, m);
        }
    }
}

#[inline(always)]
unsafe fn transposed_width<S: Simd, const PARTIAL: bool>(count: usize, m: &MultiplyTransposed) {
    // SAFETY: passed on.
    unsafe {
        match (S::TILE_VECTORS, count) {
            (4, 4) => transposed_tile::<S, 4, 4, PARTIAL>(m),
            (4, 3) => transposed_tile::<S, 8, 3, PARTIAL>(m),
            (4, 2) => transposed_tile::<S, 8, 2, PARTIAL>(m),
            (_, 2) => transposed_tile::<S, 4, 2, PARTIAL>(m),
            _ => transposed_tile::<S, 8, 1, PARTIAL>(m),
        }
    }
}

#[inline(always)]
unsafe fn transposed_tile<S: Simd, const ROWS: usize, const VECTORS: usize, const PARTIAL: bool>(
    m: &MultiplyTransposed,
) {
    // SAFETY: the caller of `multiply_transposed` vouches for the pointers.
    unsafe {
        let mut sums = [[S::splat(0.0); VECTORS]; ROWS];
        if m.accumulate {
            for (i, row) in sums.iter_mut().enumerate() {
                for (j, sum) in row.iter_mut().enumerate() {
                    *sum = S::load(m.c.add(i * m.c_stride + j * S::LANES));
                }
            }
        }
        let mut b = m.b;
        for p in 0..m.depth {
            let a = (*m.a.add(p)).add(m.a_offset);
            let mut columns = [S::splat(0.0); VECTORS];
            for (j, column) in columns.iter_mut().enumerate() {
                *column = if PARTIAL && j == VECTORS - 1 {
                    S::load_first(b.add(j * S::LANES), m.b_last)
                } else {
                    S::load(b.add(j * S::LANES))
                };
            }
            b = b.add(m.b_stride);
            for (i, row) in sums.iter_mut().enumerate() {
                let a = S::splat(*a.add(i));
                for (sum, column) in row.iter_mut().zip(columns) {
                    *sum = S::mul_add(a, column, *sum);
                }
            }
        }
        for (i, row) in sums.into_iter().enumerate() {
            for (j, sum) in row.into_iter().enumerate() {
                S::store(m.c.add(i * m.c_stride + j * S::LANES), sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_cover_every_width_once() {
        for tile_vectors in [2, 4] {
            for vectors in 1..40 {
                let mut next = 0;
                for block in columns(vectors, tile_vectors) {
                    assert_eq!(block.start, next);
                    assert!((1..=tile_vectors).contains(&block.count));
                    next += block.count;
                }
                assert_eq!(next, vectors);
            }
        }
    }
}
