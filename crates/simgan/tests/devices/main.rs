//! Layers, losses and ten iterations of Algorithm 1 on another device, beside the CPU.
//!
//! The device is Burn's default one: that of the cargo feature, or what `BURN_DEVICE` says (`vulkan`, `webgpu`, `cuda`, ...).
//! In the default build that is the CPU itself, and there is nothing to compare: every test then says that it is skipped.

#![allow(clippy::unwrap_used)]

mod layers;
mod losses;
mod support;
mod training;
