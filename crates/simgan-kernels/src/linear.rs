//! A fully connected layer `y = x W + b` for few rows and large matrices, weights `[in, out]`.
//!
//! The matrix is read once a pass; it is what bounds the speed. The input's gradient is computed transposed,
//! `dx^T = W dy^T`, so that rows of W are used as they lie.

use rayon::prelude::*;

use crate::WeightGradient;
use crate::buffer::{Scratch, Shared, with_scratch};
use crate::memory::Values;
use crate::simd::{Isa, Kernel, Simd};
use crate::tile::{
    MAX_ROWS, Multiply, MultiplyTransposed, columns, multiply, multiply_transposed, rows,
    transposed_rows,
};

/// Shape of a fully connected layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Rows of the input.
    pub batch: usize,
    /// Columns of the input.
    pub inputs: usize,
    /// Columns of the output.
    pub outputs: usize,
}

/// Rows of the weights that are packed and used at a time.
const PANEL_DEPTH: usize = 128;

/// Output columns of one task.
const TASK_COLUMNS: usize = 64;

/// Rows of the weights of one task of the gradients, a multiple of 24.
const TASK_ROWS: usize = 48;

impl Linear {
    fn check(&self, input: usize, weights: usize, gradient: usize) {
        assert!(
            self.batch * self.inputs * self.outputs > 0,
            "{self:?} is empty"
        );
        assert_eq!(input, self.batch * self.inputs, "length of the input");
        assert_eq!(weights, self.inputs * self.outputs, "length of the weights");
        assert_eq!(gradient, self.batch * self.outputs, "length of the output");
    }
}

/// `x W + b`, with ReLU if asked for.
///
/// # Panics
/// Lengths that do not fit.
pub fn forward(
    linear: &Linear,
    input: &[f32],
    weights: &[f32],
    bias: Option<&[f32]>,
    relu: bool,
) -> Values {
    linear.check(input.len(), weights.len(), linear.batch * linear.outputs);
    assert!(
        bias.is_none_or(|bias| bias.len() == linear.outputs),
        "length of the bias"
    );
    let isa = Isa::current();
    let task = |index: usize, out: Shared| {
        let start = index * TASK_COLUMNS;
        with_scratch(|scratch| {
            isa.run(Forward {
                linear,
                input,
                weights,
                bias,
                relu,
                columns: start..(start + TASK_COLUMNS).min(linear.outputs),
                out,
                scratch,
            });
        });
    };
    // SAFETY: the tasks' columns cover the output.
    unsafe {
        Values::filled(linear.batch * linear.outputs, |out| {
            let out = Shared(out);
            (0..linear.outputs.div_ceil(TASK_COLUMNS))
                .into_par_iter()
                .with_max_len(1)
                .for_each(|index| task(index, out));
        })
    }
}

struct Forward<'a> {
    linear: &'a Linear,
    input: &'a [f32],
    weights: &'a [f32],
    bias: Option<&'a [f32]>,
    relu: bool,
    columns: std::ops::Range<usize>,
    out: Shared,
    scratch: &'a mut Scratch,
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        let vectors = self.columns.len().div_ceil(S::LANES);
        let height = self.linear.batch.next_multiple_of(24);
        let sums = self.scratch.output.at_least(height * TASK_COLUMNS);
        for first in (0..self.linear.inputs).step_by(PANEL_DEPTH) {
            let depth = PANEL_DEPTH.min(self.linear.inputs - first);
            for block in columns(vectors, S::TILE_VECTORS) {
                // SAFETY: `sums` has `height` rows of `TASK_COLUMNS`.
                unsafe {
                    let to = sums.add(block.start * S::LANES);
                    self.panel::<S>(first, depth, block.start * S::LANES, block.count, to);
                }
            }
        }
        self.write(sums);
    }
}

impl Forward<'_> {
    /// Adds the product of input columns and weight rows `first..first + depth` for `count` vectors of columns from `column` on.
    #[inline(always)]
    unsafe fn panel<S: Simd>(
        &mut self,
        first: usize,
        depth: usize,
        column: usize,
        count: usize,
        sums: *mut f32,
    ) {
        let width = count * S::LANES;
        let panel = self.scratch.input.at_least(depth * width);
        let start = self.columns.start + column;
        let used = width.min(self.columns.end - start);
        for k in 0..depth {
            let from = &self.weights[(first + k) * self.linear.outputs + start..][..used];
            // SAFETY: row `k` of the panel; what lies beyond `used` only meets columns that are not written.
            unsafe {
                panel
                    .add(k * width)
                    .copy_from_nonoverlapping(from.as_ptr(), used)
            };
        }
        let height = rows(S::TILE_VECTORS, count);
        for row in (0..self.linear.batch).step_by(height) {
            let mut a = [std::ptr::null(); MAX_ROWS];
            let mut c = [std::ptr::null_mut(); MAX_ROWS];
            for i in 0..height {
                let m = (row + i).min(self.linear.batch - 1);
                a[i] = self.input[m * self.linear.inputs + first..].as_ptr();
                // SAFETY: a row of the sums.
                c[i] = unsafe { sums.add((row + i) * TASK_COLUMNS) };
            }
            let product = Multiply {
                a: a.as_ptr(),
                a_group: 0,
                taps: 1,
                depth,
                b: panel,
                c: c.as_ptr(),
                accumulate: first > 0,
            };
            // SAFETY: rows of the input and of the sums, and the packed panel.
            unsafe { multiply::<S>(count, &product) };
        }
    }

    #[inline(always)]
    fn write(&self, sums: *const f32) {
        for m in 0..self.linear.batch {
            for (i, column) in self.columns.clone().enumerate() {
                let bias = self.bias.map_or(0.0, |bias| bias[column]);
                // SAFETY: an element of the sums, and one of the output that belongs to this task.
                unsafe {
                    let value = *sums.add(m * TASK_COLUMNS + i) + bias;
                    let negative = self.relu && value < 0.0;
                    let out = self.out.get().add(m * self.linear.outputs + column);
                    out.write(if negative { 0.0 } else { value });
                }
            }
        }
    }
}

/// The input's gradient `dy W^T`.
///
/// # Panics
/// Lengths that do not fit.
pub fn data_gradient(linear: &Linear, gradient: &[f32], weights: &[f32]) -> Values {
    linear.check(linear.batch * linear.inputs, weights.len(), gradient.len());
    let isa = Isa::current();
    let transposed = transposed(isa, linear, gradient);
    // SAFETY: the tasks' columns cover the gradient.
    unsafe {
        Values::filled(linear.batch * linear.inputs, |out| {
            let out = Shared(out);
            (0..linear.inputs.div_ceil(TASK_ROWS))
                .into_par_iter()
                .for_each(|index| {
                    with_scratch(|scratch| {
                        isa.run(DataGradient {
                            linear,
                            transposed: &transposed,
                            weights,
                            rows: index * TASK_ROWS..((index + 1) * TASK_ROWS).min(linear.inputs),
                            out,
                            scratch,
                        });
                    });
                });
        })
    }
}

/// `dy^T`, packed: for every block of columns of the batch `outputs` rows.
fn transposed(isa: Isa, linear: &Linear, gradient: &[f32]) -> Values {
    let lanes = isa.lanes();
    let vectors = linear.batch.div_ceil(lanes);
    let mut values = Values::zeros(linear.outputs * vectors * lanes);
    for block in columns(vectors, isa.tile_vectors()) {
        let width = block.count * lanes;
        for m in block.start * lanes..(block.start * lanes + width).min(linear.batch) {
            for n in 0..linear.outputs {
                let to = linear.outputs * block.start * lanes + n * width + m - block.start * lanes;
                // SAFETY: within the block's `outputs x width` elements.
                unsafe { *values.as_mut_ptr().add(to) = gradient[m * linear.outputs + n] };
            }
        }
    }
    values
}

struct DataGradient<'a> {
    linear: &'a Linear,
    transposed: &'a Values,
    weights: &'a [f32],
    rows: std::ops::Range<usize>,
    out: Shared,
    scratch: &'a mut Scratch,
}

impl Kernel for DataGradient<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let depth = self.linear.outputs;
        let vectors = self.linear.batch.div_ceil(S::LANES);
        let row = vectors * S::LANES;
        let sums = self.scratch.output.at_least(TASK_ROWS * row);
        for block in columns(vectors, S::TILE_VECTORS) {
            let height = rows(S::TILE_VECTORS, block.count);
            for first in (0..self.rows.len()).step_by(height) {
                let mut a = [std::ptr::null(); MAX_ROWS];
                let mut c = [std::ptr::null_mut(); MAX_ROWS];
                for i in 0..height {
                    let k = (self.rows.start + first + i).min(self.rows.end - 1);
                    a[i] = self.weights[k * depth..].as_ptr();
                    // SAFETY: a row of the sums: `TASK_ROWS` is a multiple of `height`.
                    c[i] = unsafe { sums.add((first + i) * row + block.start * S::LANES) };
                }
                // SAFETY: rows of the weights and of the sums, and the packed gradient.
                unsafe {
                    let product = Multiply {
                        a: a.as_ptr(),
                        a_group: 0,
                        taps: 1,
                        depth,
                        b: self.transposed.as_ptr().add(depth * block.start * S::LANES),
                        c: c.as_ptr(),
                        accumulate: false,
                    };
                    multiply::<S>(block.count, &product);
                }
            }
        }
        for m in 0..self.linear.batch {
            for (i, k) in self.rows.clone().enumerate() {
                // SAFETY: an element of the sums, and one of the output that belongs to this task.
                unsafe {
                    let out = self.out.get().add(m * self.linear.inputs + k);
                    out.write(*sums.add(i * row + m));
                }
            }
        }
    }
}

/// The gradients `x^T dy` of the weights and of the bias.
///
/// # Panics
/// Lengths that do not fit.
pub fn weight_gradient(linear: &Linear, input: &[f32], gradient: &[f32]) -> WeightGradient {
    linear.check(input.len(), linear.inputs * linear.outputs, gradient.len());
    let isa = Isa::current();
    // A tile reads 8 columns of the input at a time.
    let stride = linear.inputs.next_multiple_of(8);
    let mut padded = Values::zeros(0);
    if stride != linear.inputs {
        padded = Values::zeros(linear.batch * stride);
        let rows = input.chunks_exact(linear.inputs);
        for (to, row) in padded.chunks_exact_mut(stride).zip(rows) {
            to[..row.len()].copy_from_slice(row);
        }
    }
    let input = Shared(match stride == linear.inputs {
        true => input.as_ptr().cast_mut(),
        false => padded.as_mut_ptr(),
    });
    // SAFETY: the tasks' rows cover the weights.
    let weights = unsafe {
        Values::filled(linear.inputs * linear.outputs, |out| {
            let out = Shared(out);
            (0..linear.inputs.div_ceil(TASK_ROWS))
                .into_par_iter()
                .for_each(|index| {
                    with_scratch(|scratch| {
                        isa.run(WeightTask {
                            linear,
                            input,
                            stride,
                            gradient,
                            rows: index * TASK_ROWS..((index + 1) * TASK_ROWS).min(linear.inputs),
                            out,
                            scratch,
                        });
                    });
                });
        })
    };
    let mut bias = vec![0.0; linear.outputs];
    for row in gradient.chunks_exact(linear.outputs) {
        for (sum, value) in bias.iter_mut().zip(row) {
            *sum += value;
        }
    }
    WeightGradient { weights, bias }
}

struct WeightTask<'a> {
    linear: &'a Linear,
    /// Rows of `stride` elements; only read.
    input: Shared,
    stride: usize,
    gradient: &'a [f32],
    rows: std::ops::Range<usize>,
    out: Shared,
    scratch: &'a mut Scratch,
}

impl Kernel for WeightTask<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let outputs = self.linear.outputs;
        let row = outputs.next_multiple_of(16);
        let sums = self.scratch.output.at_least(TASK_ROWS * row);
        self.scratch.rows.clear();
        for m in 0..self.linear.batch {
            // SAFETY: a row of the input.
            let from = unsafe { self.input.get().add(m * self.stride) };
            self.scratch.rows.push(from);
        }
        for block in columns(outputs.div_ceil(S::LANES), S::TILE_VECTORS) {
            let height = transposed_rows(S::TILE_VECTORS, block.count);
            let column = block.start * S::LANES;
            let end = column + block.count * S::LANES;
            for first in (0..self.rows.len()).step_by(height) {
                // SAFETY: rows of the input have a multiple of 8 elements, and so whole tiles.
                unsafe {
                    multiply_transposed::<S>(
                        block.count,
                        &MultiplyTransposed {
                            a: self.scratch.rows.as_ptr(),
                            a_offset: self.rows.start + first,
                            b: self.gradient.as_ptr().add(column),
                            b_stride: outputs,
                            b_last: S::LANES - end.saturating_sub(outputs),
                            depth: self.linear.batch,
                            c: sums.add(first * row + column),
                            c_stride: row,
                            accumulate: false,
                        },
                    );
                }
            }
        }
        for (i, k) in self.rows.clone().enumerate() {
            // SAFETY: a row of the sums, and one of the output that belongs to this task.
            unsafe {
                let to = self.out.get().add(k * outputs);
                to.copy_from_nonoverlapping(sums.add(i * row), outputs);
            }
        }
    }
}
