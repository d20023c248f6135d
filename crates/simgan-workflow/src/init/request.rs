//! What `init` is asked.

use std::path::PathBuf;

use simgan_data::OpenOptions;

/// What a configuration is looked for, and where it goes.
#[derive(Clone, Debug)]
pub struct InitRequest {
    /// Labelled synthetic images.
    pub synthetic: String,
    /// Unlabelled real images.
    pub real: String,
    /// The file: must not exist.
    pub out: PathBuf,
    /// How images are opened.
    pub open: OpenOptions,
}
