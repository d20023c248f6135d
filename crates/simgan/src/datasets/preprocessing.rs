//! One preprocessing chain for every side: crop, grey, resize, histogram equalisation.

use serde::{Deserialize, Serialize};

/// The chain, part of the configuration and stored with every run and model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preprocessing {
    /// Width of the result in pixels.
    pub width: usize,
    /// Height of the result in pixels.
    pub height: usize,
    /// 1 (grey) or 3 (RGB).
    pub channels: usize,
    /// Histogram equalisation, as in MPIIGaze's normalised images.
    pub equalize: bool,
}

impl Default for Preprocessing {
    fn default() -> Self {
        Self {
            width: 55,
            height: 35,
            channels: 1,
            equalize: true,
        }
    }
}
impl Preprocessing {
    /// stub
    pub fn validate(&self) -> crate::Result<()> {
        Ok(())
    }
}
