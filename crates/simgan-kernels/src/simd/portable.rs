//! Four lanes in plain Rust; the compiler makes SSE2 or NEON of them.

use super::Simd;

/// Plain Rust, four lanes.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

/// A vector of [`Portable`].
#[derive(Clone, Copy, Debug)]
#[repr(align(16))]
pub struct F32x4([f32; 4]);

#[inline(always)]
fn zip(a: F32x4, b: F32x4, f: impl Fn(f32, f32) -> f32) -> F32x4 {
    F32x4([
        f(a.0[0], b.0[0]),
        f(a.0[1], b.0[1]),
        f(a.0[2], b.0[2]),
        f(a.0[3], b.0[3]),
    ])
}

// SAFETY: plain Rust, needs no instruction set.
unsafe impl Simd for Portable {
    const LANES: usize = 4;
    const TILE_VECTORS: usize = 2;
    type V = F32x4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> F32x4 {
        F32x4([x; 4])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> F32x4 {
        // SAFETY: the caller vouches for four elements.
        F32x4(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> F32x4 {
        let mut v = [0.0; 4];
        for (i, lane) in v.iter_mut().enumerate().take(count) {
            // SAFETY: the caller vouches for `count` elements.
            *lane = unsafe { from.add(i).read() };
        }
        F32x4(v)
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, v: F32x4) {
        // SAFETY: the caller vouches for four elements.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(v.0) }
    }
    #[inline(always)]
    unsafe fn store_first(to: *mut f32, v: F32x4, count: usize) {
        for (i, lane) in v.0.into_iter().enumerate().take(count) {
            // SAFETY: the caller vouches for `count` elements.
            unsafe { to.add(i).write(lane) }
        }
    }
    #[inline(always)]
    unsafe fn add(a: F32x4, b: F32x4) -> F32x4 {
        zip(a, b, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(a: F32x4, b: F32x4) -> F32x4 {
        zip(a, b, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn mul(a: F32x4, b: F32x4) -> F32x4 {
        zip(a, b, |a, b| a * b)
    }
    #[inline(always)]
    unsafe fn mul_add(a: F32x4, b: F32x4, c: F32x4) -> F32x4 {
        let product = zip(a, b, |a, b| a * b);
        // Without the instruction a fused multiply-add is a slow function call.
        if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
            let mut fused = c;
            for i in 0..4 {
                fused.0[i] = a.0[i].mul_add(b.0[i], c.0[i]);
            }
            return fused;
        }
        zip(product, c, |p, c| p + c)
    }
    #[inline(always)]
    unsafe fn div(a: F32x4, b: F32x4) -> F32x4 {
        zip(a, b, |a, b| a / b)
    }
    #[inline(always)]
    unsafe fn sqrt(a: F32x4) -> F32x4 {
        zip(a, a, |a, _| a.sqrt())
    }
    #[inline(always)]
    unsafe fn max(a: F32x4, b: F32x4) -> F32x4 {
        zip(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn where_positive(condition: F32x4, value: F32x4) -> F32x4 {
        zip(condition, value, |c, v| if c > 0.0 { v } else { 0.0 })
    }
}
