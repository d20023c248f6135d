//! SimGAN in Rust.

pub mod activation;
pub mod algorithm_1;
pub mod datasets;
pub mod discriminator;
pub mod error;
pub mod estimators;
pub mod feature_transform;
pub mod formats;
pub mod history_buffer;
pub mod image_tensor;
pub mod initialization;
pub mod losses;
pub mod metrics;
pub mod random;
pub mod refine;
pub mod refiner;
pub mod settings;
pub mod training;
pub mod weights;

pub use error::{Error, ErrorKind, Result};
