//! What is varied from one drawn sign to the next, and how far.

use serde::{Deserialize, Serialize};

use crate::range;
use simgan_base::{Error, Result};

/// Ranges `[least, most]` that every image's parameters are drawn from, evenly.
///
/// The defaults are our choice. Size and shift are those of the benchmark's crops, which leave a
/// tenth of the sign, and at least 5 pixels, on each side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignConfig {
    /// Width of the image in pixels, 16..=1024.
    pub width: usize,
    /// Height of the image in pixels, 16..=1024.
    pub height: usize,
    /// Width of a frontal sign as a fraction of the image's shorter side, 0.2..=1.
    pub size: [f32; 2],
    /// How far the sign's middle lies from the image's, each way, as a fraction of the shorter
    /// side, within -0.5..=0.5.
    pub shift: [f32; 2],
    /// Turn in the image in degrees, positive clockwise, within -45..=45.
    pub roll: [f32; 2],
    /// Tilt about the horizontal axis in degrees, positive upwards, within -60..=60.
    pub pitch: [f32; 2],
    /// Tilt about the vertical axis in degrees, positive to the image's left, within -60..=60.
    pub yaw: [f32; 2],
    /// Distance of the camera in widths of the sign, 1.5..=100: near ones show more perspective.
    pub distance: [f32; 2],
    /// Brightness of the background, linear light, 0..=1.
    pub background: [f32; 2],
    /// Strength of the background's colour, whose hue is any: 0 (grey)..=1.
    pub background_colour: [f32; 2],
    /// How much brighter the background is at one edge than in the middle, as a share, 0..=1. The
    /// direction is any.
    pub background_gradient: [f32; 2],
    /// Brightness of light on the sign, 0.01..=2; at 1 white paint is as bright as it is painted.
    pub light: [f32; 2],
    /// How much brighter the light is at one edge of the sign than in its middle, as a share,
    /// 0..=1. The direction is any.
    pub light_gradient: [f32; 2],
    /// Change of each channel of each paint, as a share, within -0.5..=0.5.
    pub tint: [f32; 2],
}

impl Default for SignConfig {
    fn default() -> Self {
        Self {
            width: 40,
            height: 40,
            size: [0.64, 0.86],
            shift: [-0.04, 0.04],
            roll: [-8.0, 8.0],
            pitch: [-12.0, 12.0],
            yaw: [-30.0, 30.0],
            distance: [3.0, 12.0],
            background: [0.01, 0.6],
            background_colour: [0.0, 0.3],
            background_gradient: [0.0, 0.5],
            light: [0.08, 1.0],
            light_gradient: [0.0, 0.3],
            tint: [-0.12, 0.12],
        }
    }
}

impl SignConfig {
    /// Checks every value.
    ///
    /// # Errors
    /// Names the key and the values it may have.
    pub fn validate(&self) -> Result<()> {
        for (key, side) in [("width", self.width), ("height", self.height)] {
            if !(16..=1024).contains(&side) {
                let message = format!("{key} is {side}, but must be 16 to 1024");
                return Err(Error::config(message).with_hint("40 by 40 pixels are usual for signs"));
            }
        }
        for (key, range, least, most) in self.ranges() {
            range::check(key, range, least, most)?;
        }
        Ok(())
    }

    /// Every range with its key, and the least and most that it may hold.
    fn ranges(&self) -> [(&'static str, [f32; 2], f32, f32); 12] {
        [
            ("size", self.size, 0.2, 1.0),
            ("shift", self.shift, -0.5, 0.5),
            ("roll", self.roll, -45.0, 45.0),
            ("pitch", self.pitch, -60.0, 60.0),
            ("yaw", self.yaw, -60.0, 60.0),
            ("distance", self.distance, 1.5, 100.0),
            ("background", self.background, 0.0, 1.0),
            ("background_colour", self.background_colour, 0.0, 1.0),
            ("background_gradient", self.background_gradient, 0.0, 1.0),
            ("light", self.light, 0.01, 2.0),
            ("light_gradient", self.light_gradient, 0.0, 1.0),
            ("tint", self.tint, -0.5, 0.5),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid() {
        SignConfig::default().validate().unwrap();
    }

    #[test]
    fn every_wrong_range_is_named_with_its_bounds() {
        let default = toml::Table::try_from(SignConfig::default()).unwrap();
        let limits = SignConfig::default().ranges();
        assert_eq!(limits.len() + 2, default.len(), "a key is not checked");
        for (key, _, least, most) in limits {
            for wrong in [
                [least - 1.0, most],
                [least, most + 1.0],
                [most, least],
                [f32::NAN, most],
            ] {
                let mut table = default.clone();
                table.insert(key.into(), wrong.map(f64::from).to_vec().into());
                let config: SignConfig = table.try_into().unwrap();
                let error = config.validate().unwrap_err();
                let bounds = format!("must be [least, most] within {least} and {most}");
                assert!(error.to_string().starts_with(key), "{error}");
                assert!(error.to_string().ends_with(&bounds), "{error}");
            }
        }
    }

    #[test]
    fn a_wrong_size_is_named() {
        for (width, height, message) in [
            (15, 40, "width is 15, but must be 16 to 1024"),
            (40, 1025, "height is 1025, but must be 16 to 1024"),
        ] {
            let config = SignConfig {
                width,
                height,
                ..SignConfig::default()
            };
            assert_eq!(config.validate().unwrap_err().to_string(), message);
        }
    }
}
