//! The kernels as differentiable Burn operations, and Burn's own operations on devices other than the CPU.
//!
//! Tensors have Burn's shapes (`[batch, channels, height, width]`); in memory the results of the kernels are
//! NHWC, seen through strides, so that layers follow each other without a copy and every other operation of Burn works too.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use simgan_kernels::ops::{Conv2dOptions, conv2d};
//!
//! let device = Device::default();
//! let image = Tensor::<4>::ones([1, 1, 4, 4], &device);
//! let weight = Tensor::<4>::ones([1, 1, 3, 3], &device);
//! let bias = Tensor::<1>::zeros([1], &device);
//! let options = Conv2dOptions { stride: 1, padding: 1, relu: false };
//! let sums = conv2d(image, weight, bias, options);
//! let corner_and_middle = [0, 1].map(|at| {
//!     let pixel = sums.clone().slice([0..1, 0..1, at..at + 1, at..at + 1]);
//!     pixel.into_scalar::<f32>()
//! });
//! assert_eq!(corner_and_middle, [4.0, 9.0]);
//! ```

mod backend;
mod conv2d;
mod device;
mod layers;
mod linear;
mod max_pool2d;
mod nhwc;
mod precision;
mod residual_block;
mod upsample_add;

pub use conv2d::{Conv2dOptions, square};
pub use device::{are_used_on, is_cpu};
pub use layers::{ResidualParameters, conv2d, linear, max_pool2d, residual_block, upsample_add};
pub use max_pool2d::MaxPool2dOptions;
pub use precision::{Precision, compute_in, precision_on};
