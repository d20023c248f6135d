//! Scores of an estimator on labelled images.

use serde::{Deserialize, Serialize};

/// Unit of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Angle between gaze vectors, degrees.
    Deg,
    /// Distance on the screen, pixels, after calibration.
    Px,
    /// Euclidean distance in the units of the label columns.
    Label,
}

/// Scores on one data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Unit of every error below.
    pub unit: Unit,
    /// Number of images scored.
    pub images: usize,
    /// Number of images the calibration was fitted on (not scored).
    pub calibration_images: usize,
    /// Mean error.
    pub mean: f64,
    /// Median error.
    pub median: f64,
    /// `(threshold, percent of images with an error below it)`.
    pub percent_within: Vec<(f64, f64)>,
    /// Cumulative error curve: `(error, percent of images at or below it)`.
    pub curve: Vec<(f64, f64)>,
    /// Per axis: name and Pearson correlation of prediction and label.
    pub correlation: Vec<(String, f64)>,
}
