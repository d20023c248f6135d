//! File formats that no well-kept crate covers, and tables as text.

pub mod csv_text;
pub mod markdown;
pub mod mat5;
pub mod readable;
pub mod shape;
pub mod tensorboard;
pub mod tensors;
