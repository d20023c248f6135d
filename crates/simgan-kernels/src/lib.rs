//! wip
#![allow(unsafe_code)]
#![allow(clippy::all)]
pub mod buffer;
pub mod convolution;
pub mod direct;
pub mod epilogue;
pub mod geometry;
pub mod linear;
pub mod ops;
pub mod pool;
pub mod simd;
pub mod tile;
pub mod winograd;

/// Gradients of a layer's parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightGradient {
    /// Laid out as the weights.
    pub weights: Vec<f32>,
    /// One value an output.
    pub bias: Vec<f32>,
}
