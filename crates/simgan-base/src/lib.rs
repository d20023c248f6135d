//! What every part of `simgan` stands on: errors, settings, random streams, files that are never half written, small
//! formats, operations on pixels, metrics. Nothing here knows data sets, simulators or networks.

pub mod document;
pub mod error;
pub mod files;
pub mod formats;
pub mod imaging;
pub mod metrics;
pub mod random;
pub mod sampler;
pub mod settings;

pub use error::{Error, ErrorKind, Result};
