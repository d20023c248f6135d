//! A right or left hand in depth: millimetres from a depth camera, procedural, with exact labels.
//!
//! A hand is a skeleton of 26 degrees of freedom (6 in space, 4 of each finger) in flesh of tapered
//! capsules, which blend where skin does. Rays from a pinhole camera are traced on its distance
//! field. Nothing is noisy: that is the work of the [depth camera](crate::depth_camera) or of a
//! refiner. No mesh, photograph or recorded pose is used.

mod config;
mod contact;
mod flesh;
mod joints;
mod label_cells;
mod labels;
mod limits;
mod native;
mod parameters;
mod person;
mod pose;
mod pose_mixture;
mod reach;
mod round_cone;
mod scene;
mod simulator;
mod skeleton;
#[cfg(test)]
mod tests;
mod tracing;
mod view;

pub use config::{DepthOrigin, HandConfig, Side};
pub use joints::{EVALUATION, JOINTS, Joint};
pub use labels::{HandLabels, JointLabel};
pub(crate) use native::NativeHand;
pub use parameters::HandParameters;
pub use person::Person;
pub use pose::{Finger, Pose, PoseKind};
pub use simulator::{HandSample, HandSimulator, KIND};
