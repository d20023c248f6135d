//! Features of a convolutional network whose weights are random and always the same.
//!
//! Distances of image sets are usually taken in the features of a network trained on a million photographs. No such
//! network is at hand here, and grey eyes of 55x35 are not what it has seen; random convolutions see edges and textures of
//! several sizes, too, and favour nobody. Figures can be compared with each other, not with published ones.

use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use crate::nets::activation::Activation;
use crate::nets::image_tensor;
use crate::nets::initialization::{Spread, initialize};
use crate::nets::layers;
use crate::tasks::rows::Rows;
use simgan_base::random::{Stream, generator};
use simgan_data::Dataset;

/// What outputs call these features.
pub const NAME: &str = "random convolutional features";
/// Seed of the weights. Another one gives other features: figures are comparable within one.
const SEED: u64 = 0x51_6D_47_41_4E;
/// `(output maps, stride)` of the layers.
const LAYERS: [(usize, usize); 4] = [(32, 1), (64, 2), (96, 2), (128, 2)];
/// Images a forward pass.
const BATCH: usize = 128;

/// The network: four 3x3 convolutions with ReLU and He's weights. Its features are the means of all maps of all layers,
/// 320 numbers an image.
#[derive(Clone, Debug)]
pub struct RandomFeatures {
    network: Network,
    device: Device,
}

#[derive(Module, Debug)]
struct Network {
    layers: Vec<Conv2d>,
}

impl RandomFeatures {
    /// The network for images of `channels`.
    pub fn new(channels: usize, device: &Device) -> Self {
        let device = device.clone().inner();
        let mut inputs = channels;
        let layers = LAYERS.map(|(outputs, stride)| {
            let config =
                Conv2dConfig::new([std::mem::replace(&mut inputs, outputs), outputs], [3, 3]);
            let padded = config.with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
            padded.with_stride([stride; 2]).init(&device)
        });
        let network = Network {
            layers: layers.into(),
        };
        let mut rng = generator(SEED, Stream::Judges);
        Self {
            network: initialize(network, Spread::He, &mut rng),
            device,
        }
    }

    /// Numbers an image.
    pub fn dimension() -> usize {
        LAYERS.iter().map(|(maps, _)| maps).sum()
    }

    /// Features of every image: `[images, 320]`.
    pub fn of(&self, data: &Dataset) -> Rows {
        let indices: Vec<usize> = (0..data.len()).collect();
        let batch = |indices: &[usize]| {
            let values = data.batch(indices);
            let images = image_tensor::from_values(values, data.image_shape(), &self.device);
            self.forward(images)
                .into_data()
                .iter::<f32>()
                .collect::<Vec<_>>()
        };
        Rows {
            dimension: Self::dimension(),
            values: indices.chunks(BATCH).flat_map(batch).collect(),
        }
    }

    /// `[batch, channels, height, width]`, values in [-1, 1], to `[batch, 320]`.
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let mut x = images;
        let mut pooled = Vec::with_capacity(LAYERS.len());
        for layer in &self.network.layers {
            x = layers::convolution(layer, Some(Activation::Relu), x);
            pooled.push(x.clone().mean_dim(2).mean_dim(3).flatten::<2>(1, 3));
        }
        Tensor::cat(pooled, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_fixed_finite_and_differ_between_images() {
        let names = vec!["a".to_owned(), "b".to_owned()];
        let mut pixels = vec![100; 2 * 35 * 55];
        pixels[..35 * 55]
            .iter_mut()
            .step_by(2)
            .for_each(|p| *p = 200);
        let data = Dataset::from_memory(names, [1, 35, 55], pixels, None).unwrap();
        let features = || RandomFeatures::new(1, &Device::default()).of(&data);
        let rows = features();
        assert_eq!((rows.len(), rows.dimension), (2, 320));
        assert_eq!(rows, features());
        assert!(rows.values.iter().all(|v| v.is_finite()));
        assert_ne!(rows.row(0), rows.row(1));
    }
}
