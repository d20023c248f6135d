//! A residual block as one operation: the skip connection and both ReLUs are fused, forwards and backwards.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};

use super::conv2d::{geometry, out_dims, register};
use super::nhwc::{Nhwc, row_major, values};
use crate::convolution::{self, After};
use crate::geometry::Geometry;

/// Weights and biases in the order of [`ResidualParameters`].
type Parameters = [FlexTensor; 4];

/// What a forward pass leaves.
#[derive(Clone, Debug)]
pub(super) struct Activations {
    x: Nhwc,
    hidden: Nhwc,
    /// The result.
    pub output: Nhwc,
}

fn block_geometry(x: &Nhwc, weight: &FlexTensor) -> Geometry {
    geometry(x, weight, 1, weight.layout().shape()[2] / 2)
}

pub(super) fn forward(x: FlexTensor, parameters: &Parameters) -> Activations {
    let x = Nhwc::new(x);
    let [weight_1, bias_1, weight_2, bias_2] = parameters.clone().map(row_major);
    let g = block_geometry(&x, &weight_1);
    let layer = |input: &Nhwc, weight: &FlexTensor, bias: &FlexTensor, residual| {
        let after = After {
            bias: Some(values(bias)),
            residual,
            relu: true,
            mask: None,
        };
        let y = convolution::forward(&g, input.values(), values(weight), after);
        Nhwc::from_values(y, out_dims(&g))
    };
    let hidden = layer(&x, &weight_1, &bias_1, None);
    let output = layer(&hidden, &weight_2, &bias_2, Some(x.values()));
    Activations { x, hidden, output }
}

#[derive(Debug)]
struct BlockBackward;

impl Backward<Flex, 5> for BlockBackward {
    type State = (Activations, Parameters);

    fn backward(
        self,
        ops: Ops<Self::State, 5>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [node_x, weight_1, bias_1, weight_2, bias_2] =
            ops.parents.map(|node| node.map(|node| node.id));
        let (Activations { x, hidden, output }, parameters) = ops.state;
        let [kernel_1, _, kernel_2, _] = parameters.map(row_major);
        let g = block_geometry(&x, &kernel_1);
        let dz_2 = Nhwc::new(grads.consume::<Flex>(&ops.node)).masked(&output);
        drop(output);
        if weight_2.is_some() || bias_2.is_some() {
            let sums = convolution::weight_gradient(&g, hidden.values(), dz_2.values());
            register(grads, &g, weight_2, bias_2, sums);
        }
        let after = After {
            mask: Some(hidden.values()),
            ..After::default()
        };
        let dz_1 = convolution::data_gradient(&g, dz_2.values(), values(&kernel_2), after);
        drop(hidden);
        if weight_1.is_some() || bias_1.is_some() {
            let sums = convolution::weight_gradient(&g, x.values(), &dz_1);
            register(grads, &g, weight_1, bias_1, sums);
        }
        if let Some(id) = node_x {
            let after = After {
                residual: Some(dz_2.values()),
                ..After::default()
            };
            let dims = x.dims;
            drop(x);
            let dx = convolution::data_gradient(&g, &dz_1, values(&kernel_1), after);
            grads.register::<Flex>(id, Nhwc::from_values(dx, dims).into_tensor());
        }
    }
}

pub(super) fn differentiable<C: CheckpointStrategy>(
    x: FloatTensor<Autodiff<Flex, C>>,
    parameters: [FloatTensor<Autodiff<Flex, C>>; 4],
) -> FloatTensor<Autodiff<Flex, C>> {
    let (x, node_x) = x.into_parts();
    let [w_1, b_1, w_2, b_2] = parameters.map(|parameter| parameter.into_parts());
    let nodes = [node_x, w_1.1, b_1.1, w_2.1, b_2.1];
    let parameters = [w_1.0, b_1.0, w_2.0, b_2.0];
    let activations = forward(x, &parameters);
    let output = activations.output.clone().into_tensor();
    match BlockBackward.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(preparation) => preparation.finish((activations, parameters), output),
        OpsKind::UnTracked(preparation) => preparation.finish(output),
    }
}
