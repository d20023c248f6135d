//! One side of a comparison: its name and its scores.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::tasks::fit::FitReport;
use crate::tasks::{AxisScore, Evaluation, PartScore, Unit};
use simgan_base::metrics::summary::{mean, sample_sd};

/// What an estimator is trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmName {
    /// Raw synthetic images.
    Synthetic,
    /// Refined images.
    Refined,
    /// Raw images under plain augmentation.
    Augmented,
    /// Refined images under plain augmentation.
    RefinedAugmented,
    /// Raw and refined images, one or the other version of each drawn at a time.
    Both,
    /// Raw images and those of every checkpoint, one version of each drawn at a time.
    Versions,
    /// Labelled real images.
    Real,
}

impl fmt::Display for ArmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Synthetic => "synthetic",
            Self::Refined => "refined",
            Self::Augmented => "synthetic, augmented",
            Self::RefinedAugmented => "refined, augmented",
            Self::Both => "synthetic and refined",
            Self::Versions => "synthetic and every checkpoint",
            Self::Real => "real",
        })
    }
}

/// One estimator's scores: every seed, and their mean and spread.
///
/// As JSON its figures carry their unit: `mean_deg`, `sd_deg`, `values_deg` (or `_px`, `_label`).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "ArmRecord")]
pub struct Arm {
    /// Mean over seeds of the mean error (sample standard deviation in `sd`).
    pub mean: f64,
    /// Sample standard deviation over seeds; 0 for one seed.
    pub sd: f64,
    /// One evaluation a seed, in the order of `Comparison::seeds`.
    pub evaluations: Vec<Evaluation>,
    /// How each fit went, in the same order.
    pub fits: Vec<FitReport>,
}

/// What of an [`Arm`] is read back; the rest follows from it.
#[derive(Deserialize)]
struct ArmRecord {
    evaluations: Vec<Evaluation>,
    #[serde(default)]
    fits: Vec<FitReport>,
}

impl From<ArmRecord> for Arm {
    fn from(record: ArmRecord) -> Self {
        Self::new(record.evaluations, record.fits)
    }
}

impl Arm {
    /// The arm of some evaluations, one a seed.
    pub fn new(evaluations: Vec<Evaluation>, fits: Vec<FitReport>) -> Self {
        let values: Vec<f64> = evaluations
            .iter()
            .map(|evaluation| evaluation.mean)
            .collect();
        Self {
            mean: mean(&values),
            sd: sample_sd(&values),
            evaluations,
            fits,
        }
    }

    /// Mean error of every seed.
    pub fn values(&self) -> Vec<f64> {
        self.evaluations
            .iter()
            .map(|evaluation| evaluation.mean)
            .collect()
    }

    /// Unit of its errors.
    pub fn unit(&self) -> Unit {
        self.evaluations
            .first()
            .map_or(Unit::Deg, |evaluation| evaluation.unit)
    }

    /// The cumulative error curve, mean over seeds.
    pub fn mean_curve(&self) -> Vec<(f64, f64)> {
        self.mean_of(|evaluation| &evaluation.curve)
    }

    /// `(threshold, percent of images within it)`, mean over seeds.
    pub fn mean_percent_within(&self) -> Vec<(f64, f64)> {
        self.mean_of(|evaluation| &evaluation.percent_within)
    }

    /// What each coordinate of the answers is like, mean over seeds.
    pub fn mean_axes(&self) -> Vec<AxisScore> {
        let axes = self.evaluations.first().map_or(0, |e| e.axes.len());
        let of_axis = |axis: usize| {
            let scores = self.evaluations.iter().filter_map(|e| e.axes.get(axis));
            AxisScore::mean_of(&scores.collect::<Vec<_>>())
        };
        (0..axes).filter_map(of_axis).collect()
    }

    /// Scores of the parts of answers, such as points, mean over seeds.
    pub fn mean_parts(&self) -> Vec<PartScore> {
        let parts = self.evaluations.first().map_or(0, |e| e.parts.len());
        let of_part = |part: usize| {
            let scores = self.evaluations.iter().filter_map(|e| e.parts.get(part));
            PartScore::mean_of(&scores.collect::<Vec<_>>())
        };
        (0..parts).filter_map(of_part).collect()
    }

    /// Mean over seeds of the median error.
    pub fn median(&self) -> f64 {
        let medians: Vec<f64> = self.evaluations.iter().map(|e| e.median).collect();
        mean(&medians)
    }

    /// Mean over seeds of the mean error without a constant offset, where evaluations know it.
    pub fn without_offset(&self) -> Option<f64> {
        let known = self.evaluations.iter().map(|e| e.mean_without_offset);
        known
            .collect::<Option<Vec<f64>>>()
            .filter(|values| !values.is_empty())
            .map(|values| mean(&values))
    }

    /// Error of always answering the mean label, the same for every seed; 0 without a score.
    pub fn baseline(&self) -> f64 {
        self.evaluations.first().map_or(0.0, |e| e.baseline)
    }

    fn mean_of<K: Clone>(&self, series: impl Fn(&Evaluation) -> &Vec<(K, f64)>) -> Vec<(K, f64)> {
        let Some(first) = self.evaluations.first() else {
            return Vec::new();
        };
        let at = |i: usize| {
            self.evaluations
                .iter()
                .filter_map(|e| series(e).get(i))
                .map(|p| p.1)
                .collect::<Vec<_>>()
        };
        series(first)
            .iter()
            .enumerate()
            .map(|(i, point)| (point.0.clone(), mean(&at(i))))
            .collect()
    }
}

impl Serialize for Arm {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let unit = self.unit().suffix();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(&format!("mean_{unit}"), &self.mean)?;
        map.serialize_entry(&format!("sd_{unit}"), &self.sd)?;
        map.serialize_entry(&format!("values_{unit}"), &self.values())?;
        map.serialize_entry("evaluations", &self.evaluations)?;
        map.serialize_entry("fits", &self.fits)?;
        map.end()
    }
}
