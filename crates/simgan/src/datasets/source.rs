//! What a `DIR` argument means: a path and an optional slice.

/// A path with an optional slice: `DIR`, `DIR[:1000]`, `DIR[1000:]`, `DIR[50%:]`, `DIR[::2]`.
#[derive(Clone, Debug)]
pub struct Source {}
