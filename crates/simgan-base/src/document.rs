//! A configuration as text, and which of its keys are set.

use std::path::Path;

use toml::Table;

use crate::files::limits;
use crate::{Error, Result};

/// A configuration as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// TOML.
    pub text: String,
    /// What errors call it: its path.
    pub origin: String,
}

impl Document {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// There is no such file, or it cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        if !path.is_file() {
            return Err(Error::not_found("configuration file", path).with_hint(
                "`simgan config` lists the built-in configurations, `simgan config gaze` prints one to be edited",
            ));
        }
        Ok(Self {
            text: limits::read_text(path, limits::CONFIG)?,
            origin: path.display().to_string(),
        })
    }
}

/// The keys that a document or overrides set, whatever their values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given(pub(crate) Table);

impl Given {
    /// Whether `section.key` is set.
    pub fn has(&self, key: &str) -> bool {
        let mut parts = key.split('.');
        let first = parts.next().and_then(|part| self.0.get(part));
        parts
            .fold(first, |value, part| value.and_then(|value| value.get(part)))
            .is_some()
    }
}
