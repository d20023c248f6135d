//! File formats that no well-kept crate covers, and tables as text.

pub mod limits;
pub mod markdown;
pub mod mat5;
pub mod tensorboard;
pub(crate) mod tensors;
