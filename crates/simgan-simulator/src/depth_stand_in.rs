//! A stand-in for real depth images of hands: other simulated people, seen by a simulated depth camera.

use image::Luma;
use serde::{Deserialize, Serialize};

use crate::depth_camera::{DepthCamera, DepthCameraConfig};
use crate::hand::{HandConfig, HandParameters, HandSimulator, NativeHand};
use crate::simulated_image::{DepthImage, PixelForm, SimulatedImage};
use crate::simulator::{Description, Kind, Simulator};
use simgan_base::Result;

/// `sim:depth-camera`: a stand-in for real depth images of hands.
pub const KIND: Kind = Kind {
    name: "depth-camera",
    key_prefix: "hands.",
    stands_in_for_real: true,
    load: |layers, seed| Ok(Box::new(DepthStandIn::new(layers.load()?, seed)?)),
};

/// Sets the people apart from those of the hand simulator with the same seed: "others" in ASCII.
const OTHER_PEOPLE: u64 = 0x6f74_6865_7273;

/// What a stand-in for real depth images varies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DepthStandInConfig {
    /// Whom the camera sees.
    pub hands: HandConfig,
    /// What the camera does to them.
    pub camera: DepthCameraConfig,
}

/// Makes labelled depth images that stand in for real ones: image `index` is a pure function of
/// configuration, seed and index. Labels are for evaluation alone.
#[derive(Clone, Debug)]
pub struct DepthStandIn {
    config: DepthStandInConfig,
    seed: u64,
    hands: HandSimulator,
    camera: DepthCamera,
}

impl DepthStandIn {
    /// A stand-in of `config`.
    ///
    /// # Errors
    /// Those of [`HandConfig::validate`] and [`DepthCameraConfig::validate`].
    pub fn new(config: DepthStandInConfig, seed: u64) -> Result<Self> {
        Ok(Self {
            hands: HandSimulator::new(config.hands.clone(), seed ^ OTHER_PEOPLE)?,
            camera: DepthCamera::new(config.camera.clone())?,
            config,
            seed,
        })
    }

    /// What is varied.
    pub fn config(&self) -> &DepthStandInConfig {
        &self.config
    }

    /// Parameters of image `index`.
    pub fn parameters(&self, index: u64) -> HandParameters {
        self.hands.parameters(index)
    }

    /// The image of given parameters: the camera measures its own pixels, of which the image's are the
    /// nearest ones.
    fn image(&self, parameters: &HandParameters, index: u64) -> DepthImage {
        let hand = NativeHand::new(&self.config.hands, parameters);
        let focal = self.config.hands.focal[0];
        let measured = self.camera.measured(&hand.depths, focal, self.seed, index);
        let (width, height) = (self.config.hands.width, self.config.hands.height);
        DepthImage::from_fn(width as u32, height as u32, |x, y| {
            let [column, row] = hand.native([x as usize, y as usize]);
            Luma([hand.millimetres(measured.at(column, row))])
        })
    }
}

impl Simulator for DepthStandIn {
    fn description(&self) -> Description<'_> {
        Description::new(KIND.name, self.seed, &self.config)
    }

    fn columns(&self) -> Vec<String> {
        self.hands.columns()
    }

    fn row(&self, index: u64) -> Vec<String> {
        self.hands.row(index)
    }

    fn form(&self) -> PixelForm {
        PixelForm::Depth
    }

    fn render(&self, index: u64) -> SimulatedImage {
        self.image(&self.parameters(index), index).into()
    }

    fn sample(&self, index: u64) -> (SimulatedImage, Vec<String>) {
        let parameters = self.parameters(index);
        let row = self.hands.row_of(&parameters);
        (self.image(&parameters, index).into(), row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::depth_camera::DepthCameraConfig;

    fn config(camera: DepthCameraConfig) -> DepthStandInConfig {
        DepthStandInConfig {
            hands: HandConfig {
                width: 96,
                height: 96,
                ..HandConfig::default()
            },
            camera,
        }
    }

    #[test]
    fn a_neutral_camera_delivers_the_hands_and_keeps_their_labels() {
        for side in [crate::hand::Side::Right, crate::hand::Side::Left] {
            let mut config = config(DepthCameraConfig::neutral());
            config.hands.side = side;
            let stand_in = DepthStandIn::new(config.clone(), 3).unwrap();
            let hands = HandSimulator::new(config.hands, 3 ^ OTHER_PEOPLE).unwrap();
            for index in 0..6 {
                let (image, row) = stand_in.sample(index);
                assert_eq!(row, hands.row(index));
                let (SimulatedImage::Depth(found), SimulatedImage::Depth(clean)) =
                    (image, hands.render(index))
                else {
                    panic!("depths are expected");
                };
                // Pixels of the frame are not quite those of the image.
                let alike = |(a, b): &(&u16, &u16)| a.abs_diff(**b) < 6;
                let count = found.iter().zip(clean.iter()).filter(alike).count();
                assert!(count > 96 * 96 * 96 / 100, "{side:?} {index}: {count}");
            }
        }
    }

    #[test]
    fn a_camera_loses_pixels_and_shows_other_people() {
        let stand_in = DepthStandIn::new(config(DepthCameraConfig::default()), 3).unwrap();
        let hands = HandSimulator::new(stand_in.config().hands.clone(), 3).unwrap();
        assert_ne!(stand_in.row(0), hands.row(0));
        assert_ne!(stand_in.render(0), stand_in.render(1));
    }

    #[test]
    fn wrong_values_of_either_part_are_refused() {
        let mut wrong = DepthStandInConfig::default();
        wrong.camera.baseline = [0.0; 2];
        assert!(DepthStandIn::new(wrong, 0).is_err());
        let mut wrong = DepthStandInConfig::default();
        wrong.hands.persons = 0;
        assert!(DepthStandIn::new(wrong, 0).is_err());
    }
}
