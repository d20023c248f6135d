//! Convolution with bias and ReLU.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};

use super::nhwc::{Nhwc, row_major, tensor, values};
use crate::WeightGradient;
use crate::convolution::{self, After};
use crate::geometry::Geometry;
use crate::memory::Values;

/// What [`conv2d`](super::conv2d()) does besides the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dOptions {
    /// Stride in both directions.
    pub stride: usize,
    /// Zeros on every side, less than the kernel's side.
    pub padding: usize,
    /// Whether a ReLU follows.
    pub relu: bool,
}

/// The geometry for an input and weights.
pub(super) fn geometry(x: &Nhwc, weight: &FlexTensor, stride: usize, padding: usize) -> Geometry {
    let [batch, height, width, inputs] = x.dims;
    let shape = weight.layout().shape();
    assert_eq!(shape[1], inputs, "channels of the input and of the weights");
    assert_eq!(shape[2], shape[3], "the kernel must be square");
    Geometry {
        batch,
        height,
        width,
        inputs,
        outputs: shape[0],
        kernel: shape[2],
        stride,
        padding,
    }
}

/// [`convolution::square`] of a layer of `[in, out]` channels.
pub fn square([inputs, outputs]: [usize; 2], kernel: usize, stride: usize) -> usize {
    convolution::square(&Geometry {
        batch: 1,
        height: kernel,
        width: kernel,
        inputs,
        outputs,
        kernel,
        stride,
        padding: 0,
    })
}

/// The result's dimensions, NHWC.
pub(super) fn out_dims(g: &Geometry) -> [usize; 4] {
    [g.batch, g.out_height(), g.out_width(), g.outputs]
}

/// Input and output.
pub(super) fn forward(
    x: FlexTensor,
    weight: &FlexTensor,
    bias: &FlexTensor,
    options: Conv2dOptions,
) -> (Nhwc, Nhwc) {
    let x = Nhwc::new(x);
    let g = geometry(&x, weight, options.stride, options.padding);
    let (weight, bias) = (row_major(weight.clone()), row_major(bias.clone()));
    let after = After {
        bias: Some(values(&bias)),
        relu: options.relu,
        ..After::default()
    };
    let y = convolution::forward(&g, x.values(), values(&weight), after);
    (x, Nhwc::from_values(y, out_dims(&g)))
}

/// What the backward pass needs.
#[derive(Clone, Debug)]
struct ConvolutionState {
    x: Nhwc,
    /// Kept for the ReLU's gradient.
    y: Option<Nhwc>,
    weight: FlexTensor,
    options: Conv2dOptions,
}

#[derive(Debug)]
struct Conv2dBackward;

impl Backward<Flex, 3> for Conv2dBackward {
    type State = ConvolutionState;

    fn backward(
        self,
        ops: Ops<ConvolutionState, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [node_x, node_weight, node_bias] = ops.parents.map(|node| node.map(|node| node.id));
        let ConvolutionState {
            x,
            y,
            weight,
            options,
        } = ops.state;
        let g = geometry(&x, &weight, options.stride, options.padding);
        let mut gradient = Nhwc::new(grads.consume::<Flex>(&ops.node));
        if let Some(y) = y {
            gradient = gradient.masked(&y);
        }
        if node_weight.is_some() || node_bias.is_some() {
            let sums = convolution::weight_gradient(&g, x.values(), gradient.values());
            register(grads, &g, node_weight, node_bias, sums);
        }
        let dims = x.dims;
        drop(x);
        if let Some(id) = node_x {
            let weight = row_major(weight);
            let after = After::default();
            let dx = convolution::data_gradient(&g, gradient.values(), values(&weight), after);
            grads.register::<Flex>(id, Nhwc::from_values(dx, dims).into_tensor());
        }
    }
}

/// Hands over the gradients of one convolution's parameters.
pub(super) fn register(
    grads: &mut Gradients,
    g: &Geometry,
    weight: Option<NodeId>,
    bias: Option<NodeId>,
    sums: WeightGradient,
) {
    if let Some(id) = weight {
        let dims = [g.outputs, g.inputs, g.kernel, g.kernel];
        grads.register::<Flex>(id, tensor(sums.weights, dims));
    }
    if let Some(id) = bias {
        grads.register::<Flex>(id, tensor(Values::copied(&sums.bias), [g.outputs]));
    }
}

pub(super) fn differentiable<C: CheckpointStrategy>(
    x: FloatTensor<Autodiff<Flex, C>>,
    weight: FloatTensor<Autodiff<Flex, C>>,
    bias: FloatTensor<Autodiff<Flex, C>>,
    options: Conv2dOptions,
) -> FloatTensor<Autodiff<Flex, C>> {
    let (x, node_x) = x.into_parts();
    let (weight, node_weight) = weight.into_parts();
    let (bias, node_bias) = bias.into_parts();
    let (x, y) = forward(x, &weight, &bias, options);
    let nodes = [node_x, node_weight, node_bias];
    match Conv2dBackward
        .prepare::<C>(nodes)
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(preparation) => {
            let state = ConvolutionState {
                x,
                y: options.relu.then(|| y.clone()),
                weight,
                options,
            };
            preparation.finish(state, y.into_tensor())
        }
        OpsKind::UnTracked(preparation) => preparation.finish(y.into_tensor()),
    }
}
