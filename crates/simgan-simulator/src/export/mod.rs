//! Simulated images as files: an image folder, or the layout of UnityEyes' own export.
//!
//! Images are rendered and encoded in parallel, a bounded number at a time; a folder is whole or absent.

mod folder;
mod images;
mod layout;
mod layouts;
pub mod unity_eyes;
mod write;

pub use images::{Images, Progress};
pub use layout::Layout;
pub use layouts::{LAYOUTS, find};
pub use write::{ExportSummary, write};
