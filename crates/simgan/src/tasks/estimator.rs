//! A fitted estimator: images in, targets out.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::nets::image_tensor;
use crate::tasks::config::EstimatorConfig;
use crate::tasks::knn::Knn;
use crate::tasks::network::{Network, NetworkShape};
use crate::tasks::rows::Rows;
use crate::tasks::standardization::Standardization;
use crate::tasks::target::Target;
use simgan_base::{Error, Result};
use simgan_data::{Dataset, Preprocessing};

/// Images a forward pass.
const PREDICTION_BATCH: usize = 128;

/// Where an estimator comes from and how its numbers are read: `MODEL/estimator.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstimatorManifest {
    /// Version of this crate.
    pub version: String,
    /// Seed of weights, held-out part and mini-batches.
    pub seed: u64,
    /// `[channels, height, width]` of an image.
    pub image_shape: [usize; 3],
    /// Number of images it was given.
    pub images: usize,
    /// Fingerprint of the data set it was fitted on.
    pub data_fingerprint: String,
    /// Updates behind the weights that were kept; 0 for k-NN.
    pub step: usize,
    /// What is regressed.
    pub target: Target,
    /// Units of the regressed numbers.
    pub standardization: Standardization,
    /// Chain that every image must have gone through.
    pub preprocessing: Preprocessing,
    /// The configuration it was fitted with.
    pub config: EstimatorConfig,
}

/// The part that predicts.
#[derive(Clone, Debug)]
pub(super) enum Predictor {
    /// A network, on a device without differentiation.
    Network(Box<Network>, Device),
    /// The k-NN baseline.
    Knn(Knn),
}

/// A fitted estimator. Made by [`super::fit()`] or [`Estimator::load`](Self::load).
#[derive(Clone, Debug)]
pub struct Estimator {
    pub(super) manifest: EstimatorManifest,
    pub(super) predictor: Predictor,
}

impl EstimatorManifest {
    /// Shape of the network that this manifest belongs to.
    pub fn network(&self) -> NetworkShape {
        self.config.network(&*self.target.task(), self.image_shape)
    }
}

impl Estimator {
    /// Where it comes from.
    pub fn manifest(&self) -> &EstimatorManifest {
        &self.manifest
    }

    /// What it regresses.
    pub fn target(&self) -> &Target {
        &self.manifest.target
    }

    /// Chain that every image must have gone through.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.manifest.preprocessing
    }

    /// One row an image in the units of the labels; for gaze a vector `[x, y, z]` of any length.
    ///
    /// Images are read and predicted in batches: memory does not grow with the number of pixels.
    ///
    /// # Errors
    /// Images of another shape, and predictions that are not finite numbers.
    pub fn predict(&self, data: &Dataset) -> Result<Vec<Vec<f32>>> {
        let rows = self.predict_rows(data)?;
        Ok(rows
            .values
            .chunks(rows.dimension)
            .map(<[f32]>::to_vec)
            .collect())
    }

    /// The answers to all images, `[image][coordinate]`, as errors are measured: pitch and yaw of a gaze, label columns, a class.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn answers(&self, data: &Dataset) -> Result<Vec<Vec<f64>>> {
        Ok(self.target().task().decode(&self.predict_rows(data)?))
    }

    /// The network, where there is one: k-NN has none.
    pub fn network(&self) -> Option<&Network> {
        match &self.predictor {
            Predictor::Network(network, _) => Some(network),
            Predictor::Knn(_) => None,
        }
    }

    /// What the network puts out, in its own units.
    ///
    /// # Errors
    /// Images of another shape.
    pub fn outputs(&self, data: &Dataset) -> Result<Rows> {
        self.check_shape(data)?;
        match &self.predictor {
            Predictor::Knn(knn) => Ok(knn.predict(data)),
            Predictor::Network(network, device) => predict_batches(network, data, device),
        }
    }

    /// As [`predict`](Self::predict), as one table.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_rows(&self, data: &Dataset) -> Result<Rows> {
        let mut rows = self.outputs(data)?;
        self.manifest.standardization.invert(&mut rows);
        match rows.values.iter().all(|value| value.is_finite()) {
            true => Ok(rows),
            false => Err(Error::model(
                "the estimator's weights give predictions that are not finite numbers",
            )
            .with_hint("fit it again with a smaller estimator.learning_rate")),
        }
    }

    fn check_shape(&self, data: &Dataset) -> Result<()> {
        let (expected, found) = (self.manifest.image_shape, data.image_shape());
        if expected == found {
            return Ok(());
        }
        Err(Error::data(format!(
            "the estimator was fitted on images of {}, the data set has {}",
            describe(expected),
            describe(found)
        ))
        .with_hint("open the data set with the preprocessing stored with the estimator"))
    }
}

/// Predictions of the network in its own units.
pub(super) fn predict_batches(network: &Network, data: &Dataset, device: &Device) -> Result<Rows> {
    let mut values = Vec::new();
    let mut dimension = 1;
    let indices: Vec<usize> = (0..data.len()).collect();
    for batch in indices.chunks(PREDICTION_BATCH) {
        let output = network.forward(image_batch(data, batch, device));
        dimension = output.dims()[1];
        values.extend(numbers(output.into_data())?);
    }
    Ok(Rows { dimension, values })
}

/// The images at `indices` as `[batch, channels, height, width]`, values in [-1, 1].
pub(super) fn image_batch(data: &Dataset, indices: &[usize], device: &Device) -> Tensor<4> {
    image_tensor::from_values(data.batch(indices), data.image_shape(), device)
}

/// The numbers of a tensor, whatever float type the device computes in.
pub(super) fn numbers(data: TensorData) -> Result<Vec<f32>> {
    data.convert::<f32>()
        .try_into_vec::<f32>()
        .map_err(|e| Error::training(format!("a result cannot be read from the device: {e:?}")))
}

fn describe([channels, height, width]: [usize; 3]) -> String {
    format!(
        "{width}x{height} with {channels} channel{}",
        if channels == 1 { "" } else { "s" }
    )
}
