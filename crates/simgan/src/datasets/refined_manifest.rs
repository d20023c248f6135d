//! `simgan-refined.json`: says that the images of a folder are already preprocessed.

use serde::{Deserialize, Serialize};

use super::Preprocessing;

/// Name of the manifest in a refined folder.
pub const FILE_NAME: &str = "simgan-refined.json";

/// What `refine` did to the images of a folder.
///
/// A folder that holds this file is read without applying the chain again;
/// asking for another chain than [`preprocessing`](Self::preprocessing) is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefinedManifest {
    /// Chain applied before the refiner.
    pub preprocessing: Preprocessing,
    /// Version of this crate.
    pub version: String,
    /// SHA-256 of the refiner's weights file.
    pub refiner_sha256: String,
    /// Iterations of Algorithm 1 behind the refiner.
    pub step: usize,
    /// Number of images.
    pub images: usize,
}
impl RefinedManifest {
    /// stub
    pub fn write(&self, _folder: &std::path::Path) -> crate::Result<()> {
        todo!()
    }
}
