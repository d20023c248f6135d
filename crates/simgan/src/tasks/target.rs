//! What an estimator regresses, as configurations and model files say it.

use serde::{Deserialize, Serialize};

use simgan_data::BOX_COLUMNS;

/// What is regressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The unit gaze vector (paper, section 3.1); errors are angles in degrees.
    Gaze,
    /// Label columns; errors are Euclidean distances in the units of the labels.
    Columns(Vec<String>),
    /// Places of points in the image; errors are distances in its pixels.
    Points(Vec<String>),
    /// The box of an object; errors are the percentage of their union that two boxes do not share.
    Box,
    /// One of `classes` classes, numbered from 0 in a label column; errors are percentages of wrong answers.
    Class {
        /// The label column.
        column: String,
        /// Number of classes.
        classes: usize,
    },
}

impl Target {
    /// The target that a list of column names stands for; an empty list is [`Target::Gaze`], the
    /// [columns of a box](BOX_COLUMNS) are [`Target::Box`].
    pub fn from_columns(columns: &[String]) -> Self {
        if columns.is_empty() {
            Self::Gaze
        } else if columns == BOX_COLUMNS {
            Self::Box
        } else {
            Self::Columns(columns.to_vec())
        }
    }
}
