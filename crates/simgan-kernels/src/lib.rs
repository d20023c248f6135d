#![doc = include_str!("../README.md")]
// Kernels work on raw memory: every other crate of the project forbids what this one is there for.
#![allow(unsafe_code)]
#![warn(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]

pub mod allocator;
pub mod convolution;
pub mod geometry;
pub mod linear;
pub mod memory;
pub mod ops;
pub mod optimizer;
pub mod parts;
pub mod peak;
pub mod pool;
pub mod simd;
pub mod upsample;

mod buffer;
mod direct;
mod epilogue;
#[cfg(all(test, unix))]
mod guard_pages;
mod tile;
mod winograd;

/// Gradients of a layer's parameters.
#[derive(Debug)]
pub struct WeightGradient {
    /// Laid out as the weights.
    pub weights: memory::Values,
    /// One value an output.
    pub bias: Vec<f32>,
}
