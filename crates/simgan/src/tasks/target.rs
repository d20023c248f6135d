//! What an estimator regresses, as configurations and model files say it.

use serde::{Deserialize, Serialize};

/// What is regressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The unit gaze vector (paper, section 3.1); errors are angles in degrees.
    Gaze,
    /// Label columns; errors are Euclidean distances in the units of the labels.
    Columns(Vec<String>),
    /// One of `classes` classes, numbered from 0 in a label column; errors are percentages of wrong answers.
    Class {
        /// The label column.
        column: String,
        /// Number of classes.
        classes: usize,
    },
}

impl Target {
    /// The target that a list of column names stands for; an empty list is [`Target::Gaze`].
    pub fn from_columns(columns: &[String]) -> Self {
        if columns.is_empty() {
            Self::Gaze
        } else {
            Self::Columns(columns.to_vec())
        }
    }
}
