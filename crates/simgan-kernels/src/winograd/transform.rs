//! The transforms of tiles: B^T d B, A^T m A, A y A^T and G g G^T.
//!
//! Points come in pairs p, -p. Row p of B^T holds the coefficients of x (x + p) R(x^2), where R is the product of
//! (x^2 - q^2) over the other pairs; so with E = sum r_i d[2i+2] and O = sum r_i d[2i+1] the pair is E + pO and E - pO.

use crate::simd::Simd;

/// The positive points p of the pairs, the coefficients of R for each, and those of the product of all
/// pairs' (x^2 - p^2), lowest power first.
struct Points<const PAIRS: usize> {
    positive: [f32; PAIRS],
    others: [[f32; PAIRS]; PAIRS],
    all: [f32; 4],
}

const POINTS_6: Points<2> = Points {
    positive: [1.0, 2.0],
    others: [[-4.0, 1.0], [-1.0, 1.0]],
    all: [4.0, -5.0, 1.0, 0.0],
};

const POINTS_8: Points<3> = Points {
    positive: [1.0, 2.0, 0.5],
    others: [[1.0, -4.25, 1.0], [0.25, -1.25, 1.0], [4.0, -5.0, 1.0]],
    all: [-1.0, 5.25, -5.25, 1.0],
};

/// The finite points in the order of the transformed elements, for tiles of `n`.
fn finite_points(n: usize) -> Vec<f64> {
    let positive: &[f32] = match n {
        6 => &POINTS_6.positive,
        _ => &POINTS_8.positive,
    };
    let pairs = positive.iter().flat_map(|&p| [f64::from(p), -f64::from(p)]);
    std::iter::once(0.0).chain(pairs).collect()
}

/// G, `n x kernel`: row j is the powers of point j over the product of its distances to the other
/// points; the last row, for infinity, picks the highest power.
pub fn weight_matrix(n: usize, kernel: usize) -> Vec<Vec<f32>> {
    let points = finite_points(n);
    let mut rows: Vec<Vec<f32>> = points
        .iter()
        .map(|&p| {
            let distances: f64 = points.iter().filter(|&&q| q != p).map(|q| p - q).product();
            (0..kernel as i32)
                .map(|i| (p.powi(i) / distances) as f32)
                .collect()
        })
        .collect();
    let mut last = vec![0.0; kernel];
    last[kernel - 1] = 1.0;
    rows.push(last);
    rows
}

/// `factor * a + b`; multiplications by 1 and -1 vanish when the factor is known to the compiler.
#[inline(always)]
unsafe fn scaled_add<S: Simd>(factor: f32, a: S::V, b: S::V) -> S::V {
    // SAFETY: as `Simd`.
    unsafe {
        if factor == 1.0 {
            S::add(b, a)
        } else if factor == -1.0 {
            S::sub(b, a)
        } else {
            S::mul_add(S::splat(factor), a, b)
        }
    }
}

/// `sum of factors[i] * d[first + 2 i]`; the last factor must be 1 or -1.
#[inline(always)]
unsafe fn every_second<S: Simd, const N: usize>(
    factors: &[f32],
    count: usize,
    d: &[S::V; N],
    first: usize,
) -> S::V {
    // SAFETY: as `Simd`.
    unsafe {
        let mut sum = d[first + 2 * (count - 1)];
        for i in 0..count - 1 {
            sum = scaled_add::<S>(factors[i], d[first + 2 * i], sum);
        }
        sum
    }
}

#[inline(always)]
unsafe fn input_pairs<S: Simd, const N: usize, const PAIRS: usize>(
    points: &Points<PAIRS>,
    d: &mut [S::V; N],
) {
    // SAFETY: as `Simd`.
    unsafe {
        let first = every_second::<S, N>(&points.all, PAIRS + 1, d, 0);
        let last = every_second::<S, N>(&points.all, PAIRS + 1, d, 1);
        let mut pairs = [[first; 2]; PAIRS];
        for (q, pair) in pairs.iter_mut().enumerate() {
            let even = every_second::<S, N>(&points.others[q], PAIRS, d, 2);
            let odd = every_second::<S, N>(&points.others[q], PAIRS, d, 1);
            let p = points.positive[q];
            *pair = [
                scaled_add::<S>(p, odd, even),
                scaled_add::<S>(-p, odd, even),
            ];
        }
        d[0] = first;
        for (q, pair) in pairs.into_iter().enumerate() {
            d[1 + 2 * q] = pair[0];
            d[2 + 2 * q] = pair[1];
        }
        d[N - 1] = last;
    }
}

/// One row or column times B^T.
#[inline(always)]
unsafe fn input_line<S: Simd, const N: usize>(d: &mut [S::V; N]) {
    // SAFETY: as `Simd`.
    unsafe {
        if N == 6 {
            input_pairs::<S, N, 2>(&POINTS_6, d);
        } else {
            input_pairs::<S, N, 3>(&POINTS_8, d);
        }
    }
}

#[inline(always)]
unsafe fn output_pairs<S: Simd, const N: usize, const M: usize, const PAIRS: usize>(
    points: &Points<PAIRS>,
    v: &[S::V; N],
) -> [S::V; M] {
    // SAFETY: as `Simd`.
    unsafe {
        let mut sums = [v[0]; PAIRS];
        let mut differences = [v[0]; PAIRS];
        for q in 0..PAIRS {
            sums[q] = S::add(v[1 + 2 * q], v[2 + 2 * q]);
            differences[q] = S::sub(v[1 + 2 * q], v[2 + 2 * q]);
        }
        let mut out = [v[0]; M];
        let mut powers = [1.0f32; PAIRS];
        for (i, out) in out.iter_mut().enumerate() {
            let terms = if i % 2 == 0 { &sums } else { &differences };
            // Point 1 comes first, so its power is always 1.
            let mut sum = terms[0];
            for q in 1..PAIRS {
                sum = scaled_add::<S>(powers[q], terms[q], sum);
            }
            if i == 0 {
                sum = S::add(sum, v[0]);
            }
            if i == M - 1 {
                sum = S::add(sum, v[N - 1]);
            }
            *out = sum;
            for (power, p) in powers.iter_mut().zip(points.positive) {
                *power *= p;
            }
        }
        out
    }
}

/// One row or column times A^T.
#[inline(always)]
unsafe fn output_line<S: Simd, const N: usize, const M: usize>(v: &[S::V; N]) -> [S::V; M] {
    // SAFETY: as `Simd`.
    unsafe {
        if N == 6 {
            output_pairs::<S, N, M, 2>(&POINTS_6, v)
        } else {
            output_pairs::<S, N, M, 3>(&POINTS_8, v)
        }
    }
}

#[inline(always)]
unsafe fn gradient_pairs<S: Simd, const N: usize, const M: usize, const PAIRS: usize>(
    points: &Points<PAIRS>,
    y: &[S::V; M],
) -> [S::V; N] {
    // SAFETY: as `Simd`.
    unsafe {
        let mut v = [y[0]; N];
        for q in 0..PAIRS {
            let p = points.positive[q];
            let mut even = y[0];
            let mut odd = y[1];
            let mut power = p * p;
            let mut i = 2;
            while i < M {
                even = scaled_add::<S>(power, y[i], even);
                if i + 1 < M {
                    odd = scaled_add::<S>(power, y[i + 1], odd);
                }
                power *= p * p;
                i += 2;
            }
            v[1 + 2 * q] = scaled_add::<S>(p, odd, even);
            v[2 + 2 * q] = scaled_add::<S>(-p, odd, even);
        }
        v[N - 1] = y[M - 1];
        v
    }
}

/// One row or column times A.
#[inline(always)]
unsafe fn gradient_line<S: Simd, const N: usize, const M: usize>(y: &[S::V; M]) -> [S::V; N] {
    // SAFETY: as `Simd`.
    unsafe {
        if N == 6 {
            gradient_pairs::<S, N, M, 2>(&POINTS_6, y)
        } else {
            gradient_pairs::<S, N, M, 3>(&POINTS_8, y)
        }
    }
}

/// `B^T d B` of one tile: `d[i][j]` is read from `pixels[i N + j] + channel`, the first `count` lanes if
/// `PARTIAL`; element (i, j) of the result goes to `out + (i N + j) stride`.
///
/// # Safety
/// As [`Simd`].
#[inline(always)]
pub unsafe fn input_tile<S: Simd, const N: usize, const PARTIAL: bool>(
    pixels: &[*const f32; 64],
    channel: usize,
    count: usize,
    out: *mut f32,
    stride: usize,
) {
    // SAFETY: the caller vouches for the pixels and for `out`.
    unsafe {
        let zero = S::splat(0.0);
        let mut lines = [[zero; N]; N];
        for j in 0..N {
            let mut column = [zero; N];
            for (i, d) in column.iter_mut().enumerate() {
                let pixel = pixels[i * N + j].add(channel);
                *d = if PARTIAL {
                    S::load_first(pixel, count)
                } else {
                    S::load(pixel)
                };
            }
            input_line::<S, N>(&mut column);
            for i in 0..N {
                lines[i][j] = column[i];
            }
        }
        let mut to = out;
        for line in &mut lines {
            input_line::<S, N>(line);
            for v in *line {
                S::store(to, v);
                to = to.wrapping_add(stride);
            }
        }
    }
}

/// `A^T m A` of one tile: element (i, j) of m is read from `from + (i N + j) stride`.
///
/// # Safety
/// As [`Simd`].
#[inline(always)]
pub unsafe fn output_tile<S: Simd, const N: usize, const M: usize>(
    from: *const f32,
    stride: usize,
) -> [[S::V; M]; M] {
    // SAFETY: the caller vouches for `from`.
    unsafe {
        let zero = S::splat(0.0);
        let mut lines = [[zero; N]; M];
        for j in 0..N {
            let mut column = [zero; N];
            let mut from = from.add(j * stride);
            for v in &mut column {
                *v = S::load(from);
                from = from.wrapping_add(N * stride);
            }
            let column = output_line::<S, N, M>(&column);
            for (line, v) in lines.iter_mut().zip(column) {
                line[j] = v;
            }
        }
        let mut out = [[zero; M]; M];
        for (out, line) in out.iter_mut().zip(&lines) {
            *out = output_line::<S, N, M>(line);
        }
        out
    }
}

/// `A y A^T` of one tile of the output's gradient; element (i, j) goes to `out + (i N + j) stride`.
///
/// # Safety
/// As [`Simd`].
#[inline(always)]
pub unsafe fn gradient_tile<S: Simd, const N: usize, const M: usize>(
    y: &[[S::V; M]; M],
    out: *mut f32,
    stride: usize,
) {
    // SAFETY: the caller vouches for `out`.
    unsafe {
        let mut lines = [y[0]; N];
        for j in 0..M {
            let mut column = [y[0][j]; M];
            for i in 0..M {
                column[i] = y[i][j];
            }
            let column = gradient_line::<S, N, M>(&column);
            for i in 0..N {
                lines[i][j] = column[i];
            }
        }
        let mut to = out;
        for line in &lines {
            for v in gradient_line::<S, N, M>(line) {
                S::store(to, v);
                to = to.wrapping_add(stride);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Portable;

    /// One dimension: A^T [(G g) * (B^T d)] is the correlation of d with g.
    fn correlation<const N: usize, const M: usize>() {
        let kernel = N - M + 1;
        let d: [f32; N] = std::array::from_fn(|i| (i as f32 * 1.7).sin());
        let g: Vec<f32> = (0..kernel).map(|i| (i as f32 * 0.9 + 0.3).cos()).collect();
        // SAFETY: the portable vectors need no instruction set.
        let mut v = d.map(|x| unsafe { Portable::splat(x) });
        // SAFETY: as above.
        unsafe { input_line::<Portable, N>(&mut v) };
        let matrix = weight_matrix(N, kernel);
        for (v, row) in v.iter_mut().zip(&matrix) {
            let u: f32 = row.iter().zip(&g).map(|(a, b)| a * b).sum();
            // SAFETY: as above.
            *v = unsafe { Portable::mul(*v, Portable::splat(u)) };
        }
        // SAFETY: as above.
        let y = unsafe { output_line::<Portable, N, M>(&v) };
        for (i, y) in y.into_iter().enumerate() {
            let expected: f32 = (0..kernel).map(|k| d[i + k] * g[k]).sum();
            let mut lanes = [0.0; 4];
            // SAFETY: four lanes.
            unsafe { Portable::store(lanes.as_mut_ptr(), y) };
            assert!((lanes[0] - expected).abs() < 1e-5, "{lanes:?} {expected}");
        }
    }

    #[test]
    fn transforms_compute_correlations() {
        correlation::<6, 4>();
        correlation::<8, 6>();
        correlation::<8, 4>();
        correlation::<8, 2>();
    }
}
