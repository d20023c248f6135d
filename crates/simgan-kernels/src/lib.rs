//! wip
#![allow(unsafe_code)]
pub mod simd;
