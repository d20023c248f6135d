//! The network that finds points.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};

use crate::activation::Activation;
use crate::initialization::{Spread, initialize};
use crate::layers::{self, padded_convolution};
use crate::random::{Stream, generator};

/// Maps of the hidden layers.
const MAPS: usize = 24;
/// Side of the hidden layers' kernels.
const KERNEL: usize = 5;
/// Hidden layers; the first halves the image.
const HIDDEN: usize = 4;

/// Convolutions from an image to a heat map a point, of half its width and height; one decision depends on 33x33 pixels.
#[derive(Module, Debug)]
pub struct KeypointNetwork {
    hidden: Vec<Conv2d>,
    output: Conv2d,
}

impl KeypointNetwork {
    /// With weights drawn from `seed`: equal weights for equal seeds, on every device.
    pub fn new(channels: usize, points: usize, seed: u64, device: &Device) -> Self {
        let hidden = (0..HIDDEN).map(|index| match index {
            0 => padded_convolution([channels, MAPS], KERNEL, 2, device),
            _ => padded_convolution([MAPS, MAPS], KERNEL, 1, device),
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

    /// Height and width of the heat maps of images of that size.
    pub fn map_size([height, width]: [usize; 2]) -> [usize; 2] {
        [height, width].map(|side| (side - 1) / 2 + 1)
    }

    /// Numbers that the layers put out for an image of that size.
    pub(crate) fn numbers_an_image(size: [usize; 2], points: usize) -> usize {
        Self::map_size(size).iter().product::<usize>() * (HIDDEN * MAPS + points)
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
}
