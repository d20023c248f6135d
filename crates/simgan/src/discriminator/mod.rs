//! The discriminator D (paper, sections 2.2, 3.1 and 3.2): a fully convolutional network that says
//! for every patch of an image whether it is synthetic or refined.
//!
//! ```
//! use simgan::discriminator::DiscriminatorConfig;
//!
//! let eyes = DiscriminatorConfig::eyes();
//! // One decision a patch: 9 x 14 of them for an image of 35 x 55.
//! assert_eq!(eyes.patch_map([1, 35, 55]), [9, 14]);
//! ```

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::nets::activation::Activation;
use crate::nets::graph::{Graph, Window};
use crate::nets::initialization::{Spread, initialize};
use crate::nets::layers;
use crate::nets::layers::{keeping_padding, padded_convolution};
use crate::nets::spectral_norm::{SpectralNorm, matrix, normalized};
use simgan_base::{Error, Result};

/// What one decision of D is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One decision a patch: the paper's local adversarial loss (section 2.2).
    #[default]
    Local,
    /// One decision an image, by a fully connected last layer: the paper's baseline (Fig. 8).
    Global,
}

/// One hidden layer of D.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// Convolution, padded by half its kernel, followed by the activation.
    Convolution {
        /// Output maps.
        feature_maps: usize,
        /// Side of the kernel, odd.
        kernel_size: usize,
        /// Stride.
        stride: usize,
    },
    /// Max-pooling, padded by half its kernel.
    MaxPool {
        /// Side of the window, odd.
        kernel_size: usize,
        /// Stride.
        stride: usize,
    },
}

/// Shape of the discriminator, section `[discriminator]` of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DiscriminatorConfig {
    /// Patches or whole images.
    pub scope: Scope,
    /// Activation function. The paper lists none; without one D is linear.
    pub activation: Activation,
    /// The layers before the last one, which has two outputs: real, refined.
    pub layers: Vec<Layer>,
    /// Divides the weights of every layer by their largest singular value; not in the paper.
    pub spectral_norm: bool,
    /// How far initial weights spread; the paper does not say.
    pub initialization: Spread,
}

impl Default for DiscriminatorConfig {
    fn default() -> Self {
        Self::eyes()
    }
}

const fn convolution(feature_maps: usize, kernel_size: usize, stride: usize) -> Layer {
    Layer::Convolution {
        feature_maps,
        kernel_size,
        stride,
    }
}

impl DiscriminatorConfig {
    /// The paper's discriminator of 55x35 eyes (section 3.1): 75,906 parameters, 9x14 patches.
    ///
    /// The text speaks of two max-pool layers, its list has one; this is the list.
    pub fn eyes() -> Self {
        Self {
            scope: Scope::Local,
            activation: Activation::Relu,
            layers: vec![
                convolution(96, 3, 2),
                convolution(64, 3, 2),
                Layer::MaxPool {
                    kernel_size: 3,
                    stride: 1,
                },
                convolution(32, 3, 1),
                convolution(32, 1, 1),
            ],
            spectral_norm: false,
            initialization: Spread::Narrow,
        }
    }

    /// The paper's discriminator of 224x224 hands (section 3.2): 178,050 parameters, 7x7 patches.
    pub fn hands() -> Self {
        Self {
            layers: vec![
                convolution(96, 7, 4),
                convolution(64, 5, 2),
                Layer::MaxPool {
                    kernel_size: 3,
                    stride: 2,
                },
                convolution(32, 3, 2),
                convolution(32, 1, 1),
            ],
            ..Self::eyes()
        }
    }

    /// Checks kernels, strides and feature maps.
    pub fn validate(&self) -> Result<()> {
        for (index, layer) in self.layers.iter().enumerate() {
            let (maps, kernel, stride) = match *layer {
                Layer::Convolution {
                    feature_maps,
                    kernel_size,
                    stride,
                } => (feature_maps, kernel_size, stride),
                Layer::MaxPool {
                    kernel_size,
                    stride,
                } => (1, kernel_size, stride),
            };
            let key = format!("discriminator.layers[{index}]");
            if !(1..=4096).contains(&maps) {
                return Err(Error::config(format!(
                    "`{key}.feature_maps` is {maps}, must lie in 1..=4096"
                )));
            }
            if kernel % 2 == 0 || kernel > 31 || !(1..=16).contains(&stride) {
                return Err(Error::config(format!(
                    "`{key}` has kernel {kernel} and stride {stride}; kernels must be odd and at most 31, strides 1..=16"
                )));
            }
        }
        Ok(())
    }

    /// Its layers for images of `image_shape` (`[channels, height, width]`).
    pub fn graph(&self, image_shape: [usize; 3]) -> Graph {
        let hidden = self.hidden_graph(image_shape);
        match self.scope {
            Scope::Local => hidden.convolution(2, Window::padded(1, 1), None),
            Scope::Global => hidden.fully_connected(2, None),
        }
    }

    fn hidden_graph(&self, image_shape: [usize; 3]) -> Graph {
        let activation = Some(self.activation);
        self.layers
            .iter()
            .fold(Graph::new(image_shape), |graph, layer| match *layer {
                Layer::Convolution {
                    feature_maps,
                    kernel_size,
                    stride,
                } => graph.convolution(
                    feature_maps,
                    Window::padded(kernel_size, stride),
                    activation,
                ),
                Layer::MaxPool {
                    kernel_size,
                    stride,
                } => graph.max_pool(Window::padded(kernel_size, stride)),
            })
    }

    /// `[height, width]` of the map of patches for images of `image_shape` (`[channels, height, width]`).
    pub fn patch_map(&self, image_shape: [usize; 3]) -> [usize; 2] {
        let [_, height, width] = self.graph(image_shape).output();
        [height, width]
    }

    /// Side of the square of input pixels that one decision depends on (23 for the eyes); with a global scope every
    /// decision depends on the whole image.
    pub fn receptive_field(&self) -> usize {
        self.graph([1, 1, 1]).receptive_field()
    }

    /// Builds the network for images of `image_shape` (`[channels, height, width]`) with weights drawn from `rng`.
    pub fn init(
        &self,
        image_shape: [usize; 3],
        rng: &mut impl Rng,
        device: &Device,
    ) -> Discriminator {
        let mut channels = image_shape[0];
        let mut hidden = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            hidden.push(layer.init(&mut channels, device));
        }
        let flattened = self.hidden_graph(image_shape).output().iter().product();
        let output = match self.scope {
            Scope::Local => Output::Local(Conv2dConfig::new([channels, 2], [1, 1]).init(device)),
            Scope::Global => Output::Global(LinearConfig::new(flattened, 2).init(device)),
        };
        let discriminator = Discriminator {
            hidden,
            output,
            activation: self.activation,
            spectral_norm: None,
        };
        let mut discriminator = initialize(discriminator, self.initialization, rng);
        if self.spectral_norm {
            let norm = SpectralNorm::new(&discriminator.matrices(), rng);
            discriminator.spectral_norm = Some(norm);
        }
        discriminator
    }
}

impl Layer {
    fn init(&self, channels: &mut usize, device: &Device) -> Hidden {
        match *self {
            Self::Convolution {
                feature_maps,
                kernel_size,
                stride,
            } => {
                let inputs = std::mem::replace(channels, feature_maps);
                let maps = [inputs, feature_maps];
                Hidden::Convolution(padded_convolution(maps, kernel_size, stride, device))
            }
            Self::MaxPool {
                kernel_size,
                stride,
            } => Hidden::MaxPool(
                MaxPool2dConfig::new([kernel_size; 2])
                    .with_strides([stride; 2])
                    .with_padding(keeping_padding(kernel_size))
                    .init(),
            ),
        }
    }
}

/// The discriminator network D.
#[derive(Module, Debug)]
pub struct Discriminator {
    hidden: Vec<Hidden>,
    output: Output,
    #[module(skip)]
    activation: Activation,
    spectral_norm: Option<SpectralNorm>,
}

/// A hidden layer.
#[derive(Module, Debug)]
pub enum Hidden {
    /// Convolution, followed by the activation.
    Convolution(Conv2d),
    /// Max-pooling.
    MaxPool(MaxPool2d),
}

/// The last layer.
#[derive(Module, Debug)]
pub enum Output {
    /// 1x1 convolution: a decision for every patch.
    Local(Conv2d),
    /// Fully connected: one decision an image.
    Global(Linear),
}

impl Discriminator {
    /// Logits of "real" (map 0) and "refined" (map 1). No activation follows: they are meant for
    /// a log-softmax (see [`crate::losses::local_adversarial`]).
    ///
    /// # Shapes
    /// - `images`: `[batch, channels, height, width]`, values in [-1, 1]
    /// - result: `[batch, 2, patches down, patches across]`, `[batch, 2, 1, 1]` for a global scope
    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let mut vectors = self.spectral_norm.iter().flat_map(SpectralNorm::vectors);
        let mut x = images;
        for layer in &self.hidden {
            x = match layer {
                Hidden::Convolution(layer) => {
                    let weight = divided(layer.weight.val(), vectors.next());
                    layers::convolution_with(weight, layer, Some(self.activation), x)
                }
                Hidden::MaxPool(layer) => layers::max_pool(layer, x),
            };
        }
        match &self.output {
            Output::Local(layer) => {
                let weight = divided(layer.weight.val(), vectors.next());
                layers::convolution_with(weight, layer, None, x)
            }
            Output::Global(layer) => {
                let weight = divided(layer.weight.val(), vectors.next());
                let logits = layers::fully_connected_with(weight, layer, None, x.flatten(1, 3));
                let [batch, classes] = logits.dims();
                logits.reshape([batch, classes, 1, 1])
            }
        }
    }

    /// Lets the singular vectors of spectral normalization follow the weights; to be called before an update.
    pub fn follow_spectral_norm(&mut self) {
        if let Some(mut norm) = self.spectral_norm.take() {
            norm.iterate(&self.matrices());
            self.spectral_norm = Some(norm);
        }
    }

    /// Weights of all layers as matrices, in the order of [`forward`](Self::forward).
    fn matrices(&self) -> Vec<Tensor<2>> {
        let hidden = self.hidden.iter().filter_map(|layer| match layer {
            Hidden::Convolution(layer) => Some(matrix(layer.weight.val())),
            Hidden::MaxPool(_) => None,
        });
        let output = match &self.output {
            Output::Local(layer) => matrix(layer.weight.val()),
            Output::Global(layer) => matrix(layer.weight.val()),
        };
        hidden.chain([output]).collect()
    }
}

/// Weights as a layer uses them: divided by their largest singular value, if `vector` is there to find it.
fn divided<const D: usize>(weight: Tensor<D>, vector: Option<Tensor<1>>) -> Tensor<D> {
    match vector {
        Some(u) => normalized(weight, u),
        None => weight,
    }
}

#[cfg(test)]
mod tests;
