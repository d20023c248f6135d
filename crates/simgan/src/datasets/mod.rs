//! Data sets: decoded once, preprocessed alike on both sides, cached as `u8`; or rendered on demand.

mod cache_format;
mod csv_text;
mod dataset;
pub(crate) mod decode;
pub(crate) mod equalize;
mod evaluation_lists;
mod folder;
pub mod framing;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod generated;
pub mod image_folder;
mod jpeg_scans;
pub mod labels;
pub(crate) mod listing;
mod loader;
mod mapped;
#[cfg(test)]
mod memory_test;
pub mod mpiigaze;
mod names;
mod odd_sizes;
mod paths;
pub mod pixel_cache;
pub mod preprocessing;
pub mod quarantine;
mod reader;
pub mod refined_manifest;
mod resize;
mod section;
pub mod simulation_source;
pub mod source;
pub mod summary;
mod tar_files;
mod tar_index;
mod tar_labels;
mod tar_shards;
pub mod targets;
pub mod unity_eyes;

pub use dataset::{Dataset, OpenOptions};
pub use equalize::are_equalized;
pub use folder::Format;
pub use framing::Framing;
pub use labels::Labels;
pub use preprocessing::Preprocessing;
pub use quarantine::{OnBadImage, Quarantine};
pub use refined_manifest::{OutputFormat, RefinedManifest};
pub use simulation_source::SimulationSource;
pub use source::Source;
pub use summary::Summary;
pub use tar_shards::ShardCounts;
