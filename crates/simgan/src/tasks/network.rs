//! The network of an estimator.

use std::collections::HashMap;
use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::nets::graph::Graph;
use crate::nets::weights;
use crate::tasks::gaze::{GazeCnn, GazeCnnConfig};
use crate::tasks::hourglass::{Hourglass, HourglassShape};
use crate::tasks::task::Task;
use simgan_base::Result;

/// One of the networks.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one an estimator")]
pub enum Network {
    /// The paper's gaze network.
    Cnn(GazeCnn),
    /// Heat maps of points.
    Hourglass(Hourglass),
}

impl Network {
    /// Answers in the network's units: `[batch, channels, height, width]`, values in [-1, 1], to `[batch, numbers]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        match self {
            Self::Cnn(network) => network.forward(images),
            Self::Hourglass(network) => network.forward(images),
        }
    }

    /// What it minimizes on `images` with these `targets` (its own units): the task's loss of answers, or that of heat maps.
    pub fn loss(&self, task: &dyn Task, images: Tensor<4>, targets: Tensor<2>) -> Tensor<1> {
        match self {
            Self::Cnn(network) => task.loss(network.forward(images), targets),
            Self::Hourglass(network) => network.loss(images, targets),
        }
    }

    /// Its weights by name, in the order of its layers.
    pub fn named_weights(&self) -> Vec<weights::NamedTensor> {
        match self {
            Self::Cnn(network) => weights::named(network),
            Self::Hourglass(network) => weights::named(network),
        }
    }

    pub(super) fn save(&self, path: &Path) -> Result<()> {
        match self {
            Self::Cnn(network) => weights::save(network, path, HashMap::new()),
            Self::Hourglass(network) => weights::save(network, path, HashMap::new()),
        }
    }

    pub(super) fn load(self, path: &Path) -> Result<Self> {
        Ok(match self {
            Self::Cnn(network) => Self::Cnn(weights::load(network, path)?),
            Self::Hourglass(network) => Self::Hourglass(weights::load(network, path)?),
        })
    }
}

/// Sizes of a [`Network`].
#[derive(Clone, Debug, PartialEq)]
pub enum NetworkShape {
    /// Of the paper's gaze network.
    Cnn(GazeCnnConfig),
    /// Of stacked hourglasses.
    Hourglass(HourglassShape),
}

impl NetworkShape {
    /// Its layers.
    pub fn graph(&self) -> Graph {
        match self {
            Self::Cnn(shape) => shape.graph(),
            Self::Hourglass(shape) => shape.graph(),
        }
    }

    /// Number of parameters, or the largest `u64` if there are more.
    ///
    /// # Errors
    /// An image that is too small.
    pub fn parameters(&self) -> Result<u64> {
        match self {
            Self::Cnn(shape) => shape.parameters(),
            Self::Hourglass(shape) => shape.check().map(|()| shape.graph().parameters()),
        }
    }

    /// A network with weights drawn from `seed`.
    ///
    /// # Errors
    /// A size of 0, or an image that is too small.
    pub fn init(&self, seed: u64, device: &Device) -> Result<Network> {
        Ok(match self {
            Self::Cnn(shape) => Network::Cnn(shape.init(seed, device)?),
            Self::Hourglass(shape) => Network::Hourglass(shape.init(seed, device)?),
        })
    }
}
