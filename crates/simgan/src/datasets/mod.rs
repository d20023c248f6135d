//! Data sets: decoded once, preprocessed alike on both sides, cached as `u8`; or rendered on demand.

mod cache_format;
mod csv_text;
mod dataset;
pub(crate) mod decode;
pub(crate) mod equalize;
mod evaluation_lists;
mod folder;
mod generated;
pub mod image_folder;
pub mod labels;
pub(crate) mod listing;
mod loader;
mod mapped;
#[cfg(test)]
mod memory_test;
pub mod mpiigaze;
mod names;
pub mod pixel_cache;
pub mod preprocessing;
pub mod quarantine;
mod reader;
pub mod refined_manifest;
mod resize;
pub mod simulation_source;
pub mod source;
pub mod summary;
pub mod targets;
pub mod unity_eyes;

pub use dataset::{Dataset, OpenOptions};
pub use equalize::are_equalized;
pub use folder::Format;
pub use labels::Labels;
pub use preprocessing::Preprocessing;
pub use quarantine::{OnBadImage, Quarantine};
pub use refined_manifest::{OutputFormat, RefinedManifest};
pub use simulation_source::SimulationSource;
pub use source::Source;
pub use summary::Summary;
