//! What is varied from one simulated eye to the next, and how far.

use serde::{Deserialize, Serialize};

use crate::range;
use simgan_base::{Error, Result};

/// Ranges `[least, most]` that every image's parameters are drawn from, evenly.
///
/// Where no source is named a range is our choice, wide enough to hold what photographs of eyes show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EyeConfig {
    /// Width of the image in pixels, 16..=1024.
    pub width: usize,
    /// Height of the image in pixels, 10..=768.
    pub height: usize,
    /// Number of people, 1 or more. Shape, skin and iris belong to a person.
    pub persons: u32,
    /// Which eye.
    pub side: Side,
    /// Gaze pitch in degrees, positive upwards, within -45..=45. MPIIGaze: about -25 to 5.
    pub gaze_pitch: [f32; 2],
    /// Gaze yaw in degrees, positive to the image's left, within -45..=45. MPIIGaze: about -22 to 22.
    pub gaze_yaw: [f32; 2],
    /// Head pitch in degrees, within -40..=40.
    pub head_pitch: [f32; 2],
    /// Head yaw in degrees, within -40..=40.
    pub head_yaw: [f32; 2],
    /// Head roll in degrees, clockwise in the image, within -40..=40.
    pub head_roll: [f32; 2],
    /// Distance between the corners of a frontal eye as a fraction of the image's width, 0.1..=1.2.
    pub eye_width: [f32; 2],
    /// How far the eye's middle lies from the image's, as a fraction of the image's width, within -0.5..=0.5.
    pub shift: [f32; 2],
    /// Distance of the camera in millimetres, 100..=5000.
    pub camera_distance: [f32; 2],
    /// How wide the eye is open beside the person's habit, 0.2..=1.6.
    pub lid_opening: [f32; 2],
    /// Diameter of the pupil in millimetres, 1..=8.
    pub pupil_diameter: [f32; 2],
    /// Strength of the key light beside the surrounding light, 0..=10.
    pub key_light: [f32; 2],
    /// Strength of the mirror images of lights on the cornea, 0 (none)..=4.
    pub highlights: [f32; 2],
    /// Strength of shadows and occlusion below the lids, 0 (none)..=2.
    pub lid_shadow: [f32; 2],
    /// Density and darkness of the lashes beside the person's, 0 (none)..=3.
    pub lashes: [f32; 2],
    /// Standard deviation of a Gaussian blur in pixels of an image 55 wide, 0..=5.
    pub blur: [f32; 2],
    /// Mean brightness of the image that exposure aims at, in linear light, 0.01..=1.
    pub exposure: [f32; 2],
}

/// Which of a person's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The person's left eye: its nose is on the image's left side.
    Left,
    /// The person's right eye.
    Right,
    /// Either, at random.
    Both,
}

impl Default for EyeConfig {
    fn default() -> Self {
        Self {
            width: 55,
            height: 35,
            persons: 1000,
            side: Side::Left,
            gaze_pitch: [-26.0, 14.0],
            gaze_yaw: [-26.0, 26.0],
            head_pitch: [-18.0, 18.0],
            head_yaw: [-22.0, 22.0],
            head_roll: [-5.0, 5.0],
            eye_width: [0.62, 0.82],
            shift: [-0.05, 0.05],
            camera_distance: [450.0, 750.0],
            lid_opening: [0.75, 1.2],
            pupil_diameter: [2.2, 6.0],
            key_light: [0.2, 2.0],
            highlights: [0.0, 1.5],
            lid_shadow: [0.5, 1.2],
            lashes: [0.3, 1.2],
            blur: [0.0, 0.0],
            exposure: [0.08, 0.3],
        }
    }
}

impl EyeConfig {
    /// Checks every value.
    ///
    /// # Errors
    /// Names the key and the values it may have.
    pub fn validate(&self) -> Result<()> {
        for (key, value, least, most) in [
            ("width", self.width, 16, 1024),
            ("height", self.height, 10, 768),
            ("persons", self.persons as usize, 1, u32::MAX as usize),
        ] {
            if !(least..=most).contains(&value) {
                let message = format!("{key} is {value}, but must be {least} to {most}");
                return Err(Error::config(message).with_hint(
                    "the paper's eyes are 55 wide and 35 high; more people are more varied",
                ));
            }
        }
        for (key, range, least, most) in [
            ("gaze_pitch", self.gaze_pitch, -45.0, 45.0),
            ("gaze_yaw", self.gaze_yaw, -45.0, 45.0),
            ("head_pitch", self.head_pitch, -40.0, 40.0),
            ("head_yaw", self.head_yaw, -40.0, 40.0),
            ("head_roll", self.head_roll, -40.0, 40.0),
            ("eye_width", self.eye_width, 0.1, 1.2),
            ("shift", self.shift, -0.5, 0.5),
            ("camera_distance", self.camera_distance, 100.0, 5000.0),
            ("lid_opening", self.lid_opening, 0.2, 1.6),
            ("pupil_diameter", self.pupil_diameter, 1.0, 8.0),
            ("key_light", self.key_light, 0.0, 10.0),
            ("highlights", self.highlights, 0.0, 4.0),
            ("lid_shadow", self.lid_shadow, 0.0, 2.0),
            ("lashes", self.lashes, 0.0, 3.0),
            ("blur", self.blur, 0.0, 5.0),
            ("exposure", self.exposure, 0.01, 1.0),
        ] {
            range::check(key, range, least, most)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid() {
        EyeConfig::default().validate().unwrap();
    }

    #[test]
    fn a_wrong_value_is_named_with_its_bounds() {
        let wrong = |change: fn(&mut EyeConfig)| {
            let mut config = EyeConfig::default();
            change(&mut config);
            config.validate().unwrap_err().to_string()
        };
        assert_eq!(wrong(|c| c.width = 5), "width is 5, but must be 16 to 1024");
        assert_eq!(
            wrong(|c| c.blur = [1.0, 0.5]),
            "blur is [1, 0.5], but must be [least, most] within 0 and 5"
        );
        assert!(wrong(|c| c.gaze_yaw = [f32::NAN, 1.0]).starts_with("gaze_yaw is [NaN, 1]"));
        assert!(wrong(|c| c.persons = 0).starts_with("persons is 0"));
    }
}
