//! The kernels as differentiable Burn operations, and Burn's own operations on devices other than the CPU.
//!
//! Tensors have Burn's shapes (`[batch, channels, height, width]`); in memory the results of the kernels are
//! NHWC, seen through strides, so that layers follow each other without a copy and every other operation of Burn works too.

mod backend;
mod conv2d;
mod device;
mod layers;
mod linear;
mod max_pool2d;
mod nhwc;
mod residual_block;

pub use conv2d::Conv2dOptions;
pub use device::{are_used_on, is_cpu};
pub use layers::{ResidualParameters, conv2d, linear, max_pool2d, residual_block};
pub use max_pool2d::MaxPool2dOptions;
