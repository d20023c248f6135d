//! File formats that no well-kept crate covers.

pub mod mat5;
pub mod tensorboard;
