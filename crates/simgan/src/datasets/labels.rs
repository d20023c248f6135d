//! Label tables whose text is carried over byte for byte.

/// A label table.
#[derive(Clone, Debug)]
pub struct Labels {}
