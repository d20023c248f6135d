//! The feature transform psi of the self-regularization loss (paper, section 2.1): what of an image
//! has to stay. Version 1 of the paper has the identity alone; others are known from notes on version 2; the layout is ours.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use simgan::feature_transform::FeatureTransform;
//!
//! let image = Tensor::<4>::zeros([1, 3, 35, 55], &Device::default());
//! let features = FeatureTransform::ChannelMean.forward(image.clone());
//! assert_eq!(features.dims(), [1, 1, 35, 55]);
//! // Derivatives do not see brightness.
//! let psi = FeatureTransform::ImageDerivatives;
//! let change = psi.forward(image.clone() + 0.5) - psi.forward(image);
//! assert_eq!(change.abs().max().into_scalar::<f32>(), 0.0);
//! ```

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use simgan_kernels::ops::{Conv2dOptions, conv2d};

use crate::nets::weights::tensor_values;
use simgan_base::formats::tensors;
use simgan_base::{Error, Result};

/// Which psi.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The pixels themselves.
    #[default]
    Identity,
    /// Mean of the colour channels: colours may change, brightness may not.
    ChannelMean,
    /// Horizontal and vertical differences: brightness may change, edges may not.
    ImageDerivatives,
    /// Where an image is light and where dark, coarsely: blurred, with mean 0 and standard deviation 1. Brightness,
    /// contrast and detail may change, places may not. Not in the paper.
    Layout,
    /// Features of a convolutional network with fixed weights.
    Learned,
    /// What an estimator of the raw images sees in its first three layers: it is fitted before the training, as that of
    /// `[task_consistency]`. What it does not look at may change. Not in the paper.
    Estimator,
}

/// Section `[psi]` of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FeatureTransformConfig {
    /// Which psi.
    pub kind: Kind,
    /// `learned`: safetensors file of a PyTorch `nn.Sequential` of convolutions and ReLUs, that is
    /// tensors `N.weight` (`[out, in, k, k]`, odd k) and `N.bias` (`[out]`), applied in the order of N,
    /// stride 1, padded to keep the size, a ReLU after each.
    pub weights: PathBuf,
    /// `layout`: standard deviation of the Gaussian blur in pixels, above 0 and at most 50.
    pub sigma: f64,
}

impl Default for FeatureTransformConfig {
    fn default() -> Self {
        Self {
            kind: Kind::Identity,
            weights: PathBuf::new(),
            sigma: 2.0,
        }
    }
}

impl FeatureTransformConfig {
    /// Checks the range given at the field.
    ///
    /// # Errors
    /// Names the key.
    pub fn validate(&self) -> Result<()> {
        match self.sigma > 0.0 && self.sigma <= 50.0 {
            true => Ok(()),
            false => Err(Error::config(format!(
                "`psi.sigma` is {}, must be above 0 and at most 50 pixels",
                self.sigma
            ))),
        }
    }

    /// Loads psi for images of `channels` channels.
    ///
    /// # Errors
    /// `learned` without a usable weights file.
    ///
    /// The features of an `estimator` are known once it is fitted, and take the place of the identity.
    pub fn init(&self, channels: usize, device: &Device) -> Result<FeatureTransform> {
        Ok(match self.kind {
            Kind::Identity | Kind::Estimator => FeatureTransform::Identity,
            Kind::ChannelMean => FeatureTransform::ChannelMean,
            Kind::ImageDerivatives => FeatureTransform::ImageDerivatives,
            Kind::Layout => FeatureTransform::Layout { sigma: self.sigma },
            Kind::Learned => {
                FeatureTransform::Learned(Network::load(&self.weights, channels, device)?)
            }
        })
    }
}

/// Features that another module computes.
pub trait Features: Debug + Send + Sync {
    /// As [`FeatureTransform::forward`].
    fn forward(&self, images: Tensor<4>) -> Tensor<4>;
}

/// The feature transform psi.
#[derive(Clone, Debug)]
pub enum FeatureTransform {
    /// See [`Kind::Identity`].
    Identity,
    /// See [`Kind::ChannelMean`].
    ChannelMean,
    /// See [`Kind::ImageDerivatives`].
    ImageDerivatives,
    /// See [`Kind::Layout`].
    Layout {
        /// Standard deviation of the blur in pixels.
        sigma: f64,
    },
    /// See [`Kind::Learned`].
    Learned(Network),
    /// What something else computes: see [`Kind::Estimator`].
    Other(Arc<dyn Features>),
}

impl FeatureTransform {
    /// Features of images, differentiable.
    ///
    /// # Shapes
    /// - `images`: `[batch, channels, height, width]`
    /// - result: `[batch, features, height, width]`; 1 feature for the channel mean, 2 a channel for
    ///   the derivatives (forward differences, 0 beyond the border); an estimator's are 6 pixels less high and wide
    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Identity => images,
            Self::ChannelMean => images.mean_dim(1),
            Self::ImageDerivatives => {
                let across = difference(images.clone(), 3);
                Tensor::cat(vec![across, difference(images, 2)], 1)
            }
            Self::Layout { sigma } => layout(images, *sigma),
            Self::Learned(network) => network.forward(images),
            Self::Other(features) => features.forward(images),
        }
    }
}

/// Standard deviation added to an image's own, so that the noise of a flat image does not become its layout.
const FLAT: f64 = 0.02;

/// Blurred images, each channel with mean 0 and standard deviation 1.
fn layout(images: Tensor<4>, sigma: f64) -> Tensor<4> {
    let [_, _, height, width] = images.dims();
    let device = images.device();
    let down = blur_matrix(height, sigma, &device);
    let across = blur_matrix(width, sigma, &device).swap_dims(2, 3);
    let blurred = down.matmul(images).matmul(across);
    let centred = blurred.clone() - blurred.mean_dim(2).mean_dim(3);
    let variance = centred.clone().square().mean_dim(2).mean_dim(3);
    // The root of 0 has no gradient.
    centred / ((variance + 1e-8).sqrt() + FLAT)
}

/// `[1, 1, size, size]`: rows are Gaussians about their own place, cut at the border, with sum 1.
fn blur_matrix(size: usize, sigma: f64, device: &Device) -> Tensor<4> {
    let mut values = Vec::with_capacity(size * size);
    for place in 0..size {
        let weight = |i: usize| (-0.5 * ((i as f64 - place as f64) / sigma).powi(2)).exp();
        let total: f64 = (0..size).map(weight).sum();
        values.extend((0..size).map(|i| (weight(i) / total) as f32));
    }
    Tensor::from_data(TensorData::new(values, [1, 1, size, size]), device)
}

/// `x[i + 1] - x[i]` along `dim`, 0 at the end.
fn difference(x: Tensor<4>, dim: usize) -> Tensor<4> {
    let size = x.dims()[dim];
    let last = x.clone().slice_dim(dim, size - 1..size);
    if size == 1 {
        return last.zeros_like();
    }
    let differences = x.clone().slice_dim(dim, 1..size) - x.slice_dim(dim, 0..size - 1);
    Tensor::cat(vec![differences, last.zeros_like()], dim)
}

/// A convolutional network with fixed weights.
#[derive(Clone, Debug)]
pub struct Network {
    layers: Vec<(Tensor<4>, Tensor<1>)>,
}

impl Network {
    /// Loads the file described at [`FeatureTransformConfig::weights`].
    fn load(path: &Path, channels: usize, device: &Device) -> Result<Self> {
        if path.as_os_str().is_empty() {
            return Err(
                Error::config("`psi.kind` is \"learned\" but `psi.weights` is empty")
                    .with_hint("give the path of a safetensors file: --set psi.weights=FILE"),
            );
        }
        let bytes = tensors::read(path)?;
        let origin = path.display().to_string();
        let file = tensors::parse(&bytes, path)?;
        let mut indices: Vec<usize> = file
            .names()
            .iter()
            .filter_map(|name| name.strip_suffix(".weight")?.parse().ok())
            .collect();
        indices.sort_unstable();
        if indices.is_empty() {
            return Err(
                Error::model(format!("{origin}: no tensor named `N.weight`"))
                    .with_hint("save a torch.nn.Sequential of Conv2d and ReLU with safetensors"),
            );
        }
        let mut inputs = channels;
        let mut layers = Vec::with_capacity(indices.len());
        for index in indices {
            layers.push(load_layer(&file, index, &mut inputs, &origin, device)?);
        }
        Ok(Self { layers })
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let device = images.device();
        self.layers.iter().fold(images, |x, (weight, bias)| {
            let [_, _, kernel, _] = weight.dims();
            let options = Conv2dOptions {
                stride: 1,
                padding: kernel / 2,
                relu: true,
            };
            let weight = weight.clone().to_device(&device);
            conv2d(x, weight, bias.clone().to_device(&device), options)
        })
    }
}

fn load_layer(
    file: &SafeTensors,
    index: usize,
    inputs: &mut usize,
    origin: &str,
    device: &Device,
) -> Result<(Tensor<4>, Tensor<1>)> {
    let name = format!("{index}.weight");
    let (shape, weight) = tensor_values(file, &name, origin)?;
    let (outputs, kernel) = match shape[..] {
        [o, i, k, l] if i == *inputs && k == l && k % 2 == 1 && o > 0 => (o, k),
        _ => {
            return Err(Error::model(format!(
                "{origin}: tensor `{name}` has shape {shape:?}, expected [out, {inputs}, k, k] with k odd"
            )));
        }
    };
    let (shape, bias) = tensor_values(file, &format!("{index}.bias"), origin)?;
    if shape != [outputs] {
        return Err(Error::model(format!(
            "{origin}: tensor `{index}.bias` has shape {shape:?}, expected [{outputs}]"
        )));
    }
    let weight = TensorData::new(weight, [outputs, *inputs, kernel, kernel]);
    *inputs = outputs;
    Ok((
        Tensor::from_data(weight, device),
        Tensor::from_data(TensorData::new(bias, [outputs]), device),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(values: Vec<f32>, shape: [usize; 4]) -> Tensor<4> {
        Tensor::from_data(TensorData::new(values, shape), &Device::default())
    }

    fn values(t: Tensor<4>) -> Vec<f32> {
        t.try_into_vec_as().unwrap()
    }

    #[test]
    fn channel_mean_ignores_colour() {
        let x = image(vec![0.0, 0.3, 0.6], [1, 3, 1, 1]);
        let mean = values(FeatureTransform::ChannelMean.forward(x));
        assert!((mean[0] - 0.3).abs() < 1e-6);
    }

    #[test]
    fn derivatives_ignore_brightness() {
        let x = image(vec![1.0, 3.0, 2.0, 7.0], [1, 1, 2, 2]);
        let psi = FeatureTransform::ImageDerivatives;
        let features = values(psi.forward(x.clone()));
        assert_eq!(features, [2.0, 0.0, 5.0, 0.0, 1.0, 4.0, 0.0, 0.0]);
        assert_eq!(values(psi.forward(x + 0.5)), features);
    }

    #[test]
    fn the_layout_ignores_light_and_contrast_and_sees_places() {
        let dot = |column: usize| {
            let mut values = vec![0.0f32; 15 * 21];
            for row in 5..10 {
                values[row * 21 + column..][..5].fill(-0.8);
            }
            image(values, [1, 1, 15, 21])
        };
        let psi = FeatureTransform::Layout { sigma: 1.5 };
        let distance = |a: Tensor<4>, b: Tensor<4>| -> f32 {
            (psi.forward(a) - psi.forward(b)).abs().mean().into_scalar()
        };
        assert!(distance(dot(8), dot(8) * 0.5 + 0.3) < 0.1);
        assert!(distance(dot(8), dot(10)) > 0.2);
        let features = values(psi.forward(dot(8)));
        let mean = features.iter().sum::<f32>() / features.len() as f32;
        let square = features.iter().map(|v| v * v).sum::<f32>() / features.len() as f32;
        assert!(mean.abs() < 1e-4 && (square.sqrt() - 1.0).abs() < 0.15);
    }

    #[test]
    fn the_layout_of_a_flat_image_has_a_gradient() {
        let x = Tensor::<4>::zeros([1, 1, 5, 6], &Device::default().autodiff()).require_grad();
        let psi = FeatureTransform::Layout { sigma: 1.0 };
        let gradients = psi.forward(x.clone()).square().sum().backward();
        let gradient = values(x.grad(&gradients).unwrap());
        assert!(gradient.iter().all(|g| g.is_finite()));
    }

    #[test]
    fn learned_network_is_read_and_applied() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("psi.safetensors");
        let weight: Vec<u8> = [2.0f32, -1.0]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let bias: Vec<u8> = [0.5f32, 0.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let view = |shape: Vec<usize>, data| {
            safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape, data).unwrap()
        };
        let tensors = [
            ("0.weight", view(vec![2, 1, 1, 1], &weight)),
            ("0.bias", view(vec![2], &bias)),
        ];
        fs_err::write(&path, safetensors::serialize(tensors, None).unwrap()).unwrap();
        let config = FeatureTransformConfig {
            kind: Kind::Learned,
            weights: path,
            ..FeatureTransformConfig::default()
        };
        let psi = config.init(1, &Device::default()).unwrap();
        let features = values(psi.forward(image(vec![1.0, -1.0], [1, 1, 1, 2])));
        assert_eq!(features, [2.5, 0.0, 0.0, 1.0]);
        assert!(config.init(3, &Device::default()).is_err());
    }

    #[test]
    fn learned_needs_weights() {
        let config = FeatureTransformConfig {
            kind: Kind::Learned,
            ..FeatureTransformConfig::default()
        };
        let error = config.init(1, &Device::default()).unwrap_err();
        assert!(error.to_string().contains("psi.weights"));
    }
}
