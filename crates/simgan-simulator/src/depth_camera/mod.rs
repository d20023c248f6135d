//! A stand-in depth camera: what a sensor that sees a pattern of infrared dots would have measured of
//! simulated depths.
//!
//! It stands in for the real domain where no real images are at hand. It is no real sensor: a result on
//! its pictures says how a method copes with this gap, and nothing about real images.
//!
//! The camera finds dots of a projector at its right, and depth from how far they are shifted: the
//! disparity, `focal length * baseline / depth`. In this order:
//!
//! 1. what the projector does not light has no dots: things throw shadows to their left;
//! 2. dots are lost on far and on grazing surfaces;
//! 3. a dot is matched by the dots round it: where too few are on its surface, it is lost, so that there
//!    are holes at edges;
//! 4. its disparity is that of a place nearby, with noise, and a whole multiple of the sensor's step;
//! 5. depths of dots are spread over the pixels between them: borders get ragged.
//!
//! [`DepthCameraConfig`] names the sources.

mod config;
mod dots;
mod shadow;
mod shot;
#[cfg(test)]
mod tests;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub use config::DepthCameraConfig;

use self::shot::Shot;
use crate::depths::Depths;
use simgan_base::Result;

/// Sets the camera's random streams apart from those of a simulator with the same seed: "depths" in ASCII.
const STREAMS: u64 = 0x6465_7074_6873;

/// A stand-in depth camera; pictures are pure functions of configuration, depths, seed and index.
#[derive(Clone, Debug, PartialEq)]
pub struct DepthCamera {
    config: DepthCameraConfig,
}

impl DepthCamera {
    /// A camera of `config`.
    ///
    /// # Errors
    /// Those of [`DepthCameraConfig::validate`].
    pub fn new(config: DepthCameraConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self { config })
    }

    /// What is varied.
    pub fn config(&self) -> &DepthCameraConfig {
        &self.config
    }

    /// Picture `index` of `seed`: the depths that are measured, in millimetres, infinite where none is.
    /// `depths` has the pixels of the camera's frame, whose focal length is `focal` pixels.
    pub fn measured(&self, depths: &Depths, focal: f32, seed: u64, index: u64) -> Depths {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ STREAMS);
        rng.set_stream(index);
        let shot = Shot::draw(&self.config, focal, &mut rng);
        let disparities = shot.converted(depths);
        let lit = shadow::lit(&disparities);
        let dots = dots::found(&disparities, &lit, &shot, &mut rng);
        shot.converted(&dots::spread(
            &dots,
            [depths.width, depths.height],
            shot.spread,
        ))
    }
}
