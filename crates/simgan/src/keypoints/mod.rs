//! Keeping labelled points where they are, which the paper leaves to psi: a small network learns from the synthetic side's
//! own labels to find named points, such as the centre of the iris; the refiner is then held to images in which it finds
//! them in their places, by a loss in training, by what it may change around them when it is applied, or by both. No label
//! of a real image plays a part. Not in the paper.
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use burn::tensor::Device;
//! use simgan::data::{Dataset, OpenOptions, Preprocessing};
//! use simgan::keypoints::{Hold, KeypointConfig, Places, fit};
//!
//! let eyes = "sim:eyes?seed=1[:24]";
//! let eyes = Dataset::open(eyes, &Preprocessing::default(), &OpenOptions::default())?;
//! let config = KeypointConfig { points: vec!["iris".into()], ..KeypointConfig::default() };
//! let places = Places::of(&eyes, &config)?;
//! // Two updates, where `config.steps` has 2,000.
//! let mut told = |_step, _steps| ControlFlow::Continue(());
//! let network = fit(&eyes, &places, 2, 0, &Device::default(), &mut told)?.unwrap();
//! assert_eq!(Hold::new(&network, 6.0).radius(), 6.0);
//! # Ok::<(), simgan::Error>(())
//! ```

mod config;
pub(crate) mod fit;
mod grey_map;
mod hold;
mod network;
mod places;

pub use config::KeypointConfig;
pub use fit::{Told, fit};
pub(crate) use grey_map::GreyMap;
pub use grey_map::LARGEST_SLOPE;
pub use hold::Hold;
pub use network::KeypointNetwork;
pub use places::Places;

use burn::tensor::{Device, Tensor};

/// What holds the refiner to the points.
#[derive(Clone, Debug)]
pub struct Keypoints {
    /// Finds the points; its weights stay as they are.
    pub network: KeypointNetwork,
    /// Weight of [`loss`](Self::loss) beside that of psi.
    pub weight: f64,
    /// Radius of [`Hold`]'s discs, pixels; 0: none.
    pub radius: f64,
}

impl Keypoints {
    /// A network for `points` points that has learned nothing yet, for weights to be loaded into; `None` for none.
    pub fn new(
        config: &KeypointConfig,
        points: usize,
        channels: usize,
        seed: u64,
        device: &Device,
    ) -> Option<Self> {
        (points > 0).then(|| Self {
            network: KeypointNetwork::new(channels, points, seed, device),
            weight: config.weight,
            radius: config.radius,
        })
    }

    /// What holds the points when the refiner is applied, if anything does.
    pub fn hold(&self) -> Option<Hold> {
        (self.radius > 0.0).then(|| Hold::new(&self.network, self.radius))
    }

    /// `weight` times the mean absolute difference of the heat maps, summed over the points. Gradients flow through
    /// `refined` only.
    ///
    /// # Shapes
    /// - `refined`, `synthetic`: `[batch, channels, height, width]`, values in [-1, 1]
    pub fn loss(&self, refined: Tensor<4>, synthetic: Tensor<4>) -> Tensor<1> {
        let points = self.network.points() as f64;
        let fixed = self.network.fixed();
        let moved = fixed.forward(refined) - fixed.forward(synthetic).detach();
        moved.abs().mean() * (self.weight * points)
    }
}

#[cfg(test)]
mod tests;
