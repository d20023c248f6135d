//! Raw against refined synthetic images, by the estimator trained on each.

use serde::{Deserialize, Serialize};

use super::evaluation::Evaluation;

/// One estimator's scores: every seed, and their mean and spread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Mean over seeds of the mean error (sample standard deviation in `sd`).
    pub mean: f64,
    /// Sample standard deviation over seeds.
    pub sd: f64,
    /// One evaluation a seed, in the order of `Comparison::seeds`.
    pub evaluations: Vec<Evaluation>,
}

/// Result of `simgan compare`, kept as `comparison.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Estimator trained on the raw synthetic images.
    pub synthetic: Arm,
    /// Estimator trained on the refined images.
    pub refined: Arm,
    /// Seeds, shared by both arms.
    pub seeds: Vec<u64>,
}
