//! Ranges `[least, most]` that numbers are drawn from, evenly.

use rand::{Rng, RngExt};

use simgan_base::{Error, Result};

/// A number of a range, evenly.
pub(crate) fn uniform(rng: &mut impl Rng, [low, high]: [f32; 2]) -> f32 {
    low + (high - low) * rng.random::<f32>()
}

/// Checks that the range called `key` is in order, and within `least` and `most`.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config): it is not.
pub(crate) fn check(key: &str, [low, high]: [f32; 2], least: f32, most: f32) -> Result<()> {
    // Written so that NaN fails.
    if low <= high && low >= least && high <= most {
        return Ok(());
    }
    Err(Error::config(format!(
        "{key} is [{low}, {high}], but must be [least, most] within {least} and {most}"
    ))
    .with_hint(format!("for example {key}=[{least}, {most}]")))
}
