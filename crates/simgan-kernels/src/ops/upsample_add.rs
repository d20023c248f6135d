//! Doubling and adding: the way up of an hourglass.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};

use super::nhwc::Nhwc;
use crate::upsample::{self, Upsampling};

pub(super) fn forward(low: FlexTensor, skip: FlexTensor) -> (Nhwc, Upsampling) {
    let (low, skip) = (Nhwc::new(low), Nhwc::new(skip));
    let [batch, height, width, channels] = skip.dims;
    let up = Upsampling {
        batch,
        height,
        width,
        channels,
    };
    let y = upsample::forward(&up, low.values(), skip.values());
    (Nhwc::from_values(y, skip.dims), up)
}

#[derive(Debug)]
struct UpsampleAddBackward;

impl Backward<Flex, 2> for UpsampleAddBackward {
    type State = Upsampling;

    fn backward(
        self,
        ops: Ops<Upsampling, 2>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let gradient = Nhwc::new(grads.consume::<Flex>(&ops.node));
        let (up, [low, skip]) = (ops.state, ops.parents);
        if let Some(node) = low {
            let dlow = upsample::backward(&up, gradient.values());
            let dims = [up.batch, up.low_height(), up.low_width(), up.channels];
            grads.register::<Flex>(node.id, Nhwc::from_values(dlow, dims).into_tensor());
        }
        if let Some(node) = skip {
            grads.register::<Flex>(node.id, gradient.into_tensor());
        }
    }
}

pub(super) fn differentiable<C: CheckpointStrategy>(
    low: FloatTensor<Autodiff<Flex, C>>,
    skip: FloatTensor<Autodiff<Flex, C>>,
) -> FloatTensor<Autodiff<Flex, C>> {
    let ((low, low_node), (skip, skip_node)) = (low.into_parts(), skip.into_parts());
    let (y, state) = forward(low, skip);
    let y = y.into_tensor();
    match UpsampleAddBackward
        .prepare::<C>([low_node, skip_node])
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(preparation) => preparation.finish(state, y),
        OpsKind::UnTracked(preparation) => preparation.finish(y),
    }
}
