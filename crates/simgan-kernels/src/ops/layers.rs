//! Layers on tensors, as networks use them: the kernels where they are used, Burn's own operations elsewhere.

use burn::backend::Dispatch;
use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions, MaxPoolOptions};
use burn::tensor::{Tensor, activation};

use super::backend::KernelBackend;
use super::conv2d::Conv2dOptions;
use super::device::are_used_on;
use super::max_pool2d::MaxPool2dOptions;
use super::precision::{lowered, precision_on, raised};

/// Convolution of square kernel with bias, and a ReLU if asked for.
///
/// # Shapes
/// - `x`: `[batch, in, height, width]`
/// - `weight`: `[out, in, kernel, kernel]`, `bias`: `[out]`
/// - result: `[batch, out, (height + 2 padding - kernel) / stride + 1, ..]`
///
/// # Panics
/// Shapes that do not fit each other.
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    options: Conv2dOptions,
) -> Tensor<4> {
    if are_used_on(&x.device()) {
        return Tensor::from_dispatch(<Dispatch as KernelBackend>::kernel_conv2d(
            x.into_dispatch(),
            weight.into_dispatch(),
            bias.into_dispatch(),
            options,
        ));
    }
    let precision = precision_on(&x.device());
    let [x, weight] = [x, weight].map(|tensor| lowered(tensor, precision));
    raised(
        burn_conv2d(x, weight, lowered(bias, precision), options),
        precision,
    )
}

/// The same by Burn's own operations.
fn burn_conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    options: Conv2dOptions,
) -> Tensor<4> {
    let Conv2dOptions {
        stride,
        padding,
        relu,
    } = options;
    let convolution = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
    let y = burn::tensor::module::conv2d(x, weight, Some(bias), convolution);
    if relu { activation::relu(y) } else { y }
}

/// Weights `[maps, maps, kernel, kernel]` (odd kernel) and biases `[maps]` of a block's two convolutions.
pub struct ResidualParameters {
    /// Weights of the first convolution.
    pub weight_1: Tensor<4>,
    /// Its bias.
    pub bias_1: Tensor<1>,
    /// Weights of the second convolution.
    pub weight_2: Tensor<4>,
    /// Its bias.
    pub bias_2: Tensor<1>,
}

/// `relu(conv_2(relu(conv_1(x))) + x)`, both convolutions padded to keep the size.
///
/// # Shapes
/// - `x` and result: `[batch, maps, height, width]`
///
/// # Panics
/// Shapes that do not fit each other.
pub fn residual_block(x: Tensor<4>, parameters: ResidualParameters) -> Tensor<4> {
    let ResidualParameters {
        weight_1,
        bias_1,
        weight_2,
        bias_2,
    } = parameters;
    if are_used_on(&x.device()) {
        return Tensor::from_dispatch(<Dispatch as KernelBackend>::kernel_residual_block(
            x.into_dispatch(),
            weight_1.into_dispatch(),
            bias_1.into_dispatch(),
            weight_2.into_dispatch(),
            bias_2.into_dispatch(),
        ));
    }
    let options = Conv2dOptions {
        stride: 1,
        padding: weight_1.dims()[2] / 2,
        relu: false,
    };
    let precision = precision_on(&x.device());
    let [x, weight_1, weight_2] = [x, weight_1, weight_2].map(|t| lowered(t, precision));
    let [bias_1, bias_2] = [bias_1, bias_2].map(|t| lowered(t, precision));
    let hidden = activation::relu(burn_conv2d(x.clone(), weight_1, bias_1, options));
    let y = activation::relu(burn_conv2d(hidden, weight_2, bias_2, options) + x);
    raised(y, precision)
}

/// The largest value of every window.
///
/// # Shapes
/// - `x`: `[batch, channels, height, width]`
/// - result: `[batch, channels, (height + 2 padding - kernel) / stride + 1, ..]`
///
/// # Panics
/// A window larger than the padded image.
pub fn max_pool2d(x: Tensor<4>, options: MaxPool2dOptions) -> Tensor<4> {
    let MaxPool2dOptions {
        kernel,
        stride,
        padding,
    } = options;
    // Positions in larger windows do not fit the kernels' bytes.
    if are_used_on(&x.device()) && kernel <= 15 {
        return Tensor::from_dispatch(<Dispatch as KernelBackend>::kernel_max_pool2d(
            x.into_dispatch(),
            options,
        ));
    }
    let window = MaxPoolOptions::new([kernel; 2])
        .with_stride([stride; 2])
        .with_padding_pairs([(padding, padding); 2]);
    burn::tensor::module::max_pool2d(x, window)
}

/// `skip` plus `low`, whose pixels are repeated to double its size.
///
/// # Shapes
/// - `low`: `[batch, channels, ceil(height / 2), ceil(width / 2)]`
/// - `skip` and result: `[batch, channels, height, width]`
///
/// # Panics
/// Shapes that do not fit each other.
pub fn upsample_add(low: Tensor<4>, skip: Tensor<4>) -> Tensor<4> {
    if are_used_on(&low.device()) {
        return Tensor::from_dispatch(<Dispatch as KernelBackend>::kernel_upsample_add(
            low.into_dispatch(),
            skip.into_dispatch(),
        ));
    }
    let [_, _, height, width] = skip.dims();
    let [_, _, rows, columns] = low.dims();
    let nearest =
        InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([2 * rows, 2 * columns]);
    let doubled = burn::tensor::module::interpolate(low, nearest);
    doubled.slice_dim(2, 0..height).slice_dim(3, 0..width) + skip
}

/// `x W + b`, and a ReLU if asked for.
///
/// # Shapes
/// - `x`: `[batch, in]`, `weight`: `[in, out]`, `bias`: `[out]`
/// - result: `[batch, out]`
///
/// # Panics
/// Shapes that do not fit each other.
pub fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, relu: bool) -> Tensor<2> {
    if are_used_on(&x.device()) {
        return Tensor::from_dispatch(<Dispatch as KernelBackend>::kernel_linear(
            x.into_dispatch(),
            weight.into_dispatch(),
            bias.into_dispatch(),
            relu,
        ));
    }
    let precision = precision_on(&x.device());
    let [x, weight] = [x, weight].map(|tensor| lowered(tensor, precision));
    let bias = lowered(bias, precision);
    let y = burn::tensor::module::linear(x, weight, Some(bias));
    raised(if relu { activation::relu(y) } else { y }, precision)
}
