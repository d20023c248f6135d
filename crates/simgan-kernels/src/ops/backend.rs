//! The operations on primitives: on Flex itself, and differentiable on Flex with autodiff.

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};

use super::conv2d::Conv2dOptions;
use super::max_pool2d::MaxPool2dOptions;
use super::{conv2d, linear, max_pool2d, residual_block, upsample_add};

/// The kernels' operations.
#[backend_extension(Autodiff, Flex)]
pub trait KernelBackend: Backend {
    /// See [`super::conv2d`].
    fn kernel_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: Conv2dOptions,
    ) -> FloatTensor<Self>;

    /// See [`super::residual_block`].
    fn kernel_residual_block(
        x: FloatTensor<Self>,
        weight_1: FloatTensor<Self>,
        bias_1: FloatTensor<Self>,
        weight_2: FloatTensor<Self>,
        bias_2: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::max_pool2d`].
    fn kernel_max_pool2d(x: FloatTensor<Self>, options: MaxPool2dOptions) -> FloatTensor<Self>;

    /// See [`super::upsample_add`].
    fn kernel_upsample_add(low: FloatTensor<Self>, skip: FloatTensor<Self>) -> FloatTensor<Self>;

    /// See [`super::linear`].
    fn kernel_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        relu: bool,
    ) -> FloatTensor<Self>;
}

impl KernelBackend for Flex {
    fn kernel_conv2d(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        options: Conv2dOptions,
    ) -> FlexTensor {
        conv2d::forward(x, &weight, &bias, options).1.into_tensor()
    }

    fn kernel_residual_block(
        x: FlexTensor,
        weight_1: FlexTensor,
        bias_1: FlexTensor,
        weight_2: FlexTensor,
        bias_2: FlexTensor,
    ) -> FlexTensor {
        let parameters = [weight_1, bias_1, weight_2, bias_2];
        residual_block::forward(x, &parameters).output.into_tensor()
    }

    fn kernel_max_pool2d(x: FlexTensor, options: MaxPool2dOptions) -> FlexTensor {
        max_pool2d::forward(x, options).0.into_tensor()
    }

    fn kernel_upsample_add(low: FlexTensor, skip: FlexTensor) -> FlexTensor {
        upsample_add::forward(low, skip).0.into_tensor()
    }

    fn kernel_linear(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        relu: bool,
    ) -> FlexTensor {
        linear::forward(x, weight, &bias, relu).output
    }
}

impl<C: CheckpointStrategy> KernelBackend for Autodiff<Flex, C> {
    fn kernel_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: Conv2dOptions,
    ) -> FloatTensor<Self> {
        conv2d::differentiable::<C>(x, weight, bias, options)
    }

    fn kernel_residual_block(
        x: FloatTensor<Self>,
        weight_1: FloatTensor<Self>,
        bias_1: FloatTensor<Self>,
        weight_2: FloatTensor<Self>,
        bias_2: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        residual_block::differentiable::<C>(x, [weight_1, bias_1, weight_2, bias_2])
    }

    fn kernel_max_pool2d(x: FloatTensor<Self>, options: MaxPool2dOptions) -> FloatTensor<Self> {
        max_pool2d::differentiable::<C>(x, options)
    }

    fn kernel_upsample_add(low: FloatTensor<Self>, skip: FloatTensor<Self>) -> FloatTensor<Self> {
        upsample_add::differentiable::<C>(low, skip)
    }

    fn kernel_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        relu: bool,
    ) -> FloatTensor<Self> {
        linear::differentiable::<C>(x, weight, bias, relu)
    }
}
