//! wip
#![allow(unsafe_code)]
#![allow(clippy::all)]
pub mod buffer;
pub mod convolution;
pub mod direct;
pub mod epilogue;
pub mod geometry;
pub mod linear;
pub mod memory;
pub mod ops;
pub mod pool;
pub mod simd;
pub mod tile;
pub mod winograd;

/// Gradients of a layer's parameters.
#[derive(Debug)]
pub struct WeightGradient {
    /// Laid out as the weights.
    pub weights: memory::Values,
    /// One value an output.
    pub bias: Vec<f32>,
}
