//! Arguments of the package's functions, as dictionaries that these make.

use std::path::PathBuf;

use pyo3::prelude::*;
use simgan_data::OpenOptions;
use simgan_workflow::Settings;

use crate::errors::Failure;

/// How images are opened.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct OpenArguments {
    on_bad_image: String,
    cache_dir: Option<PathBuf>,
}

impl OpenArguments {
    /// As the library takes them.
    pub(crate) fn options(self) -> Result<OpenOptions, Failure> {
        Ok(OpenOptions {
            on_bad_image: self.on_bad_image.parse()?,
            cache_dir: self.cache_dir,
            words: Vec::new(),
        })
    }
}

/// A configuration, and keys that are set.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct SettingsArguments {
    pub(crate) config: Option<PathBuf>,
    pub(crate) set: Vec<String>,
}

impl From<SettingsArguments> for Settings {
    fn from(SettingsArguments { config, set }: SettingsArguments) -> Self {
        Self { config, set }
    }
}
