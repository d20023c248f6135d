//! What a line of the table of formats says.

use std::path::{Path, PathBuf};

use simgan_base::Result;

use crate::description::Description;
use crate::exported::Exported;

/// A format of exports.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The name as users write it.
    pub name: &'static str,
    /// What it is, for help texts: one line.
    pub about: &'static str,
    /// How to load it, for the model card: Markdown.
    pub(crate) usage: fn(&Description) -> String,
    /// Writes its files into an empty folder; card and hashes come after it.
    pub(crate) write: fn(&Exported, &ExportOptions, &Path) -> Result<()>,
}

/// What formats need beside the network.
#[derive(Clone, Debug, Default)]
pub struct ExportOptions {
    /// Folder of the npm package `onnxruntime-web`, which the web page runs on.
    pub onnxruntime_web: Option<PathBuf>,
}
