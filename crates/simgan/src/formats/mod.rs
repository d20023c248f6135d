//! File formats that no well-kept crate covers.

pub mod tensorboard;
