//! Layers of all networks: Burn's modules hold the parameters, [`simgan_kernels::ops`] computes, on every device.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::MaxPool2d;
use burn::nn::{Linear, PaddingConfig2d};
use burn::tensor::{Device, Tensor};
use simgan_kernels::ops::{self, Conv2dOptions, MaxPool2dOptions, ResidualParameters};

use crate::nets::activation::Activation;

/// The padding of a layer padded equally on all sides.
fn padding(config: &PaddingConfig2d) -> usize {
    match config {
        PaddingConfig2d::Explicit(top, ..) => *top,
        _ => 0,
    }
}

/// Padding that keeps the size under a kernel of odd side `kernel` and stride 1.
pub(crate) fn keeping_padding(kernel: usize) -> PaddingConfig2d {
    let pad = kernel / 2;
    PaddingConfig2d::Explicit(pad, pad, pad, pad)
}

/// A new convolution of a square kernel so padded.
pub(crate) fn padded_convolution(
    [inputs, outputs]: [usize; 2],
    kernel: usize,
    stride: usize,
    device: &Device,
) -> Conv2d {
    Conv2dConfig::new([inputs, outputs], [kernel; 2])
        .with_stride([stride; 2])
        .with_padding(keeping_padding(kernel))
        .init(device)
}

/// The bias, or zeros.
fn bias(layer: &Conv2d) -> Tensor<1> {
    match &layer.bias {
        Some(bias) => bias.val(),
        None => Tensor::zeros([layer.weight.dims()[0]], &layer.weight.device()),
    }
}

/// Convolution of square kernel, followed by `activation` if there is one.
///
/// `x`: `[batch, in, height, width]`; result: `[batch, out, ..]`.
pub fn convolution(layer: &Conv2d, activation: Option<Activation>, x: Tensor<4>) -> Tensor<4> {
    convolution_with(layer.weight.val(), layer, activation, x)
}

/// [`convolution`] with `weight` in the place of the layer's own.
pub fn convolution_with(
    weight: Tensor<4>,
    layer: &Conv2d,
    activation: Option<Activation>,
    x: Tensor<4>,
) -> Tensor<4> {
    let options = Conv2dOptions {
        stride: layer.stride[0],
        padding: padding(&layer.padding),
        relu: activation == Some(Activation::Relu),
    };
    let y = ops::conv2d(x, weight, bias(layer), options);
    match activation {
        None | Some(Activation::Relu) => y,
        Some(activation) => activation.forward(y),
    }
}

/// Residual block (paper, Fig. 6): convolution, activation, convolution, add the input, activation.
///
/// `x` and result: `[batch, maps, height, width]`.
pub fn residual_block(
    layer_1: &Conv2d,
    layer_2: &Conv2d,
    activation: Activation,
    x: Tensor<4>,
) -> Tensor<4> {
    if activation != Activation::Relu {
        let hidden = convolution(layer_1, Some(activation), x.clone());
        return activation.forward(convolution(layer_2, None, hidden) + x);
    }
    let parameters = ResidualParameters {
        weight_1: layer_1.weight.val(),
        bias_1: bias(layer_1),
        weight_2: layer_2.weight.val(),
        bias_2: bias(layer_2),
    };
    ops::residual_block(x, parameters)
}

/// Max-pooling of square window.
///
/// `x`: `[batch, channels, height, width]`.
pub fn max_pool(layer: &MaxPool2d, x: Tensor<4>) -> Tensor<4> {
    let options = MaxPool2dOptions {
        kernel: layer.kernel_size[0],
        stride: layer.stride[0],
        padding: padding(&layer.padding),
    };
    ops::max_pool2d(x, options)
}

/// Fully connected layer, followed by `activation` if there is one.
///
/// `x`: `[batch, in]`; result: `[batch, out]`.
pub fn fully_connected(layer: &Linear, activation: Option<Activation>, x: Tensor<2>) -> Tensor<2> {
    fully_connected_with(layer.weight.val(), layer, activation, x)
}

/// [`fully_connected`] with `weight` in the place of the layer's own.
pub fn fully_connected_with(
    weight: Tensor<2>,
    layer: &Linear,
    activation: Option<Activation>,
    x: Tensor<2>,
) -> Tensor<2> {
    let bias = match &layer.bias {
        Some(bias) => bias.val(),
        None => Tensor::zeros([layer.weight.dims()[1]], &layer.weight.device()),
    };
    let relu = activation == Some(Activation::Relu);
    let y = ops::linear(x, weight, bias, relu);
    match activation {
        None | Some(Activation::Relu) => y,
        Some(activation) => activation.forward(y),
    }
}
