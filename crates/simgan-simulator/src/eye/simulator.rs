//! The eye simulator: images and labels by index.

use crate::eye::config::EyeConfig;
use crate::eye::label_cells;
use crate::eye::labelling::labels;
use crate::eye::labels::EyeLabels;
use crate::eye::parameters::EyeParameters;
use crate::eye::scene::Scene;
use crate::eye::unity_eyes;
use crate::picture::Picture;
use crate::simulated_image::SimulatedImage;
use crate::simulator::{Description, Kind, Simulator};
use simgan_base::Result;

/// `sim:eyes`: ray-cast eye regions.
pub const KIND: Kind = Kind {
    name: "eyes",
    key_prefix: "",
    stands_in_for_real: false,
    load: |layers, seed| Ok(Box::new(EyeSimulator::new(layers.load()?, seed)?)),
};

/// Makes labelled images of eyes: image `index` is a pure function of configuration, seed and index.
#[derive(Clone, Debug)]
pub struct EyeSimulator {
    config: EyeConfig,
    seed: u64,
}

/// An image with its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct EyeSample {
    /// The image in linear light.
    pub picture: Picture,
    /// Its labels.
    pub labels: EyeLabels,
}

impl EyeSimulator {
    /// A simulator of `config`.
    ///
    /// # Errors
    /// Those of [`EyeConfig::validate`].
    pub fn new(config: EyeConfig, seed: u64) -> Result<Self> {
        config.validate()?;
        Ok(Self { config, seed })
    }

    /// What is varied.
    pub fn config(&self) -> &EyeConfig {
        &self.config
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Parameters of image `index`.
    pub fn parameters(&self, index: u64) -> EyeParameters {
        EyeParameters::draw(&self.config, self.seed, index)
    }

    /// Labels of image `index`, without rendering it.
    pub fn labels(&self, index: u64) -> EyeLabels {
        labels(&Scene::new(&self.config, &self.parameters(index)))
    }

    /// Image `index`.
    pub fn render(&self, index: u64) -> EyeSample {
        self.render_parameters(&self.parameters(index))
    }

    /// The image of given parameters.
    pub fn render_parameters(&self, parameters: &EyeParameters) -> EyeSample {
        let scene = Scene::new(&self.config, parameters);
        let mut picture = scene.render();
        picture.expose(parameters.exposure);
        picture.blur(parameters.blur * self.config.width as f32 / 55.0);
        EyeSample {
            picture,
            labels: labels(&scene),
        }
    }
}

impl Simulator for EyeSimulator {
    fn description(&self) -> Description<'_> {
        Description::new(KIND.name, self.seed, &self.config)
    }

    fn columns(&self) -> Vec<String> {
        label_cells::columns()
    }

    fn row(&self, index: u64) -> Vec<String> {
        label_cells::row(&self.labels(index))
    }

    fn render(&self, index: u64) -> SimulatedImage {
        EyeSimulator::render(self, index).picture.to_srgb().into()
    }

    fn sample(&self, index: u64) -> (SimulatedImage, Vec<String>) {
        let sample = EyeSimulator::render(self, index);
        (
            sample.picture.to_srgb().into(),
            label_cells::row(&sample.labels),
        )
    }

    fn unity_eyes(&self, index: u64) -> Option<serde_json::Value> {
        let labels = self.labels(index);
        Some(unity_eyes::description(&labels, self.config.height as f32))
    }
}
