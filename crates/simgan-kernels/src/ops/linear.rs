//! Fully connected layer with bias and ReLU.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};

use super::nhwc::{row_major, tensor, values};
use crate::linear::{self as kernel, Linear};
use crate::memory::Values;

/// What a forward pass leaves.
#[derive(Clone, Debug)]
pub(super) struct LinearState {
    shape: Linear,
    x: FlexTensor,
    weight: FlexTensor,
    /// The result.
    pub output: FlexTensor,
    relu: bool,
}

pub(super) fn forward(
    x: FlexTensor,
    weight: FlexTensor,
    bias: &FlexTensor,
    relu: bool,
) -> LinearState {
    let (x, weight, bias) = (row_major(x), row_major(weight), row_major(bias.clone()));
    let (rows, columns) = (x.layout().shape(), weight.layout().shape());
    assert_eq!(
        rows[1], columns[0],
        "columns of the input and rows of the weights"
    );
    let shape = Linear {
        batch: rows[0],
        inputs: rows[1],
        outputs: columns[1],
    };
    let y = kernel::forward(
        &shape,
        values(&x),
        values(&weight),
        Some(values(&bias)),
        relu,
    );
    LinearState {
        output: tensor(y, [shape.batch, shape.outputs]),
        shape,
        x,
        weight,
        relu,
    }
}

#[derive(Debug)]
struct LinearBackward;

impl Backward<Flex, 3> for LinearBackward {
    type State = LinearState;

    fn backward(
        self,
        ops: Ops<LinearState, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let [node_x, node_weight, node_bias] = ops.parents;
        let LinearState {
            shape,
            x,
            weight,
            output,
            relu,
        } = ops.state;
        let mut gradient = values(&row_major(grads.consume::<Flex>(&ops.node))).to_vec();
        if relu {
            for (gradient, &output) in gradient.iter_mut().zip(values(&output)) {
                *gradient = if output > 0.0 { *gradient } else { 0.0 };
            }
        }
        if let Some(node) = node_x {
            let dx = kernel::data_gradient(&shape, &gradient, values(&weight));
            grads.register::<Flex>(node.id, tensor(dx, [shape.batch, shape.inputs]));
        }
        drop(weight);
        if node_weight.is_some() || node_bias.is_some() {
            let sums = kernel::weight_gradient(&shape, values(&x), &gradient);
            if let Some(node) = node_weight {
                let dims = [shape.inputs, shape.outputs];
                grads.register::<Flex>(node.id, tensor(sums.weights, dims));
            }
            if let Some(node) = node_bias {
                grads
                    .register::<Flex>(node.id, tensor(Values::copied(&sums.bias), [shape.outputs]));
            }
        }
    }
}

pub(super) fn differentiable<C: CheckpointStrategy>(
    x: FloatTensor<Autodiff<Flex, C>>,
    weight: FloatTensor<Autodiff<Flex, C>>,
    bias: FloatTensor<Autodiff<Flex, C>>,
    relu: bool,
) -> FloatTensor<Autodiff<Flex, C>> {
    let (x, node_x) = x.into_parts();
    let (weight, node_weight) = weight.into_parts();
    let (bias, node_bias) = bias.into_parts();
    let state = forward(x, weight, &bias, relu);
    let output = state.output.clone();
    let nodes = [node_x, node_weight, node_bias];
    match LinearBackward
        .prepare::<C>(nodes)
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(preparation) => preparation.finish(state, output),
        OpsKind::UnTracked(preparation) => preparation.finish(output),
    }
}
