//! Data sets: decoded once, preprocessed alike on both sides, cached as `u8`.

mod dataset;
pub mod image_folder;
pub mod labels;
pub mod mpiigaze;
pub mod pixel_cache;
pub mod preprocessing;
pub mod quarantine;
pub mod refined_manifest;
pub mod source;
pub mod unity_eyes;

pub use dataset::{Dataset, OpenOptions};
pub use labels::Labels;
pub use preprocessing::Preprocessing;
pub use quarantine::{OnBadImage, Quarantine};
pub use source::Source;
