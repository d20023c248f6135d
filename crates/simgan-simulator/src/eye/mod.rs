//! A ray-cast eye region: eyeball with refracting cornea, lids that follow the gaze, lashes, brow, skin.
//!
//! Everything is procedural. Rays from a pinhole camera meet a height field of skin or pass between the lids'
//! edges to the eyeball; light comes from a procedural environment. No measured face, texture or mesh is used.

mod config;
mod eyeball;
mod face;
mod hairs;
pub(crate) mod label_cells;
mod labelling;
mod labels;
mod lids;
mod light;
mod parameters;
mod person;
mod scene;
mod simulator;
#[cfg(test)]
mod tests;
pub mod unity_eyes;
mod view;

pub use config::{EyeConfig, Side};
pub use labels::{EyeLabels, Point};
pub use parameters::EyeParameters;
pub use person::Person;
pub use simulator::{EyeSample, EyeSimulator, KIND};
