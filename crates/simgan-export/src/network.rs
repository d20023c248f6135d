//! A trained network as exports write it: what it computes, and with which numbers.

use simgan::keypoints::{Hold, KeypointNetwork};
use simgan::nets::graph::Graph;
use simgan::nets::weights::{self, NamedTensor};
use simgan::refine::TrainedRefiner;
use simgan::tasks::{self, Estimator, Standardization};
use simgan_base::{Error, Result};

/// Layers and their parameters.
#[derive(Clone, Debug)]
pub(crate) struct Layers {
    /// The layers, first to last.
    pub(crate) graph: Graph,
    /// Their parameters, in the same order; that of an exposure lie at the end.
    pub(crate) parameters: Vec<NamedTensor>,
}

/// A network from images to what it makes of them.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// The network itself.
    pub(crate) layers: Layers,
    /// What holds points of refined images in their places.
    pub(crate) hold: Option<HeldPoints>,
    /// From the numbers of an estimator to those of labels.
    pub(crate) standardization: Option<Standardization>,
}

/// [`Hold`] as layers and a number.
#[derive(Clone, Debug)]
pub(crate) struct HeldPoints {
    /// Finds the points: heat maps.
    pub(crate) finder: Layers,
    /// Distance from a point within which nothing moves, pixels.
    pub(crate) radius: f64,
}

impl Layers {
    /// Weight and bias of every convolution and fully connected layer, first to last.
    pub(crate) fn weights_and_biases(&self) -> impl Iterator<Item = [&NamedTensor; 2]> {
        let of_layers = |(name, ..): &&NamedTensor| !name.starts_with("exposure.");
        let trained: Vec<_> = self.parameters.iter().filter(of_layers).collect();
        let pairs = trained.as_chunks().0.to_vec();
        pairs.into_iter()
    }

    /// The parameter called `name`.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn parameter(&self, name: &str) -> Result<&NamedTensor> {
        let found = self.parameters.iter().find(|(own, ..)| own == name);
        found.ok_or_else(|| Error::model(format!("the network has no parameter `{name}`")))
    }
}

impl Network {
    /// A refiner with its exposure and what holds its points.
    pub(crate) fn of_refiner(trained: &TrainedRefiner) -> Self {
        let (config, held) = (trained.config(), trained.held());
        let shape = config.preprocessing.image_shape();
        Self {
            layers: Layers {
                graph: config.refiner.applied_graph(shape),
                parameters: weights::named(&held.refiner),
            },
            hold: held.hold.as_ref().map(|hold| HeldPoints::of(hold, shape)),
            standardization: None,
        }
    }

    /// An estimator's network and the units of its numbers.
    ///
    /// # Errors
    /// It has no network.
    pub(crate) fn of_estimator(estimator: &Estimator) -> Result<Self> {
        let network = estimator.network().ok_or_else(|| {
            Error::model("a k-NN estimator is its training images and has no network to export")
                .with_hint("fit one with --set estimator.kind=cnn")
        })?;
        if let tasks::Network::Hourglass(_) = network {
            return Err(Error::model(
                "an hourglass estimator cannot be exported: only networks without branches can",
            )
            .with_hint("fit one with --set estimator.kind=cnn, or use `simgan predict`"));
        }
        let manifest = estimator.manifest();
        Ok(Self {
            layers: Layers {
                graph: manifest.network().graph(),
                parameters: network.named_weights(),
            },
            hold: None,
            standardization: Some(manifest.standardization.clone()),
        })
    }
}

impl HeldPoints {
    fn of(hold: &Hold, image_shape: [usize; 3]) -> Self {
        let network = hold.network();
        Self {
            finder: Layers {
                graph: KeypointNetwork::graph(image_shape, network.points()),
                parameters: weights::named(network),
            },
            radius: hold.radius(),
        }
    }
}
