//! Taking back so much of refining that labelled points stay where they are.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

use super::network::KeypointNetwork;
use crate::refiner::Refiner;

/// Shares of the refiner's change that are tried: fifths.
const SHARES: usize = 5;

/// How far points may move, and what finds them.
#[derive(Clone, Debug)]
pub struct Hold {
    network: KeypointNetwork,
    limit: f64,
}

impl Hold {
    /// A hold to `limit` pixels by a network that knows the points.
    pub fn new(network: &KeypointNetwork, limit: f64) -> Self {
        Self {
            network: network.valid(),
            limit,
        }
    }

    /// Farthest that a point may move, pixels.
    pub fn limit(&self) -> f64 {
        self.limit
    }

    /// `synthetic` moved towards `refined`, by the largest of 0, 1/5, ..., 1 of the way at which no point is found
    /// farther than the limit from where it is found in `synthetic`; a share an image.
    ///
    /// # Shapes
    /// - `synthetic`, `refined`, result: `[batch, channels, height, width]`, values in [-1, 1]
    pub fn apply(&self, synthetic: Tensor<4>, refined: Tensor<4>) -> Tensor<4> {
        let points = self.network.points();
        let before = self.network.find(synthetic.clone());
        let change = refined - synthetic.clone();
        let mut shares = vec![0.0f32; synthetic.dims()[0]];
        for fifth in 1..=SHARES {
            let share = fifth as f32 / SHARES as f32;
            let found = self
                .network
                .find(synthetic.clone() + change.clone() * share);
            let images = found.chunks(points).zip(before.chunks(points));
            for (kept, (now, before)) in shares.iter_mut().zip(images) {
                if now.iter().zip(before).all(|(a, b)| self.is_near(a, b)) {
                    *kept = share;
                }
            }
        }
        let shape = [shares.len(), 1, 1, 1];
        let shares = Tensor::from_data(TensorData::new(shares, shape), &synthetic.device());
        synthetic + change * shares
    }

    fn is_near(&self, a: &[f32; 2], b: &[f32; 2]) -> bool {
        f64::from((a[0] - b[0]).hypot(a[1] - b[1])) <= self.limit
    }
}

/// The refiner as it is applied after training: held, where the configuration asks for it.
#[derive(Clone, Debug)]
pub struct HeldRefiner {
    /// Refines; without autodiff.
    pub refiner: Refiner,
    /// What holds its points; `None` where nothing does.
    pub hold: Option<Hold>,
}

impl HeldRefiner {
    /// Refines images. With a hold, refining begins at images of matched [exposure](Refiner::exposed), which moves nothing.
    ///
    /// # Shapes
    /// - `images`, result: `[batch, channels, height, width]`, values in [-1, 1]
    pub fn refine(&self, images: Tensor<4>) -> Tensor<4> {
        let exposed = self.refiner.exposed(images);
        let refined = self.refiner.refine_exposed(exposed.clone());
        match &self.hold {
            Some(hold) => hold.apply(exposed, refined),
            None => refined,
        }
    }
}
