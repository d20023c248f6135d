//! Simulated images as files: an image folder, or the layout of UnityEyes' own export.
//!
//! Images are rendered and encoded in parallel, a bounded number at a time; a folder is whole or absent.

mod folder;
mod format;
mod formats;
mod images;
pub mod unity_eyes;
mod write;

pub use format::Format;
pub use formats::{FORMATS, find};
pub use images::{Images, Progress};
pub use write::{ExportSummary, write};
