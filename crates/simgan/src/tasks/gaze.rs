//! The gaze network of the paper (section 3.1).

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use crate::nets::activation::Activation;
use crate::nets::graph::{Graph, Window};
use crate::nets::initialization::{Spread, initialize};
use crate::nets::layers;
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};

/// Place of the last max-pool in the graph.
const LAST_POOL: usize = 6;

/// Shape of a [`GazeCnn`].
///
/// The layers are those of the paper: conv 3x3/32, conv 3x3/32, conv 3x3/64, max-pool 3x3 stride 2,
/// conv 3x3/80, conv 3x3/192, max-pool 2x2 stride 2, FC 9600, FC 1000, FC 3. Convolutions are not padded:
/// only so does a 35x55 image end as 5x10x192 = 9,600 numbers, the paper's "FC9600".
/// The paper names no activation (here ReLU), no dropout (here none) and no initialisation (here He's: with narrower
/// weights, seven layers deep, the network can stay at the mean label for hundreds of steps).
#[derive(Clone, Debug, PartialEq)]
pub struct GazeCnnConfig {
    /// `[channels, height, width]` of an image; the paper's is `[1, 35, 55]`.
    pub image_shape: [usize; 3],
    /// Feature maps of the five convolutions.
    pub feature_maps: [usize; 5],
    /// Width of the fully connected layer.
    pub hidden: usize,
    /// Regressed numbers.
    pub outputs: usize,
    /// Non-linearity.
    pub activation: Activation,
}

impl GazeCnnConfig {
    /// The paper's network for images of `image_shape`, regressing a 3-vector.
    pub fn new(image_shape: [usize; 3]) -> Self {
        Self {
            image_shape,
            feature_maps: [32, 32, 64, 80, 192],
            hidden: 1000,
            outputs: 3,
            activation: Activation::Relu,
        }
    }

    /// `[channels, height, width]` after the last max-pool: 192x5x10 in the paper.
    ///
    /// # Errors
    /// An image smaller than 19x19 leaves nothing.
    pub fn flattened_shape(&self) -> Result<[usize; 3]> {
        let pooled = self.graph().nodes()[LAST_POOL].output;
        match pooled[1].min(pooled[2]) {
            1.. => Ok(pooled),
            0 => Err(Error::config(format!(
                "images of {}x{} are too small for the gaze network: it needs 19x19 or more",
                self.image_shape[2], self.image_shape[1]
            ))
            .with_hint("set preprocessing.width and preprocessing.height, or estimator.kind=knn")),
        }
    }

    /// Its layers.
    pub fn graph(&self) -> Graph {
        let activation = Some(self.activation);
        let convolution = Window::inside(3, 1);
        let [a, b, c, d, e] = self.feature_maps;
        Graph::new(self.image_shape)
            .convolution(a, convolution, activation)
            .convolution(b, convolution, activation)
            .convolution(c, convolution, activation)
            .max_pool(Window::inside(3, 2))
            .convolution(d, convolution, activation)
            .convolution(e, convolution, activation)
            .max_pool(Window::inside(2, 2))
            .fully_connected(self.hidden, activation)
            .fully_connected(self.outputs, None)
    }

    /// Number of parameters, or the largest `u64` if there are more.
    ///
    /// # Errors
    /// An image that is too small.
    pub fn parameters(&self) -> Result<u64> {
        self.flattened_shape()?;
        Ok(self.graph().parameters())
    }

    /// A network with weights drawn from `seed`: equal weights for equal seeds, on every device.
    ///
    /// # Errors
    /// A size of 0, or an image that is too small.
    pub fn init(&self, seed: u64, device: &Device) -> Result<GazeCnn> {
        let sizes = [self.image_shape[0], self.hidden, self.outputs];
        if sizes.contains(&0) || self.feature_maps.contains(&0) {
            return Err(Error::config(
                "the gaze network needs at least one channel in every layer",
            ));
        }
        let flat: usize = self.flattened_shape()?.iter().product();
        let [a, b, c, d, e] = self.feature_maps;
        let conv = |inputs, outputs| Conv2dConfig::new([inputs, outputs], [3, 3]).init(device);
        let network = GazeCnn {
            conv1: conv(self.image_shape[0], a),
            conv2: conv(a, b),
            conv3: conv(b, c),
            pool1: MaxPool2dConfig::new([3, 3]).with_strides([2, 2]).init(),
            conv4: conv(c, d),
            conv5: conv(d, e),
            pool2: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            fc1: LinearConfig::new(flat, self.hidden).init(device),
            fc2: LinearConfig::new(self.hidden, self.outputs).init(device),
            activation: self.activation,
        };
        Ok(initialize(
            network,
            Spread::He,
            &mut generator(seed, Stream::EstimatorWeights),
        ))
    }
}

/// The gaze network. Made by [`GazeCnnConfig::init`].
#[derive(Module, Debug)]
pub struct GazeCnn {
    conv1: Conv2d,
    conv2: Conv2d,
    conv3: Conv2d,
    pool1: MaxPool2d,
    conv4: Conv2d,
    conv5: Conv2d,
    pool2: MaxPool2d,
    fc1: Linear,
    fc2: Linear,
    #[module(skip)]
    activation: Activation,
}

impl GazeCnn {
    /// `[batch, channels, height, width]`, values in [-1, 1], to `[batch, outputs]`.
    ///
    /// The output is a free vector: the loss compares it with the unit gaze vector, nothing normalises it.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let activation = Some(self.activation);
        let x = layers::max_pool(&self.pool1, self.features(images));
        let x = layers::convolution(&self.conv4, activation, x);
        let x = layers::convolution(&self.conv5, activation, x);
        let x = layers::max_pool(&self.pool2, x).flatten::<2>(1, 3);
        let x = layers::fully_connected(&self.fc1, activation, x);
        layers::fully_connected(&self.fc2, None, x)
    }

    /// What its first three layers see, before anything is pooled: `[batch, feature_maps[2], height - 6, width - 6]`.
    pub fn features(&self, images: Tensor<4>) -> Tensor<4> {
        let activation = Some(self.activation);
        let x = layers::convolution(&self.conv1, activation, images);
        let x = layers::convolution(&self.conv2, activation, x);
        layers::convolution(&self.conv3, activation, x)
    }
}

/// The L2 loss of the paper: squared Euclidean distance, mean over the batch.
///
/// `prediction` and `target` are `[batch, outputs]`; the result has one element.
pub fn l2_loss(prediction: Tensor<2>, target: Tensor<2>) -> Tensor<1> {
    (prediction - target).square().sum_dim(1).mean()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(image_shape: [usize; 3]) -> usize {
        GazeCnnConfig::new(image_shape)
            .init(0, &Device::default())
            .unwrap()
            .num_params()
    }

    #[test]
    fn the_papers_network_has_9_816_659_parameters() {
        let config = GazeCnnConfig::new([1, 35, 55]);
        assert_eq!(config.flattened_shape().unwrap(), [192, 5, 10]);
        let convolutions =
            9 * (32 + 32 * 32 + 32 * 64 + 64 * 80 + 80 * 192) + 32 + 32 + 64 + 80 + 192;
        let connected = 9600 * 1000 + 1000 + 1000 * 3 + 3;
        assert_eq!(parameters([1, 35, 55]), convolutions + connected);
        assert_eq!(convolutions + connected, 9_816_659);
    }

    #[test]
    fn other_sizes_are_computed() {
        for (image_shape, flattened) in [
            ([1, 28, 28], [6, 3, 3]),
            ([1, 36, 60], [6, 5, 11]),
            ([3, 19, 20], [6, 1, 1]),
        ] {
            let mut config = GazeCnnConfig::new(image_shape);
            config.feature_maps = [2, 3, 4, 5, 6];
            config.hidden = 4;
            assert_eq!(config.flattened_shape().unwrap(), flattened);
            let network = config.init(0, &Device::default()).unwrap();
            let [channels, height, width] = image_shape;
            let images = Tensor::zeros([2, channels, height, width], &Device::default());
            assert_eq!(network.forward(images).dims(), [2, 3]);
        }
    }

    #[test]
    fn tiny_images_are_refused() {
        for image_shape in [[1, 18, 55], [1, 35, 18], [1, 8, 8], [1, 0, 0]] {
            let error = GazeCnnConfig::new(image_shape)
                .init(0, &Device::default())
                .unwrap_err();
            assert!(error.to_string().contains("19x19"), "{error}");
        }
    }

    #[test]
    fn equal_seeds_give_equal_weights() {
        let weights = |seed| {
            let mut config = GazeCnnConfig::new([1, 28, 28]);
            config.hidden = 4;
            let network = config.init(seed, &Device::default()).unwrap();
            network
                .conv4
                .weight
                .val()
                .into_data()
                .try_to_vec::<f32>()
                .unwrap()
        };
        assert_eq!(weights(1), weights(1));
        assert_ne!(weights(1), weights(2));
    }
}
