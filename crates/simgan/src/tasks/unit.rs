//! Units of errors.

use serde::{Deserialize, Serialize};

use simgan_base::metrics::error_curve;

/// Unit of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Angle between gaze vectors, degrees.
    Deg,
    /// Distance on the screen, pixels; of gaze after calibration.
    Px,
    /// Euclidean distance in the units of the label columns.
    Label,
    /// Distance in the preprocessed image, pixels.
    ImagePx,
    /// Percentage of their union that two boxes do not share: 100 * (1 - IoU).
    IouLoss,
    /// Percentage of wrong answers: 100 for an image whose class was not found, else 0.
    Percent,
}

impl Unit {
    /// The unit as the end of a key (`mean_deg`) and in tables.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Deg => "deg",
            Self::Px | Self::ImagePx => "px",
            Self::Label => "label",
            Self::IouLoss => "iou_loss",
            Self::Percent => "percent",
        }
    }

    /// The unit of single coordinates of answers: that of errors, but pixels for boxes.
    pub fn of_axes(self) -> &'static str {
        match self {
            Self::IouLoss => Self::ImagePx.suffix(),
            other => other.suffix(),
        }
    }

    /// What is counted where errors are small: images, or points.
    pub fn counted(self) -> &'static str {
        match self {
            Self::ImagePx => "points",
            _ => "images",
        }
    }

    /// `(thresholds of the table, end of the curve)` for labels that lie `spread` from their mean.
    pub(super) fn thresholds(self, spread: f64) -> (Vec<f64>, f64) {
        match self {
            Self::Deg => (error_curve::DEGREES.to_vec(), 45.0),
            Self::Px => (vec![50.0, 100.0, 150.0, 200.0, 300.0], 1000.0),
            Self::Label => (
                [0.1, 0.25, 0.5, 0.75, 1.0]
                    .map(|part| part * spread)
                    .to_vec(),
                3.0 * spread,
            ),
            // 5 of 64 and 17.5 of 224 pixels are the paper's for hands (section 3.2).
            Self::ImagePx => (vec![1.0, 2.0, 3.0, 5.0, 10.0, 17.5], 20.0),
            // An IoU of 0.9, 0.75 and 0.5.
            Self::IouLoss => (vec![10.0, 25.0, 50.0], 100.0),
            Self::Percent => (Vec::new(), 100.0),
        }
    }
}
