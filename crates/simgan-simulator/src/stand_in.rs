//! A stand-in for real photographs: other simulated people in other light, seen by a cheap camera.

use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::camera::{Camera, CameraConfig};
use crate::eye::label_cells;
use crate::eye::{EyeConfig, EyeLabels, EyeSimulator};
use crate::simulated_image::SimulatedImage;
use crate::simulator::{Description, Kind, Simulator};
use simgan_base::Result;

/// `sim:camera`: a stand-in for real photographs of eyes.
pub const KIND: Kind = Kind {
    name: "camera",
    key_prefix: "eyes.",
    stands_in_for_real: true,
    load: |layers, seed| Ok(Box::new(StandIn::new(layers.load()?, seed)?)),
};

/// Sets the people apart from those of the eye simulator with the same seed: "others" in ASCII.
const OTHER_PEOPLE: u64 = 0x6f74_6865_7273;

/// What a stand-in for real photographs varies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StandInConfig {
    /// Whom the camera sees.
    pub eyes: EyeConfig,
    /// What the camera does to them.
    pub camera: CameraConfig,
}

impl Default for StandInConfig {
    /// People before a laptop: gaze within MPIIGaze's range, heads nearly frontal, lids lower, light harder and
    /// shadows deeper than the eye simulator's.
    fn default() -> Self {
        Self {
            eyes: EyeConfig {
                gaze_pitch: [-22.0, 4.0],
                gaze_yaw: [-20.0, 20.0],
                head_pitch: [-12.0, 12.0],
                head_yaw: [-15.0, 15.0],
                lid_opening: [0.6, 1.0],
                pupil_diameter: [2.5, 5.0],
                key_light: [0.6, 3.0],
                highlights: [0.3, 2.0],
                lid_shadow: [0.9, 1.6],
                lashes: [0.6, 1.4],
                ..EyeConfig::default()
            },
            camera: CameraConfig::default(),
        }
    }
}

/// Makes labelled photographs that stand in for real ones: image `index` is a pure function of configuration, seed
/// and index. Labels are for evaluation alone.
#[derive(Clone, Debug)]
pub struct StandIn {
    config: StandInConfig,
    seed: u64,
    eyes: EyeSimulator,
    camera: Camera,
}

impl StandIn {
    /// A stand-in of `config`.
    ///
    /// # Errors
    /// Those of [`EyeConfig::validate`] and [`CameraConfig::validate`].
    pub fn new(config: StandInConfig, seed: u64) -> Result<Self> {
        Ok(Self {
            eyes: EyeSimulator::new(config.eyes.clone(), seed ^ OTHER_PEOPLE)?,
            camera: Camera::new(config.camera.clone())?,
            config,
            seed,
        })
    }

    /// What is varied.
    pub fn config(&self) -> &StandInConfig {
        &self.config
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Labels of image `index`, without rendering it.
    pub fn labels(&self, index: u64) -> EyeLabels {
        self.eyes.labels(index)
    }

    /// Photograph `index` as 8-bit sRGB, with its labels.
    pub fn sample(&self, index: u64) -> (RgbImage, EyeLabels) {
        let sample = self.eyes.render(index);
        let photograph = self.camera.photograph(&sample.picture, self.seed, index);
        (photograph, sample.labels)
    }
}

impl Simulator for StandIn {
    fn description(&self) -> Description<'_> {
        Description::new(KIND.name, self.seed, &self.config)
    }

    fn columns(&self) -> Vec<String> {
        self.eyes.columns()
    }

    fn row(&self, index: u64) -> Vec<String> {
        self.eyes.row(index)
    }

    fn render(&self, index: u64) -> SimulatedImage {
        StandIn::sample(self, index).0.into()
    }

    fn sample(&self, index: u64) -> (SimulatedImage, Vec<String>) {
        let (photograph, labels) = StandIn::sample(self, index);
        (photograph.into(), label_cells::row(&labels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photographs_show_other_people_and_keep_their_labels() {
        let stand_in = StandIn::new(StandInConfig::default(), 1).unwrap();
        let (photograph, labels) = stand_in.sample(4);
        assert_eq!(photograph.dimensions(), (55, 35));
        assert_eq!(labels, stand_in.labels(4));
        assert_eq!(photograph, stand_in.sample(4).0);
        let eyes = EyeSimulator::new(stand_in.config().eyes.clone(), 1).unwrap();
        assert_ne!(labels, eyes.labels(4));
    }

    #[test]
    fn wrong_values_of_either_part_are_refused() {
        let mut config = StandInConfig::default();
        config.camera.gain = [0.0, 1.0];
        assert!(StandIn::new(config, 0).is_err());
        let mut config = StandInConfig::default();
        config.eyes.persons = 0;
        assert!(StandIn::new(config, 0).is_err());
    }
}
