//! The refiner R (paper, section 3.1 and Fig. 6): a residual network without stride or pooling,
//! so every pixel of the output sees only its surroundings and the layout of the image stays.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use simgan::random::{Stream, generator};
//! use simgan::refiner::RefinerConfig;
//!
//! // The paper's refiner of eyes: a pixel depends on 19 by 19 others.
//! let config = RefinerConfig::eyes();
//! assert_eq!(config.receptive_field(), 19);
//! let device = Device::default();
//! let refiner = config.init(1, &mut generator(0, Stream::RefinerWeights), &device);
//! // It takes images of any size.
//! let image = Tensor::<4>::zeros([1, 1, 8, 12], &device);
//! assert_eq!(refiner.refine(image).dims(), [1, 1, 8, 12]);
//! ```

mod apply;
pub mod exposure;
mod tiles;

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::nets::activation::Activation;
use crate::nets::graph::{Graph, Window};
use crate::nets::initialization::{Spread, initialize, zeros};
use crate::nets::layers;
use crate::nets::layers::padded_convolution;
use crate::refiner::exposure::Exposure;
use simgan_base::{Error, Result};

/// Most parameters: 1 GiB of them. The paper's refiner of hands has 4 million.
const MAX_PARAMETERS: u64 = 1 << 28;

/// How R makes an image out of what its last convolution computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefinerOutput {
    /// `tanh(z)`: R paints the image anew, as in every public implementation; the paper does not say.
    #[default]
    Image,
    /// The input, moved towards white or black: see [`residual`]. The last convolution starts at zero, so that R
    /// starts as the identity. Not in the paper.
    Residual,
}

/// Shape of the refiner, section `[refiner]` of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RefinerConfig {
    /// Feature maps of every hidden layer, 1..=1024.
    pub feature_maps: usize,
    /// Residual blocks, 0..=64.
    pub blocks: usize,
    /// Side of the first convolution's kernel, odd.
    pub kernel_size: usize,
    /// Side of the kernels inside the blocks, odd.
    pub block_kernel_size: usize,
    /// Activation function.
    pub activation: Activation,
    /// The image itself or its difference to the input.
    pub output: RefinerOutput,
    /// Whether synthetic images get the brightness and contrast of real ones first ([`Exposure`]); not in the paper.
    pub match_exposure: bool,
}

impl Default for RefinerConfig {
    fn default() -> Self {
        Self::eyes()
    }
}

impl RefinerConfig {
    /// The paper's refiner of 55x35 eyes: 3x3, 64 maps, 4 blocks; 296,129 parameters.
    pub fn eyes() -> Self {
        Self {
            feature_maps: 64,
            blocks: 4,
            kernel_size: 3,
            block_kernel_size: 3,
            activation: Activation::Relu,
            output: RefinerOutput::Image,
            match_exposure: false,
        }
    }

    /// The paper's refiner of 224x224 hands: 7x7, 10 blocks.
    ///
    /// The paper does not say whether 7x7 holds inside the blocks too; here it does (4.02 M
    /// parameters). `block_kernel_size = 3` is the other reading (0.74 M).
    pub fn hands() -> Self {
        Self {
            blocks: 10,
            kernel_size: 7,
            block_kernel_size: 7,
            ..Self::eyes()
        }
    }

    /// Checks the ranges given at the fields.
    pub fn validate(&self) -> Result<()> {
        if !(1..=1024).contains(&self.feature_maps) {
            return Err(Error::config(format!(
                "`refiner.feature_maps` is {}, must lie in 1..=1024",
                self.feature_maps
            )));
        }
        if self.blocks > 64 {
            return Err(Error::config(format!(
                "`refiner.blocks` is {}, must lie in 0..=64",
                self.blocks
            )));
        }
        for (key, size) in [
            ("kernel_size", self.kernel_size),
            ("block_kernel_size", self.block_kernel_size),
        ] {
            if size % 2 == 0 || size > 31 {
                return Err(Error::config(format!(
                    "`refiner.{key}` is {size}, must be odd and at most 31"
                )));
            }
        }
        let parameters = self.parameters(3);
        if parameters > MAX_PARAMETERS {
            return Err(Error::config(format!(
                "`refiner` asks for {parameters} parameters; at most {MAX_PARAMETERS} are trained"
            )));
        }
        Ok(())
    }

    /// What is trained, for images of `image_shape` (`[channels, height, width]`): the exposure is not.
    pub fn graph(&self, image_shape: [usize; 3]) -> Graph {
        self.after(Graph::new(image_shape))
    }

    /// What [`Refiner::forward`] does with images of `image_shape` (`[channels, height, width]`): the exposure, if there is
    /// one, then [`graph`](Self::graph).
    pub fn applied_graph(&self, image_shape: [usize; 3]) -> Graph {
        let image = Graph::new(image_shape);
        self.after(match self.match_exposure {
            true => image.exposure(),
            false => image,
        })
    }

    /// The layers behind `image`.
    fn after(&self, image: Graph) -> Graph {
        let [channels, ..] = image.output();
        let first = Window::padded(self.kernel_size, 1);
        let input = image.convolution(self.feature_maps, first, Some(self.activation));
        let blocks = (0..self.blocks).fold(input, |graph, _| {
            graph.residual_block(self.block_kernel_size, self.activation)
        });
        let output = blocks.convolution(channels, Window::padded(1, 1), None);
        match self.output {
            RefinerOutput::Image => output.tanh(),
            RefinerOutput::Residual => output.residual(),
        }
    }

    /// Number of parameters for images of `channels` channels.
    pub fn parameters(&self, channels: usize) -> u64 {
        self.graph([channels, 1, 1]).parameters()
            + u64::from(self.match_exposure) * exposure::NUMBERS
    }

    /// Builds the network for images of `channels` channels with weights drawn from `rng`; its exposure is
    /// [neutral](Exposure::neutral).
    pub fn init(&self, channels: usize, rng: &mut impl Rng, device: &Device) -> Refiner {
        let maps = self.feature_maps;
        let refiner = Refiner {
            input: padded_convolution([channels, maps], self.kernel_size, 1, device),
            blocks: (0..self.blocks)
                .map(|_| ResidualBlock {
                    convolution_1: padded_convolution(
                        [maps, maps],
                        self.block_kernel_size,
                        1,
                        device,
                    ),
                    convolution_2: padded_convolution(
                        [maps, maps],
                        self.block_kernel_size,
                        1,
                        device,
                    ),
                    activation: self.activation,
                })
                .collect(),
            output: padded_convolution([maps, channels], 1, 1, device),
            exposure: None,
            config: self.clone(),
        };
        let mut refiner = initialize(refiner, Spread::Narrow, rng);
        refiner.exposure = self.match_exposure.then(|| Exposure::neutral(device));
        match self.output {
            RefinerOutput::Image => refiner,
            RefinerOutput::Residual => refiner.starting_as_identity(),
        }
    }

    /// Side of the square of input pixels that one output pixel depends on (19 for the eyes).
    pub fn receptive_field(&self) -> usize {
        self.graph([1, 1, 1]).receptive_field()
    }
}

/// The refiner network R.
#[derive(Module, Debug)]
pub struct Refiner {
    input: Conv2d,
    blocks: Vec<ResidualBlock>,
    output: Conv2d,
    /// What is not trained: how images are exposed before the first layer.
    pub(crate) exposure: Option<Exposure>,
    #[module(skip)]
    config: RefinerConfig,
}

/// `x` moved towards white (1) by the fraction `tanh(z)` of the way, or towards black (-1) where it is negative:
/// `x (1 - |d|) + d` with `d = tanh(z)`.
///
/// Exactly `x` where `z` is 0. The result stays in [-1, 1] without a limit at which gradients would end: a white
/// pixel can still become darker.
///
/// # Shapes
/// - `x` (values in [-1, 1]), `z`, result: the same
pub fn residual(x: Tensor<4>, z: Tensor<4>) -> Tensor<4> {
    let d = z.tanh();
    x * (1.0 - d.clone().abs()) + d
}

impl Refiner {
    /// The same with a last convolution of zeros.
    fn starting_as_identity(mut self) -> Self {
        self.output.weight = self.output.weight.map(zeros);
        self.output.bias = self.output.bias.map(|bias| bias.map(zeros));
        self
    }

    /// Refines images.
    ///
    /// # Shapes
    /// - `images`, result: `[batch, channels, height, width]`, values in [-1, 1]
    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        self.forward_exposed(self.exposed(images))
    }

    /// [`forward`](Self::forward) of images that are [exposed](Self::exposed) already.
    pub fn forward_exposed(&self, images: Tensor<4>) -> Tensor<4> {
        let mut x = layers::convolution(&self.input, Some(self.config.activation), images.clone());
        for block in &self.blocks {
            x = block.forward(x);
        }
        let z = layers::convolution(&self.output, None, x);
        match self.config.output {
            RefinerOutput::Image => z.tanh(),
            RefinerOutput::Residual => residual(images, z),
        }
    }

    /// What the first layer sees of images: the same, or with the exposure of real ones.
    ///
    /// # Shapes
    /// - `images`, result: `[batch, channels, height, width]`, values in [-1, 1]
    pub fn exposed(&self, images: Tensor<4>) -> Tensor<4> {
        match &self.exposure {
            Some(exposure) => exposure.forward(images),
            None => images,
        }
    }
}

/// Residual block (Fig. 6): convolution, ReLU, convolution, add the input, ReLU.
#[derive(Module, Debug)]
pub struct ResidualBlock {
    convolution_1: Conv2d,
    convolution_2: Conv2d,
    #[module(skip)]
    activation: Activation,
}

impl ResidualBlock {
    /// `x` and result: `[batch, maps, height, width]`.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        layers::residual_block(&self.convolution_1, &self.convolution_2, self.activation, x)
    }
}

#[cfg(test)]
mod tests;
