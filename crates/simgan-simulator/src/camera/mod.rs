//! A stand-in camera: what a cheap webcam would have delivered of a simulated picture.
//!
//! It stands in for the real domain in demonstrations and tests where no real images are at hand. It is no real
//! camera: a result on its photographs says how a method copes with this gap, and nothing about real images.
//!
//! Light goes through the stages in physical order; lengths and ranges are in [`CameraConfig`]:
//!
//! 1. lens: defocus, motion blur, vignetting, in linear light on the picture's own pixels;
//! 2. sensor: light is averaged on the pixels of the camera's frame, where the eye is small, then exposure, white
//!    balance and noise;
//! 3. processing on the frame's pixels: tone curve, sharpening, eight bits, JPEG;
//! 4. the crop is enlarged to the picture's size, and its histogram equalised if asked for.
//!
//! No stage moves the picture, so labels in pixels stay true.

mod border;
mod compression;
mod config;
mod defocus;
mod exposure;
mod motion_blur;
mod noise;
mod resample;
mod response;
mod sharpening;
mod shot;
#[cfg(test)]
mod testing;
mod vignetting;

use image::{Rgb, RgbImage};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub use config::{CameraConfig, REFERENCE_WIDTH, Range};

use self::noise::Noise;
use self::response::Response;
use self::shot::Shot;
use crate::picture::{Colour, Picture};
use simgan_base::Result;
use simgan_base::imaging::equalize::equalize;

/// Sets the camera's random streams apart from those of a simulator with the same seed: "camera" in ASCII.
const STREAMS: u64 = 0x6361_6d65_7261;

/// Brightest light that is told apart; far above anything that the sensor does not cut off.
const BRIGHTEST: f32 = 1e4;

/// A stand-in camera; photographs are pure functions of configuration, picture, seed and index.
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    config: CameraConfig,
}

impl Camera {
    /// A camera of `config`.
    ///
    /// # Errors
    /// Those of [`CameraConfig::validate`].
    pub fn new(config: CameraConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self { config })
    }

    /// What is varied.
    pub fn config(&self) -> &CameraConfig {
        &self.config
    }

    /// Photograph `index` of `seed`, as large as the picture.
    ///
    /// Light that is negative or not a number counts as none, and so do pixels that the picture lacks.
    pub fn photograph(&self, picture: &Picture, seed: u64, index: u64) -> RgbImage {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ STREAMS);
        rng.set_stream(index);
        let shot = Shot::draw(&self.config, &mut rng);
        let light = through_lens(&sane(picture), &shot);
        let values = on_sensor(&light, &shot, &mut rng);
        delivered(values, picture.width, picture.height, &shot)
    }
}

/// The picture with as many pixels as its size says, all of them light.
fn sane(picture: &Picture) -> Picture {
    let light = |v: f32| if v > 0.0 { v.min(BRIGHTEST) } else { 0.0 };
    let mut sane = Picture {
        pixels: picture
            .pixels
            .iter()
            .map(|colour| colour.map(light))
            .collect(),
        ..*picture
    };
    sane.pixels
        .resize(picture.width * picture.height, Colour::default());
    sane
}

/// Stage 1: the light that falls on the sensor.
fn through_lens(picture: &Picture, shot: &Shot) -> Picture {
    let scale = picture.width as f32 / REFERENCE_WIDTH;
    let focused = defocus::defocused(picture, shot.defocus * scale);
    let mut light =
        motion_blur::motion_blurred(&focused, shot.motion_blur * scale, shot.motion_direction);
    vignetting::vignette(&mut light, shot.vignetting, shot.optical_axis);
    light
}

/// Stage 2 and the tone curve of stage 3: encoded values on the frame's pixels.
fn on_sensor(light: &Picture, shot: &Shot, rng: &mut impl Rng) -> Picture {
    let [width, height] = frame_size(light, shot.frame_width);
    let mut frame = resample::shrink(light, width, height);
    let mean = exposure::mean_luminance(&frame);
    let gain = exposure::exposure(
        mean,
        shot.metering,
        shot.exposure_target,
        shot.exposure_error,
    );
    exposure::amplify(&mut frame, shot.balance.map(|factor| factor * gain));
    Noise {
        shot_variance: shot.shot_variance,
        read_variance: shot.read_variance,
        correlation: shot.noise_correlation,
    }
    .add_to(&mut frame, rng);
    Response {
        gamma: shot.gamma,
        contrast: shot.contrast,
        black_level: shot.black_level,
    }
    .encode(&mut frame);
    frame
}

/// The rest: what the camera delivers, at the size that was asked for.
fn delivered(mut frame: Picture, width: usize, height: usize, shot: &Shot) -> RgbImage {
    sharpening::sharpen(&mut frame, shot.sharpening);
    let mut image = quantized(&frame);
    if let Some(quality) = shot.jpeg_quality {
        image = compression::compressed(image, quality, shot.block_offset);
    }
    if (frame.width, frame.height) != (width, height) {
        image = quantized(&resample::enlarge(&dequantized(&image), width, height));
    }
    if shot.equalize {
        equalized(image)
    } else {
        image
    }
}

/// Pixels of the frame that the picture covers: as many as were drawn, but no more than it has.
fn frame_size(picture: &Picture, frame_width: usize) -> [usize; 2] {
    let (width, height) = (picture.width, picture.height);
    if frame_width >= width {
        return [width, height];
    }
    let rows = (height * frame_width) as f32 / width as f32;
    [
        frame_width,
        (rows.round() as usize).clamp(height.min(1), height),
    ]
}

/// Encoded values 0..=1 as bytes.
fn quantized(picture: &Picture) -> RgbImage {
    RgbImage::from_fn(picture.width as u32, picture.height as u32, |x, y| {
        let value = picture.pixels[y as usize * picture.width + x as usize];
        // The cast drops the fraction and cuts off what is beyond a byte.
        Rgb(value.map(|v| (v * 255.0 + 0.5) as u8))
    })
}

/// Bytes as encoded values 0..=1.
fn dequantized(image: &RgbImage) -> Picture {
    Picture {
        width: image.width() as usize,
        height: image.height() as usize,
        pixels: image
            .pixels()
            .map(|p| p.0.map(|v| f32::from(v) / 255.0))
            .collect(),
    }
}

/// The image with its histogram equalised, as the preprocessing does it.
fn equalized(image: RgbImage) -> RgbImage {
    let (width, height) = image.dimensions();
    let pixels = equalize(image.into_raw(), 3);
    RgbImage::from_raw(width, height, pixels).unwrap_or_default()
}

#[cfg(test)]
mod tests;
