//! Metrics: plain functions of numbers; nothing here knows images or networks.

pub mod correlation;
pub mod error_curve;
pub mod gaze_angle;
pub mod proportion;
pub mod summary;
