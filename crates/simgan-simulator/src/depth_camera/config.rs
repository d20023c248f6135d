//! What a stand-in depth camera varies from one picture to the next, and how far.

use serde::{Deserialize, Serialize};

use crate::range;
use simgan_base::Result;

/// Ranges `[least, most]` of a depth camera that sees a pattern of infrared dots, as Kinect and PrimeSense
/// sensors do; every picture draws its own value in between, evenly.
///
/// What has a source says so. All else was chosen by eye, beside 15 crops and one raw frame of the NYU hand
/// pose set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DepthCameraConfig {
    /// How far the projector is to the right of the camera, in millimetres; 1..=500. 75: Handa
    /// et al. 2014, by the code that its author published (`ankurhanda/simkinect`). It decides shadows and
    /// how noise grows with distance.
    pub baseline: [f32; 2],
    /// Standard deviation of the place in the picture whose depth a dot has, in pixels of the frame; 0..=4:
    /// borders get ragged. 0.5: Barron and Malik 2013 and Handa et al. 2014, as in that code; 0.8 on a
    /// surface that faces the camera: Nguyen, Izadi and Lovell 2012. On slanted surfaces it is noise of depth as
    /// well, and the raw frame has less of it.
    pub lateral_noise: [f32; 2],
    /// Standard deviation of a disparity, in pixels; 0..=2. It makes that of depth grow with the square of
    /// distance: 0.063 is the 1.425e-6 z^2 (in millimetres) of Khoshelham and Elberink 2012 at the default
    /// baseline and NYU's focal length. The raw frame has less: planes through 5x5 pixels leave 0.57 mm at
    /// 760 mm, most of which is the step's, and 0.063 leaves 1.1 mm.
    pub disparity_noise: [f32; 2],
    /// Disparities are whole multiples of so many pixels; 0..=2, 0 is exact. 1/8: Handa et al. 2014, and the
    /// steps between the depths of the raw NYU frame.
    pub disparity_step: [f32; 2],
    /// Share of pixels that show a dot; 0.02..=1. Depth is measured at dots and spread round them.
    pub dots: [f32; 2],
    /// Share of the dots in a window of 9x9 pixels that must be on the same surface as the one in its middle
    /// for this to be measured; 0..=1. The window: Gschwandtner et al. 2011, as described by the code of Bohg
    /// et al. 2014 (`jbohg/render_kinect`). More makes holes at edges, and thin fingers break.
    pub window: [f32; 2],
    /// How much two disparities on the same surface differ at most, in pixels; 0.05..=20.
    pub same_surface: [f32; 2],
    /// How far a measured depth is spread, in pixels of the frame; 0..=4. 3: Handa et al. 2014.
    pub spread: [f32; 2],
    /// Share of dots that are lost at one metre; 0..=1. It grows with the square of distance, for light
    /// fades so.
    pub lost_dots: [f32; 2],
    /// Surfaces are lost whose cosine to the ray is below this; 0..=0.9.
    pub grazing: [f32; 2],
}

impl Default for DepthCameraConfig {
    fn default() -> Self {
        Self {
            baseline: [75.0; 2],
            lateral_noise: [0.25, 0.5],
            disparity_noise: [0.01, 0.04],
            disparity_step: [0.125; 2],
            dots: [0.2, 0.32],
            window: [0.45, 0.62],
            same_surface: [1.5, 3.0],
            spread: [2.8, 3.2],
            lost_dots: [0.0, 0.02],
            grazing: [0.1, 0.25],
        }
    }
}

impl DepthCameraConfig {
    /// A camera that changes nothing but that it knows whole millimetres alone.
    pub fn neutral() -> Self {
        Self {
            baseline: [1.0; 2],
            lateral_noise: [0.0; 2],
            disparity_noise: [0.0; 2],
            disparity_step: [0.0; 2],
            dots: [1.0; 2],
            window: [0.0; 2],
            same_surface: [20.0; 2],
            spread: [0.0; 2],
            lost_dots: [0.0; 2],
            grazing: [0.0; 2],
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// Names the key and the values it may have.
    pub fn validate(&self) -> Result<()> {
        for (key, values, least, most) in self.ranges() {
            range::check(&format!("camera.{key}"), values, least, most)?;
        }
        Ok(())
    }

    /// Every range with its key, and the least and most that it may hold.
    fn ranges(&self) -> [(&'static str, [f32; 2], f32, f32); 10] {
        [
            ("baseline", self.baseline, 1.0, 500.0),
            ("lateral_noise", self.lateral_noise, 0.0, 4.0),
            ("disparity_noise", self.disparity_noise, 0.0, 2.0),
            ("disparity_step", self.disparity_step, 0.0, 2.0),
            ("dots", self.dots, 0.02, 1.0),
            ("window", self.window, 0.0, 1.0),
            ("same_surface", self.same_surface, 0.05, 20.0),
            ("spread", self.spread, 0.0, 4.0),
            ("lost_dots", self.lost_dots, 0.0, 1.0),
            ("grazing", self.grazing, 0.0, 0.9),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_given_configurations_are_valid_and_every_key_is_checked() {
        for config in [DepthCameraConfig::default(), DepthCameraConfig::neutral()] {
            config.validate().unwrap();
            let keys = toml::Table::try_from(&config).unwrap().len();
            assert_eq!(keys, config.ranges().len());
        }
    }

    #[test]
    fn every_wrong_range_is_named() {
        let default = toml::Table::try_from(DepthCameraConfig::default()).unwrap();
        for (key, _, least, most) in DepthCameraConfig::default().ranges() {
            for wrong in [[least - 1.0, most], [most, least], [f32::NAN, most]] {
                let mut table = default.clone();
                table.insert(key.into(), wrong.map(f64::from).to_vec().into());
                let config: DepthCameraConfig = table.try_into().unwrap();
                let error = config.validate().unwrap_err();
                let name = format!("camera.{key} is");
                assert!(error.to_string().starts_with(&name), "{error}");
                assert!(error.hint().is_some());
            }
        }
    }
}
