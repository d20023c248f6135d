//! The choice of kernels by an environment variable.

use simgan_kernels::simd;

use crate::usage_error::UsageError;

/// Checks the variable that chooses the kernels; the kernels themselves read it.
///
/// # Errors
/// A value that is unknown or that this processor lacks.
pub fn check_environment() -> Result<(), UsageError> {
    simd::from_environment()
        .map(drop)
        .map_err(|error| {
            UsageError {
        message: format!("environment variable {}: {error}", simd::VARIABLE),
        hint: "unset it to use the fastest kernels of this processor, or set it to portable, avx2, \
               avx512 or burn"
            .into(),
    }
        })
}
