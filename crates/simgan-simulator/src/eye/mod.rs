//! A ray-cast eye region: eyeball with refracting cornea, lids that follow the gaze, lashes, brow, skin.
//!
//! Everything is procedural. Rays from a pinhole camera meet a height field of skin or pass between the lids'
//! edges to the eyeball; light comes from a procedural environment. No measured face, texture or mesh is used.

mod config;
mod eyeball;
mod face;
mod hairs;
mod labels;
mod lids;
mod light;
mod parameters;
mod person;
mod scene;
#[cfg(test)]
mod tests;
mod view;

pub use config::{EyeConfig, Side};
pub use labels::{EyeLabels, Point};
pub use parameters::EyeParameters;
pub use person::Person;

use crate::picture::Picture;
use scene::Scene;
use simgan_base::Result;

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
        Scene::new(&self.config, &self.parameters(index)).labels()
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
            labels: scene.labels(),
        }
    }
}
