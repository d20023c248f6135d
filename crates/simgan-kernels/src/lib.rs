//! wip
#![allow(unsafe_code)]
pub mod optimizer;
pub mod simd;
