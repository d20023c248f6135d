//! What an estimator sees in its first layers, as a feature transform psi.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::feature_transform::Features;
use crate::tasks::gaze::GazeCnn;
use crate::tasks::network::Network;
use simgan_base::{Error, Result};

/// The features of an estimator, its weights fixed.
#[derive(Clone, Debug)]
pub struct EstimatorFeatures {
    network: GazeCnn,
    /// Root mean square of the features over some images.
    scale: f64,
}

impl EstimatorFeatures {
    /// Those of `network`, divided by their root mean square over `images`, so that `training.lambda` does not depend on how
    /// the estimator was fitted.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): it has no such layers, as an hourglass; of kind
    /// [`Training`](simgan_base::ErrorKind::Training): it sees nothing in the images.
    ///
    /// # Shapes
    /// - `images`: `[batch, channels, height, width]`, values in [-1, 1], on the device of `network`
    pub fn new(network: &Network, images: Tensor<4>) -> Result<Self> {
        let Network::Cnn(network) = network else {
            return Err(Error::config(
                "`psi.kind` is \"estimator\", but this estimator has no features: it is no cnn",
            )
            .with_hint("set estimator.kind=cnn, or another psi.kind"));
        };
        let network = network.clone().no_grad();
        let seen = network.features(images).square().mean();
        let scale = f64::from(seen.into_scalar::<f32>()).sqrt();
        match scale > 0.0 && scale.is_finite() {
            true => Ok(Self { network, scale }),
            false => Err(Error::training(
                "the estimator whose features psi is sees nothing in the synthetic images",
            )
            .with_hint("raise estimator.steps, or set another psi.kind")),
        }
    }
}

impl Features for EstimatorFeatures {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        self.network.features(images) / self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::gaze::GazeCnnConfig;
    use burn::tensor::{Device, TensorData};

    #[test]
    fn features_of_an_estimator_have_a_root_mean_square_of_1_and_a_gradient() {
        let device = Device::default();
        let shape = GazeCnnConfig {
            feature_maps: [2, 2, 3, 2, 2],
            ..GazeCnnConfig::new([1, 20, 20])
        };
        let network = Network::Cnn(shape.init(0, &device).unwrap());
        let pixels: Vec<f32> = (0..800).map(|i| (i * i % 97) as f32 / 48.0 - 1.0).collect();
        let data = TensorData::new(pixels, [2, 1, 20, 20]);
        let images = Tensor::<4>::from_data(data, &device);
        let psi = EstimatorFeatures::new(&network, images.clone()).unwrap();
        let features = psi.forward(images.clone());
        assert_eq!(features.dims(), [2, 3, 14, 14]);
        let square: f32 = features.square().mean().into_scalar();
        assert!((square - 1.0).abs() < 1e-5, "{square}");
        // As a training does: the network was fitted elsewhere, the images have a gradient.
        let autodiff = device.autodiff();
        let network = network.to_device(&autodiff);
        let images = Tensor::<4>::from_data(images.into_data(), &autodiff).require_grad();
        let psi = EstimatorFeatures::new(&network, images.clone().detach()).unwrap();
        let gradients = psi.forward(images.clone()).square().sum().backward();
        let gradient: Vec<f32> = images.grad(&gradients).unwrap().try_into_vec_as().unwrap();
        assert!(gradient.iter().any(|g| *g != 0.0));
    }
}
