//! The kernels as differentiable Burn operations, and Burn's own operations on devices other than the CPU.
//!
//! Tensors have Burn's shapes (`[batch, channels, height, width]`); in memory the results of the kernels are
//! NHWC, seen through strides, so that layers follow each other without a copy and every other operation of Burn works too.

mod backend;
mod conv2d;
mod linear;
mod max_pool2d;
mod nhwc;
mod residual_block;

use std::sync::OnceLock;

use burn::backend::DispatchDevice;
use burn::tensor::Device;

pub use conv2d::{Conv2dOptions, conv2d};
pub use linear::linear;
pub use max_pool2d::{MaxPool2dOptions, max_pool2d};
pub use residual_block::{ResidualParameters, residual_block};

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
