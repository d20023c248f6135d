//! Withholding the refiner's change around labelled points, so that they stay where they are.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

use super::network::KeypointNetwork;
use crate::refiner::Refiner;

/// Discs around points in which nothing is refined, and what finds the points.
#[derive(Clone, Debug)]
pub struct Hold {
    network: KeypointNetwork,
    radius: f64,
}

impl Hold {
    /// Discs of `radius` pixels around the points that a network knows.
    pub fn new(network: &KeypointNetwork, radius: f64) -> Self {
        Self {
            network: network.valid(),
            radius,
        }
    }

    /// Distance from a point within which nothing changes, pixels.
    pub fn radius(&self) -> f64 {
        self.radius
    }

    /// `refined`, but within the radius of a point `synthetic`; from there to twice as far one fades into the other. Points
    /// are found in `synthetic`.
    ///
    /// # Shapes
    /// - `synthetic`, `refined`, result: `[batch, channels, height, width]`, values in [-1, 1]
    pub fn apply(&self, synthetic: Tensor<4>, refined: Tensor<4>) -> Tensor<4> {
        let shares = self.shares(&synthetic);
        synthetic.clone() + (refined - synthetic) * shares
    }

    /// Share of the change that every pixel takes, `[batch, 1, height, width]`.
    fn shares(&self, synthetic: &Tensor<4>) -> Tensor<4> {
        let [batch, _, height, width] = synthetic.dims();
        let found = self.network.find(synthetic.clone());
        let mut shares = Vec::with_capacity(batch * height * width);
        for points in found.chunks(self.network.points()) {
            let pixels = (0..height).flat_map(|y| (0..width).map(move |x| [x as f32, y as f32]));
            shares.extend(pixels.map(|pixel| {
                let distances = points.iter().map(|point| distance(*point, pixel));
                self.share(distances.fold(f32::INFINITY, f32::min))
            }));
        }
        let shape = [batch, 1, height, width];
        Tensor::from_data(TensorData::new(shares, shape), &synthetic.device())
    }

    /// 0 up to the radius, 1 from twice the radius on, half a cosine between.
    fn share(&self, distance: f32) -> f32 {
        let way = (distance / self.radius as f32 - 1.0).clamp(0.0, 1.0);
        0.5 - 0.5 * (std::f32::consts::PI * way).cos()
    }
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
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
