//! SimGAN in Rust.

pub mod datasets;
pub mod error;
pub mod estimators;
pub mod formats;
pub mod metrics;
pub mod training;

pub use error::{Error, ErrorKind, Result};
