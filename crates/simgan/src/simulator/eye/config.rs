//! What is varied from one simulated eye to the next, and how far.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Ranges `[least, most]` that every image's parameters are drawn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EyeConfig {
    /// Width of the image in pixels, 16..=1024.
    pub width: usize,
    /// Height of the image in pixels, 10..=768.
    pub height: usize,
    /// Gaze pitch in degrees, positive upwards.
    pub gaze_pitch: [f32; 2],
    /// Gaze yaw in degrees, positive to the image's left.
    pub gaze_yaw: [f32; 2],
    /// Number of people.
    pub persons: u32,
}

impl Default for EyeConfig {
    fn default() -> Self {
        Self {
            width: 55,
            height: 35,
            gaze_pitch: [-25.0, 12.0],
            gaze_yaw: [-25.0, 25.0],
            persons: 100,
        }
    }
}

impl EyeConfig {
    /// Checks every value.
    ///
    /// # Errors
    /// Names the key and the values it may have.
    pub fn validate(&self) -> Result<()> {
        if self.persons == 0 {
            return Err(Error::config("persons is 0, but must be at least 1"));
        }
        Ok(())
    }
}
