//! Where the kernels are used.

use std::sync::OnceLock;

use burn::backend::DispatchDevice;
use burn::tensor::Device;

use crate::simd::VARIABLE;

/// Whether the environment asks for Burn's own operations.
fn burn_is_forced() -> bool {
    static FORCED: OnceLock<bool> = OnceLock::new();
    *FORCED.get_or_init(|| std::env::var(VARIABLE).is_ok_and(|value| value == "burn"))
}

/// Whether `device` is the CPU.
pub fn is_cpu(device: &Device) -> bool {
    let inner = device.clone().inner();
    matches!(inner.as_dispatch(), DispatchDevice::Flex(_))
}

/// Whether tensors of `device` go through the kernels: the CPU, unless [`VARIABLE`] says `burn`.
pub fn are_used_on(device: &Device) -> bool {
    is_cpu(device) && !burn_is_forced()
}
