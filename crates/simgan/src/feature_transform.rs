//! The feature transform psi of the self-regularization loss (paper, section 2.1): what of an image
//! has to stay. Version 1 of the paper has the identity alone; the others are known from notes on version 2.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use simgan_kernels::ops::{Conv2dOptions, conv2d};

use crate::weights::tensor_values;
use crate::{Error, Result};

/// Which psi.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The pixels themselves.
    #[default]
    Identity,
    /// Mean of the colour channels: colours may change, brightness may not.
    ChannelMean,
    /// Horizontal and vertical differences: brightness may change, edges may not.
    ImageDerivatives,
    /// Features of a convolutional network with fixed weights.
    Learned,
}

/// Section `[psi]` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeatureTransformConfig {
    /// Which psi.
    pub kind: Kind,
    /// `learned`: safetensors file of a PyTorch `nn.Sequential` of convolutions and ReLUs, that is
    /// tensors `N.weight` (`[out, in, k, k]`, odd k) and `N.bias` (`[out]`), applied in the order of N,
    /// stride 1, padded to keep the size, a ReLU after each.
    pub weights: PathBuf,
}

impl FeatureTransformConfig {
    /// Loads psi for images of `channels` channels.
    ///
    /// # Errors
    /// `learned` without a usable weights file.
    pub fn init(&self, channels: usize, device: &Device) -> Result<FeatureTransform> {
        Ok(match self.kind {
            Kind::Identity => FeatureTransform::Identity,
            Kind::ChannelMean => FeatureTransform::ChannelMean,
            Kind::ImageDerivatives => FeatureTransform::ImageDerivatives,
            Kind::Learned => {
                FeatureTransform::Learned(Network::load(&self.weights, channels, device)?)
            }
        })
    }
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
    /// See [`Kind::Learned`].
    Learned(Network),
}

impl FeatureTransform {
    /// Features of images, differentiable.
    ///
    /// # Shapes
    /// - `images`: `[batch, channels, height, width]`
    /// - result: `[batch, features, height, width]`; 1 feature for the channel mean, 2 a channel for
    ///   the derivatives (forward differences, 0 beyond the border)
    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Identity => images,
            Self::ChannelMean => images.mean_dim(1),
            Self::ImageDerivatives => {
                let across = difference(images.clone(), 3);
                Tensor::cat(vec![across, difference(images, 2)], 1)
            }
            Self::Learned(network) => network.forward(images),
        }
    }
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
        let bytes = fs_err::read(path)?;
        let origin = path.display().to_string();
        let file = SafeTensors::deserialize(&bytes)
            .map_err(|e| Error::model(format!("{origin} is not a valid safetensors file: {e}")))?;
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
