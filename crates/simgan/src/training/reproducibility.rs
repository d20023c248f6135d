//! Whether a training gives the same numbers every time: what computes is recorded, and what cannot promise it is refused where
//! it is asked for.

use burn::tensor::Device;
use simgan_kernels::{ops, simd};

use crate::training::{Config, RunDir};
use simgan_base::{Error, Result};

/// What computes on `device`: `avx512`, `avx2` or `portable` (kernels of this project, on the CPU), `burn` (Burn's own, on the
/// CPU or another device).
pub fn kernels(device: &Device) -> &'static str {
    match ops::are_used_on(device) {
        true => simd::path().name(),
        false => "burn",
    }
}

/// What a run's records call `device`: `Flex(Cpu)` for the default one.
pub(crate) fn device_name(device: &Device) -> String {
    let text = format!("{:?}", device.clone().inner());
    let inner = text
        .strip_prefix("Device<")
        .and_then(|t| t.strip_suffix('>'));
    inner.unwrap_or(&text).to_owned()
}

/// Refuses a `device` that does not give the same numbers every time, if `config` asks for them.
///
/// On the CPU every sum is taken in an order that depends neither on time nor on the number of threads, with this project's
/// kernels as with Burn's; tests hold both to it. Libraries of other devices add in any order.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config).
pub fn check(config: &Config, device: &Device) -> Result<()> {
    if !config.training.deterministic || ops::is_cpu(device) {
        return Ok(());
    }
    let message = format!(
        "results of {:?} are not reproducible: sums are taken there in an order that varies",
        device.clone().inner()
    );
    Err(Error::config(message).with_hint(
        "train on the CPU (--device cpu), or leave --deterministic (training.deterministic) out",
    ))
}

/// A run that goes on with other `kernels` than it was begun with takes another course, if slightly: a warning, or an error
/// where `config` asks for the same numbers every time.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config).
pub(super) fn check_kernels(config: &Config, run: &RunDir, kernels: &str) -> Result<()> {
    let begun = run.manifest()?.kernels;
    if begun.is_empty() || begun == kernels {
        return Ok(());
    }
    let message = format!(
        "{} was begun with the kernels `{begun}`, now it is `{kernels}`: sums are rounded otherwise",
        run.path().display()
    );
    if !config.training.deterministic {
        tracing::warn!("{message}; the training goes on, not to the bit as it would have");
        return Ok(());
    }
    let hint = format!(
        "set {}={begun}, or give --set training.deterministic=false",
        simd::VARIABLE
    );
    Err(Error::config(message).with_hint(hint))
}
