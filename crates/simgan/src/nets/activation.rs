//! Activation functions between layers.

use burn::tensor::{Tensor, activation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Activation function between layers.
///
/// The paper draws ReLU in the refiner's blocks (Fig. 6) and lists none for the discriminator;
/// a discriminator without any is linear and cannot tell textures apart, so there is no such choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `max(x, 0)`.
    #[default]
    Relu,
    /// `max(x, 0.2 x)`.
    LeakyRelu,
    /// `x * sigmoid(x)`: smooth, so that gradients can be compared between programs.
    Silu,
}

impl Activation {
    /// Applies the function to every element.
    pub fn forward<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu => activation::relu(x),
            Self::LeakyRelu => activation::leaky_relu(x, 0.2),
            Self::Silu => activation::silu(x),
        }
    }
}
