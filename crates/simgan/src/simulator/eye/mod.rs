//! A ray-cast eye region.

mod config;
mod labels;

pub use config::EyeConfig;
pub use labels::{EyeLabels, Point};

use super::picture::Picture;
use crate::Result;

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

    /// Labels of image `index`, without rendering it.
    pub fn labels(&self, index: u64) -> EyeLabels {
        // Stand-in until the eye is ray-cast: a disc that moves with the gaze.
        let phase =
            (index.wrapping_mul(2_654_435_761).wrapping_add(self.seed) % 1000) as f32 / 1000.0;
        let gaze = [0.3 * (phase - 0.5), 0.6 * ((phase * 7.0) % 1.0 - 0.5)];
        let (w, h) = (self.config.width as f32, self.config.height as f32);
        let centre = [w * (0.5 - 0.3 * gaze[1]), h * (0.5 - 0.5 * gaze[0])];
        let circle = |r: f32, i: usize, n: usize| {
            let a = std::f32::consts::TAU * i as f32 / n as f32;
            [centre[0] + r * a.cos(), centre[1] + r * a.sin()]
        };
        let margin = |i: usize| {
            let a = std::f32::consts::TAU * i as f32 / 16.0;
            [w * (0.5 - 0.3 * a.cos()), h * (0.5 + 0.2 * a.sin())]
        };
        EyeLabels {
            gaze,
            head: [0.0; 3],
            iris_centre: centre,
            pupil_centre: centre,
            iris_outline: std::array::from_fn(|i| circle(w * 0.13, i, 32)),
            pupil_outline: std::array::from_fn(|i| circle(w * 0.05, i, 32)),
            inner_corner: margin(0),
            outer_corner: margin(8),
            interior_margin: std::array::from_fn(margin),
            caruncle: std::array::from_fn(|i| circle(w * 0.02, i, 7)),
            pupil_size: 0.4,
            iris_size: 11.8,
            person: (index % u64::from(self.config.persons)) as u32,
        }
    }

    /// Image `index`.
    pub fn render(&self, index: u64) -> EyeSample {
        let labels = self.labels(index);
        let mut picture = Picture::new(self.config.width, self.config.height);
        let radius = self.config.width as f32 * 0.13;
        for y in 0..picture.height {
            for x in 0..picture.width {
                let [dx, dy] = [
                    x as f32 + 0.5 - labels.iris_centre[0],
                    y as f32 + 0.5 - labels.iris_centre[1],
                ];
                let level = if dx.hypot(dy) < radius { 0.1 } else { 0.5 };
                picture.pixels[y * picture.width + x] = [level; 3];
            }
        }
        EyeSample { picture, labels }
    }
}
