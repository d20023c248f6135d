//! The network that finds points.

use std::path::Path;

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};

use crate::nets::activation::Activation;
use crate::nets::graph::{Graph, Window};
use crate::nets::image_tensor;
use crate::nets::initialization::{Spread, initialize};
use crate::nets::layers;
use crate::nets::layers::padded_convolution;
use crate::nets::weights;
use simgan_base::formats::tensors;
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};

/// Maps of the hidden layers.
const MAPS: usize = 24;
/// Side of the hidden layers' kernels.
const KERNEL: usize = 5;
/// Hidden layers; the first halves the image.
const HIDDEN: usize = 4;

/// Stride of a hidden layer.
fn stride(layer: usize) -> usize {
    if layer == 0 { 2 } else { 1 }
}

/// Convolutions from an image to a heat map a point, of half its width and height; one decision depends on 33x33 pixels.
#[derive(Module, Debug)]
pub struct KeypointNetwork {
    hidden: Vec<Conv2d>,
    output: Conv2d,
}

impl KeypointNetwork {
    /// With weights drawn from `seed`: equal weights for equal seeds, on every device.
    pub fn new(channels: usize, points: usize, seed: u64, device: &Device) -> Self {
        let hidden = (0..HIDDEN).map(|layer| {
            let inputs = if layer == 0 { channels } else { MAPS };
            padded_convolution([inputs, MAPS], KERNEL, stride(layer), device)
        });
        let network = Self {
            hidden: hidden.collect(),
            output: padded_convolution([MAPS, points], 3, 1, device),
        };
        initialize(
            network,
            Spread::He,
            &mut generator(seed, Stream::KeypointWeights),
        )
    }

    /// The network that was saved to `path`, for at most `most` points.
    ///
    /// # Errors
    /// The file cannot be read or holds another network.
    pub fn load(path: &Path, channels: usize, most: usize, device: &Device) -> Result<Self> {
        let bytes = tensors::read(path)?;
        let file = tensors::parse(&bytes, path)?;
        let origin = path.display().to_string();
        let (_, biases) = weights::tensor_values(&file, "output.bias", &origin)?;
        if !(1..=most).contains(&biases.len()) {
            return Err(Error::model(format!(
                "{origin} finds {} points, the configuration names {most}",
                biases.len()
            ))
            .with_hint("keypoints.points differs from that of the training"));
        }
        weights::load(Self::new(channels, biases.len(), 0, device), path)
    }

    /// Its layers for images of `image_shape` (`[channels, height, width]`).
    pub fn graph(image_shape: [usize; 3], points: usize) -> Graph {
        let activation = Some(Activation::Relu);
        let hidden = (0..HIDDEN).fold(Graph::new(image_shape), |graph, layer| {
            graph.convolution(MAPS, Window::padded(KERNEL, stride(layer)), activation)
        });
        hidden.convolution(points, Window::padded(3, 1), None)
    }

    /// Height and width of the heat maps of images of that size.
    pub fn map_size([height, width]: [usize; 2]) -> [usize; 2] {
        let [_, rows, columns] = Self::graph([1, height, width], 1).output();
        [rows, columns]
    }

    /// Number of points.
    pub fn points(&self) -> usize {
        self.output.weight.dims()[0]
    }

    /// Where its weights lie.
    pub(super) fn device(&self) -> Device {
        self.output.weight.device()
    }

    /// The same, its weights out of reach of gradients.
    pub(super) fn fixed(&self) -> Self {
        self.clone().no_grad()
    }

    /// Heat maps: 1 where a point is thought to be, 0 elsewhere.
    ///
    /// # Shapes
    /// - `images`: `[batch, channels, height, width]`, values in [-1, 1]
    /// - result: `[batch, points, ceil(height / 2), ceil(width / 2)]`
    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let relu = Some(Activation::Relu);
        let hidden = self
            .hidden
            .iter()
            .fold(images, |x, layer| layers::convolution(layer, relu, x));
        layers::convolution(&self.output, None, hidden)
    }

    /// Where the points are found, in pixels of the images: `[x, y]` of all points of the first image, then of the next.
    pub fn find(&self, images: Tensor<4>) -> Vec<[f32; 2]> {
        let maps = self.forward(images);
        let [_, _, rows, columns] = maps.dims();
        let values = image_tensor::to_values(maps);
        values
            .chunks(rows * columns)
            .map(|map| centre(map, columns))
            .collect()
    }
}

/// Centre of mass of the squares of what is above 0, in pixels of the image.
fn centre(map: &[f32], columns: usize) -> [f32; 2] {
    let mut sums = [f32::MIN_POSITIVE, 0.0, 0.0];
    for (cell, value) in map.iter().enumerate() {
        let mass = value.max(0.0).powi(2);
        sums[0] += mass;
        sums[1] += mass * 2.0 * (cell % columns) as f32;
        sums[2] += mass * 2.0 * (cell / columns) as f32;
    }
    [sums[1] / sums[0], sums[2] / sums[0]]
}
