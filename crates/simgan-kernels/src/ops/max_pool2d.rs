//! Max-pooling.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};

use super::nhwc::Nhwc;
use crate::pool::{self, Pool};

/// Window of [`max_pool2d`](super::max_pool2d()).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool2dOptions {
    /// Side of the window.
    pub kernel: usize,
    /// Stride in both directions.
    pub stride: usize,
    /// Padding on every side, at most half the window; it never wins.
    pub padding: usize,
}

fn pooling(dims: [usize; 4], options: MaxPool2dOptions) -> Pool {
    let [batch, height, width, channels] = dims;
    Pool {
        batch,
        height,
        width,
        channels,
        kernel: options.kernel,
        stride: options.stride,
        padding: options.padding,
    }
}

/// What the backward pass needs: which element of each window won.
#[derive(Clone, Debug)]
pub(super) struct PoolState {
    pool: Pool,
    positions: Arc<Vec<u8>>,
}

pub(super) fn forward(x: FlexTensor, options: MaxPool2dOptions) -> (Nhwc, PoolState) {
    let x = Nhwc::new(x);
    let pool = pooling(x.dims, options);
    let (y, positions) = pool::forward(&pool, x.values());
    let dims = [
        pool.batch,
        pool.out_height(),
        pool.out_width(),
        pool.channels,
    ];
    let positions = Arc::new(positions);
    (Nhwc::from_values(y, dims), PoolState { pool, positions })
}

#[derive(Debug)]
struct MaxPoolBackward;

impl Backward<Flex, 1> for MaxPoolBackward {
    type State = PoolState;

    fn backward(
        self,
        ops: Ops<PoolState, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let gradient = Nhwc::new(grads.consume::<Flex>(&ops.node));
        let PoolState { pool, positions } = ops.state;
        let [node] = ops.parents;
        if let Some(node) = node {
            let dx = pool::backward(&pool, gradient.values(), &positions);
            let dims = [pool.batch, pool.height, pool.width, pool.channels];
            grads.register::<Flex>(node.id, Nhwc::from_values(dx, dims).into_tensor());
        }
    }
}

pub(super) fn differentiable<C: CheckpointStrategy>(
    x: FloatTensor<Autodiff<Flex, C>>,
    options: MaxPool2dOptions,
) -> FloatTensor<Autodiff<Flex, C>> {
    let (x, node) = x.into_parts();
    let (y, state) = forward(x, options);
    let y = y.into_tensor();
    match MaxPoolBackward
        .prepare::<C>([node])
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(preparation) => preparation.finish(state, y),
        OpsKind::UnTracked(preparation) => preparation.finish(y),
    }
}
