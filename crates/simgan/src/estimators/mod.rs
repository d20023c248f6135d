//! Estimators trained on synthetic or refined images and scored on real ones.
pub mod comparison;
pub mod evaluation;
