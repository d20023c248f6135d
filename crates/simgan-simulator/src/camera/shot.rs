//! One photograph's parameters, drawn from a configuration's ranges.

use std::f32::consts::PI;

use rand::{Rng, RngExt};

use crate::camera::config::{CameraConfig, Range};

/// What one photograph is taken with. Every value is drawn whatever the configuration says, in one order, so that
/// another range of one parameter leaves the others as they were.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shot {
    /// Radius of the disc of confusion in pixels of a picture 55 wide.
    pub defocus: f32,
    /// Length of the motion in the same pixels.
    pub motion_blur: f32,
    /// Direction of the motion in radians.
    pub motion_direction: f32,
    /// Share of light lost furthest from the axis.
    pub vignetting: f32,
    /// The optical axis in picture sizes from the upper left corner.
    pub optical_axis: [f32; 2],
    /// Pixels of the frame across the picture.
    pub frame_width: usize,
    /// Share of the way to the exposure target.
    pub metering: f32,
    /// Mean luminance aimed at.
    pub exposure_target: f32,
    /// Error of the exposure in stops.
    pub exposure_error: f32,
    /// Factors on red, green and blue light.
    pub balance: [f32; 3],
    /// Variance of the noise for one unit of light.
    pub shot_variance: f32,
    /// Variance of the noise without light.
    pub read_variance: f32,
    /// Correlation of neighbouring noise.
    pub noise_correlation: f32,
    /// Exponent of the encoded value.
    pub gamma: f32,
    /// Strength of the contrast curve.
    pub contrast: f32,
    /// Encoded value of black.
    pub black_level: f32,
    /// Amount of unsharp masking.
    pub sharpening: f32,
    /// Quality of the compression, `None` without it.
    pub jpeg_quality: Option<u8>,
    /// Where the picture lies on the frame's 8x8 grid of JPEG blocks.
    pub block_offset: [usize; 2],
    /// Whether the histogram is equalised.
    pub equalize: bool,
}

impl Shot {
    /// Draws the parameters of one photograph.
    pub(super) fn draw(config: &CameraConfig, rng: &mut impl Rng) -> Self {
        let mut unit = || rng.random::<f32>();
        let mut from = |range: Range| between(range, unit());
        let defocus = from(config.defocus);
        let motion_blur = from(config.motion_blur);
        let motion_direction = from([0.0, PI]);
        let vignetting = from(config.vignetting);
        let optical_axis = [from([-0.5, 1.5]), from([-0.5, 1.5])];
        let frame_width = from(config.frame_width).round() as usize;
        let metering = from(config.metering);
        let exposure_target = from(config.exposure_target);
        let exposure_error = from(config.exposure_error);
        let balance = [from(config.red_balance), 1.0, from(config.blue_balance)];
        let gain = from(config.gain.map(f32::log2)).exp2();
        let shot_noise = from(config.shot_noise);
        let read_noise = from(config.read_noise);
        let noise_correlation = from(config.noise_correlation);
        let gamma = from(config.gamma);
        let contrast = from(config.contrast);
        let black_level = from(config.black_level);
        let sharpening = from(config.sharpening);
        let quality = from(config.jpeg_quality).round() as u8;
        let compressed = from([0.0, 1.0]) < config.jpeg_probability;
        let block_offset = [from([0.0, 7.999]) as usize, from([0.0, 7.999]) as usize];
        let equalize = from([0.0, 1.0]) < config.equalize_probability;
        Self {
            defocus,
            motion_blur,
            motion_direction,
            vignetting,
            optical_axis,
            frame_width,
            metering,
            exposure_target,
            exposure_error,
            balance,
            shot_variance: gain * shot_noise.powi(2),
            read_variance: (gain * read_noise).powi(2),
            noise_correlation,
            gamma,
            contrast,
            black_level,
            sharpening,
            jpeg_quality: compressed.then_some(quality),
            block_offset,
            equalize,
        }
    }
}

/// The value `share` of the way through `range`.
fn between(range: Range, share: f32) -> f32 {
    range[0] + (range[1] - range[0]) * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn shot(config: &CameraConfig, seed: u64) -> Shot {
        Shot::draw(config, &mut ChaCha8Rng::seed_from_u64(seed))
    }

    #[test]
    fn values_lie_in_their_ranges() {
        let config = CameraConfig::default();
        for seed in 0..200 {
            let shot = shot(&config, seed);
            assert!((config.defocus[0]..=config.defocus[1]).contains(&shot.defocus));
            let quality = f32::from(shot.jpeg_quality.unwrap());
            assert!((config.jpeg_quality[0]..=config.jpeg_quality[1]).contains(&quality));
            assert!(shot.block_offset.iter().all(|&offset| offset < 8));
            assert!(!shot.equalize);
        }
    }

    #[test]
    fn another_range_of_one_parameter_leaves_the_others() {
        let config = CameraConfig::default();
        let sharp = CameraConfig {
            defocus: [0.0; 2],
            jpeg_probability: 0.0,
            ..config.clone()
        };
        let (blurred, sharp) = (shot(&config, 3), shot(&sharp, 3));
        assert_eq!((sharp.defocus, sharp.jpeg_quality), (0.0, None));
        assert_eq!(
            Shot {
                defocus: 0.0,
                jpeg_quality: None,
                ..blurred
            },
            sharp
        );
    }

    #[test]
    fn gain_raises_shot_noise_by_its_root_and_read_noise_by_itself() {
        let config = CameraConfig {
            gain: [4.0; 2],
            shot_noise: [0.1; 2],
            read_noise: [0.01; 2],
            ..CameraConfig::neutral()
        };
        let shot = shot(&config, 0);
        assert!((shot.shot_variance - 0.04).abs() < 1e-6);
        assert!((shot.read_variance - 0.0016).abs() < 1e-7);
    }
}
