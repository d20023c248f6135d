//! The processor's measured peak, to compare kernels with.

use std::hint::black_box;
use std::time::Instant;

use rayon::prelude::*;

use crate::simd::{Isa, Kernel, Simd};

/// Independent sums: enough to hide the latency of a multiply-add on every processor.
const SUMS: usize = 12;

/// Multiply-adds of each sum.
const STEPS: usize = 2_000_000;

/// Multiplications and additions a second of all threads together in `f32`, measured for a few hundredths of a second
/// without touching memory: what no kernel can exceed.
pub fn measure() -> f64 {
    let isa = Isa::current();
    let threads = rayon::current_num_threads();
    let run = || {
        let begun = Instant::now();
        (0..threads).into_par_iter().with_max_len(1).for_each(|_| {
            black_box(isa.run(MultiplyAdd(black_box(0.5))));
        });
        begun.elapsed().as_secs_f64()
    };
    run();
    let seconds = (0..5).map(|_| run()).fold(f64::MAX, f64::min);
    (threads * SUMS * STEPS * 2 * isa.lanes()) as f64 / seconds
}

struct MultiplyAdd(f32);

impl Kernel for MultiplyAdd {
    type Output = f32;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> f32 {
        // SAFETY: the caller vouches for the instruction set; `lanes` has room for a vector.
        unsafe {
            let factor = S::splat(self.0);
            let mut sums = [S::splat(1.0); SUMS];
            for _ in 0..STEPS {
                for sum in &mut sums {
                    *sum = S::mul_add(*sum, factor, factor);
                }
            }
            let mut total = sums[0];
            for sum in &sums[1..] {
                total = S::add(total, *sum);
            }
            let mut lanes = [0.0; 16];
            S::store(lanes.as_mut_ptr(), total);
            lanes[0]
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_peak_is_a_rate() {
        let peak = super::measure();
        assert!(peak > 1e8 && peak < 1e15, "{peak:e}");
    }
}
