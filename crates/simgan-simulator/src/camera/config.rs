//! What a stand-in camera varies from one photograph to the next, and how far.

use serde::{Deserialize, Serialize};

use simgan_base::{Error, Result};

/// Least and most of a parameter; every photograph draws its own value in between, uniformly unless stated.
pub type Range = [f32; 2];

/// Width of the picture, in pixels, that blur lengths refer to.
///
/// A defocus of 1 is a pixel in a picture 55 wide and ten pixels in one 550 wide, so that the same camera blurs
/// the same part of the eye at any size.
pub const REFERENCE_WIDTH: f32 = 55.0;

/// Ranges `[least, most]` of a stand-in camera, in the order in which light meets them.
///
/// # Defaults
/// They make rendered eyes agree with eye crops of laptop webcams in the statistics below. They were set by hand, on
/// 890 renders of UnityEyes, 2,000 webcam crops of one person and 144 crops of MPIIGaze, all 55x35 grey and
/// histogram-equalised (as MPIIGaze's are at the source); medians over images:
///
/// | | renders | photographed | webcam | MPIIGaze |
/// |---|---|---|---|---|
/// | mean difference of horizontal neighbours, levels | 11.9 | 11.7 | 11.0 | 10.3 |
/// | the same, vertical | 17.3 | 15.5 | 14.9 | 15.5 |
/// | median absolute Laplacian (4 neighbours), levels | 18 | 16 | 15 | 15 |
/// | noise by Immerkaer's mask, levels | 3.5 | 2.0 | 2.7 | 2.7 |
/// | power at 0.10..0.15 cycles a pixel, dB of the whole | -31.8 | -32.4 | -32.5 | -32.3 |
/// | power at 0.20..0.25 | -39.0 | -41.8 | -42.9 | -40.9 |
/// | power at 0.30..0.40 | -47.0 | -51.5 | -50.9 | -50.0 |
/// | power at 0.40..0.50 | -51.0 | -56.3 | -55.6 | -56.5 |
///
/// Before equalisation the mean grey level is 71 (tenth to ninetieth percentile 52 to 94), that of the webcam's crops
/// is 78 (51 to 88).
/// Colour, vignetting, tone curve and the share of each blur have not been measured; they are what looks like a webcam.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CameraConfig {
    /// Radius of the disc that a point becomes out of focus, in pixels of a picture 55 wide; 0..=8.
    pub defocus: Range,
    /// Length of the line that a point becomes by motion during the exposure, in pixels of a picture 55 wide;
    /// 0..=16. Its direction is any.
    pub motion_blur: Range,
    /// Share of light lost at the picture's point furthest from the optical axis; 0..=0.9. The axis lies anywhere
    /// up to a picture's size beyond its middle, for the eye is seldom in the middle of the camera's frame.
    pub vignetting: Range,
    /// Pixels of the camera's frame across the picture's width; 8..=1024. A picture with fewer pixels than that
    /// keeps its own. Noise, sharpening and compression happen on the frame's pixels, then it is enlarged.
    pub frame_width: Range,
    /// How far the automatic exposure brings the picture to `exposure_target`: 0 leaves its light, 1 reaches the
    /// target whatever the light; 0..=1. It is below 1 for a camera meters the whole frame, not the eye.
    pub metering: Range,
    /// Mean luminance that the automatic exposure aims at, in linear light (1 is white); 0.005..=1.
    pub exposure_target: Range,
    /// Error of the automatic exposure in stops (1 doubles the light); -4..=4.
    pub exposure_error: Range,
    /// Factor on red light, relative to green, that white balance left; 0.25..=4.
    pub red_balance: Range,
    /// The same for blue.
    pub blue_balance: Range,
    /// Sensor gain, drawn uniformly in stops; 1..=64. It does not brighten (the exposure has done that), but is
    /// the reason of noise: at gain g a photosite gathers g times fewer electrons for the same value.
    pub gain: Range,
    /// Standard deviation of the shot noise at white and gain 1, in linear light; 0..=0.5. It grows with the root
    /// of light and of gain.
    pub shot_noise: Range,
    /// Standard deviation of the read noise at gain 1, in linear light; 0..=0.2. It grows with gain.
    pub read_noise: Range,
    /// Correlation between the noise of a frame pixel and its left, right, upper and lower neighbours; 0..=0.6.
    pub noise_correlation: Range,
    /// Exponent on the sRGB-encoded value; 0.25..=4, above 1 is darker.
    pub gamma: Range,
    /// Strength of the S-shaped contrast curve; -1..=1, 0 is none, below 0 flattens.
    pub contrast: Range,
    /// Encoded value of black as a share of white; -0.2..=0.3, below 0 crushes the shadows.
    pub black_level: Range,
    /// Amount of unsharp masking, over a neighbourhood of 3x3 frame pixels; 0..=4.
    pub sharpening: Range,
    /// Quality of the JPEG compression; 1..=100.
    pub jpeg_quality: Range,
    /// Share of photographs that are compressed; 0..=1.
    pub jpeg_probability: f32,
    /// Share of photographs whose histogram is equalised; 0..=1. The preprocessing of a run equalises both sides.
    pub equalize_probability: f32,
}

impl Default for CameraConfig {
    fn default() -> Self {
        Self {
            defocus: [0.6, 1.7],
            motion_blur: [0.0, 1.6],
            vignetting: [0.0, 0.25],
            frame_width: [36.0, 66.0],
            metering: [0.6, 1.0],
            exposure_target: [0.05, 0.15],
            exposure_error: [-0.6, 0.4],
            red_balance: [0.9, 1.2],
            blue_balance: [0.8, 1.1],
            gain: [1.5, 8.0],
            shot_noise: [0.01, 0.016],
            read_noise: [0.0005, 0.001],
            noise_correlation: [0.15, 0.5],
            gamma: [0.9, 1.15],
            contrast: [0.0, 0.4],
            black_level: [-0.03, 0.03],
            sharpening: [0.0, 0.7],
            jpeg_quality: [78.0, 95.0],
            jpeg_probability: 1.0,
            equalize_probability: 0.0,
        }
    }
}

impl CameraConfig {
    /// A camera that changes nothing but the number of levels: its photograph is the picture in 8-bit sRGB.
    pub fn neutral() -> Self {
        Self {
            defocus: [0.0; 2],
            motion_blur: [0.0; 2],
            vignetting: [0.0; 2],
            frame_width: [1024.0; 2],
            metering: [0.0; 2],
            exposure_target: [0.18; 2],
            exposure_error: [0.0; 2],
            red_balance: [1.0; 2],
            blue_balance: [1.0; 2],
            gain: [1.0; 2],
            shot_noise: [0.0; 2],
            read_noise: [0.0; 2],
            noise_correlation: [0.0; 2],
            gamma: [1.0; 2],
            contrast: [0.0; 2],
            black_level: [0.0; 2],
            sharpening: [0.0; 2],
            jpeg_quality: [100.0; 2],
            jpeg_probability: 0.0,
            equalize_probability: 0.0,
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// Names the key and the values it may have.
    pub fn validate(&self) -> Result<()> {
        for (key, range, limits) in self.ranges() {
            check_range(key, range, limits)?;
        }
        for (key, probability) in [
            ("jpeg_probability", self.jpeg_probability),
            ("equalize_probability", self.equalize_probability),
        ] {
            if !(0.0..=1.0).contains(&probability) {
                return Err(Error::config(format!(
                    "`camera.{key}` is {probability}, must lie in 0..=1"
                ))
                .with_hint("0 never does it, 1 does it to every photograph"));
            }
        }
        Ok(())
    }

    /// Every range with its key and the least and most it may hold.
    fn ranges(&self) -> [(&'static str, Range, Range); 18] {
        [
            ("defocus", self.defocus, [0.0, 8.0]),
            ("motion_blur", self.motion_blur, [0.0, 16.0]),
            ("vignetting", self.vignetting, [0.0, 0.9]),
            ("frame_width", self.frame_width, [8.0, 1024.0]),
            ("metering", self.metering, [0.0, 1.0]),
            ("exposure_target", self.exposure_target, [0.005, 1.0]),
            ("exposure_error", self.exposure_error, [-4.0, 4.0]),
            ("red_balance", self.red_balance, [0.25, 4.0]),
            ("blue_balance", self.blue_balance, [0.25, 4.0]),
            ("gain", self.gain, [1.0, 64.0]),
            ("shot_noise", self.shot_noise, [0.0, 0.5]),
            ("read_noise", self.read_noise, [0.0, 0.2]),
            ("noise_correlation", self.noise_correlation, [0.0, 0.6]),
            ("gamma", self.gamma, [0.25, 4.0]),
            ("contrast", self.contrast, [-1.0, 1.0]),
            ("black_level", self.black_level, [-0.2, 0.3]),
            ("sharpening", self.sharpening, [0.0, 4.0]),
            ("jpeg_quality", self.jpeg_quality, [1.0, 100.0]),
        ]
    }
}

/// Checks that `range` is in order and within `limits`.
fn check_range(key: &str, range: Range, limits: Range) -> Result<()> {
    let [least, most] = range;
    let allowed = limits[0]..=limits[1];
    if !(allowed.contains(&least) && allowed.contains(&most)) {
        return Err(Error::config(format!(
            "`camera.{key}` is [{least}, {most}], must lie in {}..={}",
            limits[0], limits[1]
        ))
        .with_hint("give the least and the most value; [v, v] is always v"));
    }
    if least > most {
        return Err(Error::config(format!(
            "`camera.{key}` is [{least}, {most}], must be [least, most]"
        ))
        .with_hint(format!("write [{most}, {least}]")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_given_configurations_are_valid() {
        CameraConfig::default().validate().unwrap();
        CameraConfig::neutral().validate().unwrap();
    }

    #[test]
    fn every_wrong_range_is_named() {
        let config: toml::Table =
            toml::from_str(&toml::to_string(&CameraConfig::default()).unwrap()).unwrap();
        for (key, _, [_, most]) in CameraConfig::default().ranges() {
            for wrong in [[f64::from(most), f64::from(most) + 1.0], [f64::NAN, 1.0]] {
                let mut changed = config.clone();
                changed.insert(key.into(), toml::Value::from(wrong.to_vec()));
                let error = changed
                    .try_into::<CameraConfig>()
                    .unwrap()
                    .validate()
                    .unwrap_err();
                assert!(
                    error.to_string().contains(&format!("`camera.{key}`")),
                    "{error}"
                );
                assert!(error.hint().is_some());
            }
        }
    }

    #[test]
    fn a_reversed_range_and_a_wrong_probability_are_named() {
        let reversed = CameraConfig {
            gamma: [1.2, 0.9],
            ..CameraConfig::default()
        };
        let error = reversed.validate().unwrap_err();
        assert!(error.to_string().contains("`camera.gamma`"), "{error}");
        assert_eq!(error.hint(), Some("write [0.9, 1.2]"));
        let unlikely = CameraConfig {
            equalize_probability: 1.5,
            ..CameraConfig::default()
        };
        let error = unlikely.validate().unwrap_err();
        assert!(
            error.to_string().contains("`camera.equalize_probability`"),
            "{error}"
        );
    }

    #[test]
    fn unknown_keys_are_refused_and_missing_ones_have_defaults() {
        let config: CameraConfig = toml::from_str("defocus = [1.0, 2.0]").unwrap();
        assert_eq!(
            config,
            CameraConfig {
                defocus: [1.0, 2.0],
                ..CameraConfig::default()
            }
        );
        assert!(toml::from_str::<CameraConfig>("focus = [1.0, 2.0]").is_err());
    }
}
