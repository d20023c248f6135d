//! What happens to a sum before it is written: bias, skip connection, ReLU, mask of a ReLU's gradient.

use crate::simd::Simd;

/// The steps after a convolution, in this order; null pointers leave a step out.
///
/// `residual` and `mask` are laid out as the output.
#[derive(Clone, Copy)]
pub struct Epilogue {
    /// One value a channel, padded to whole vectors.
    pub bias: *const f32,
    /// Added.
    pub residual: *const f32,
    /// Negative values become 0.
    pub relu: bool,
    /// The result is 0 where this is not positive: the gradient of a ReLU whose output this is.
    pub mask: *const f32,
}

// SAFETY: the pointers are only read.
unsafe impl Send for Epilogue {}
// SAFETY: the pointers are only read.
unsafe impl Sync for Epilogue {}

impl Epilogue {
    /// No step at all.
    pub const NONE: Self = Self {
        bias: std::ptr::null(),
        residual: std::ptr::null(),
        relu: false,
        mask: std::ptr::null(),
    };

    /// Finishes the sums of one pixel's channels `channel..channel + LANES` and writes the first `count`
    /// of them; `offset` is the position of the first one in the output.
    ///
    /// # Safety
    /// As [`Simd`]; `out` and the pointers reach as far as `offset + count`, `bias` to whole vectors.
    #[inline(always)]
    pub unsafe fn write<S: Simd>(
        &self,
        sum: S::V,
        channel: usize,
        out: *mut f32,
        offset: usize,
        count: usize,
    ) {
        // SAFETY: the caller vouches for the pointers.
        unsafe {
            let mut v = sum;
            if !self.bias.is_null() {
                v = S::add(v, S::load(self.bias.add(channel)));
            }
            if !self.residual.is_null() {
                v = S::add(v, load::<S>(self.residual.add(offset), count));
            }
            if self.relu {
                // In this order, so that a NaN stays one.
                v = S::max(S::splat(0.0), v);
            }
            if !self.mask.is_null() {
                v = S::where_positive(load::<S>(self.mask.add(offset), count), v);
            }
            store::<S>(out.add(offset), v, count);
        }
    }
}

/// Reads the first `count <= LANES` elements.
///
/// # Safety
/// As [`Simd`].
#[inline(always)]
pub unsafe fn load<S: Simd>(from: *const f32, count: usize) -> S::V {
    // SAFETY: the caller vouches for `count` elements.
    unsafe {
        if count == S::LANES {
            S::load(from)
        } else {
            S::load_first(from, count)
        }
    }
}

/// Writes the first `count <= LANES` elements.
///
/// # Safety
/// As [`Simd`].
#[inline(always)]
pub unsafe fn store<S: Simd>(to: *mut f32, v: S::V, count: usize) {
    // SAFETY: the caller vouches for `count` elements.
    unsafe {
        if count == S::LANES {
            S::store(to, v);
        } else {
            S::store_first(to, v, count);
        }
    }
}
