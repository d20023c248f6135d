//! The simulator of signs: images and labels by index.

use crate::picture::Picture;
use crate::signs::config::SignConfig;
use crate::signs::labels::{COLUMNS, SignLabels};
use crate::signs::parameters::SignParameters;
use crate::signs::scene::Scene;
use crate::simulated_image::SimulatedImage;
use crate::simulator::{Description, Kind, Simulator};
use simgan_base::Result;

/// `sim:signs`: drawn traffic signs.
pub const KIND: Kind = Kind {
    name: "signs",
    key_prefix: "",
    stands_in_for_real: false,
    load: |layers, seed| Ok(Box::new(SignSimulator::new(layers.load()?, seed)?)),
};

/// Makes labelled images of traffic signs: image `index` is a pure function of configuration, seed
/// and index.
#[derive(Clone, Debug)]
pub struct SignSimulator {
    config: SignConfig,
    seed: u64,
}

impl SignSimulator {
    /// A simulator of `config`.
    ///
    /// # Errors
    /// Those of [`SignConfig::validate`].
    pub fn new(config: SignConfig, seed: u64) -> Result<Self> {
        config.validate()?;
        Ok(Self { config, seed })
    }

    /// What is varied.
    pub fn config(&self) -> &SignConfig {
        &self.config
    }

    /// Parameters of image `index`.
    pub fn parameters(&self, index: u64) -> SignParameters {
        SignParameters::draw(&self.config, self.seed, index)
    }

    /// Labels of given parameters.
    pub fn labels(&self, parameters: &SignParameters) -> SignLabels {
        Scene::new(&self.config, parameters).labels()
    }

    /// The picture of given parameters, in linear light.
    pub fn picture(&self, parameters: &SignParameters) -> Picture {
        Scene::new(&self.config, parameters).picture()
    }
}

impl Simulator for SignSimulator {
    fn description(&self) -> Description<'_> {
        Description::new(KIND.name, self.seed, &self.config)
    }

    fn columns(&self) -> Vec<String> {
        COLUMNS.map(str::to_owned).into()
    }

    fn row(&self, index: u64) -> Vec<String> {
        self.labels(&self.parameters(index)).cells()
    }

    fn render(&self, index: u64) -> SimulatedImage {
        self.picture(&self.parameters(index)).to_srgb().into()
    }
}
