//! Scores of an estimator on labelled images.

use serde::{Deserialize, Serialize};

use crate::tasks::calibration;
use crate::tasks::calibration::AffineMap;
use crate::tasks::estimator::Estimator;
use crate::tasks::target::{Rows, Target, largest};
use simgan_base::metrics::correlation::pearson;
use simgan_base::metrics::summary::{mean, median, sample_sd};
use simgan_base::metrics::{error_curve, gaze_angle};
use simgan_base::{Error, Result};
use simgan_data::Dataset;
use simgan_data::targets::SCREEN_POINT;

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
    /// Percentage of wrong answers: 100 for an image whose class was not found, else 0.
    Percent,
}

impl Unit {
    /// The unit as the end of a key (`mean_deg`) and in tables.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Deg => "deg",
            Self::Px => "px",
            Self::Label => "label",
            Self::Percent => "percent",
        }
    }

    /// `(thresholds of the table, end of the curve)` for labels that lie `spread` from their mean.
    fn thresholds(self, spread: f64) -> (Vec<f64>, f64) {
        match self {
            Self::Deg => (error_curve::DEGREES.to_vec(), 45.0),
            Self::Px => (vec![50.0, 100.0, 150.0, 200.0, 300.0], 1000.0),
            Self::Label => (
                [0.1, 0.25, 0.5, 0.75, 1.0]
                    .map(|part| part * spread)
                    .to_vec(),
                3.0 * spread,
            ),
            Self::Percent => (Vec::new(), 100.0),
        }
    }
}

/// How to score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EvaluateOptions {
    /// Images an affine map is fitted on; they are not scored. 0: no calibration.
    pub calibrate: usize,
    /// Decides which images those are ([`calibration::choose`]).
    pub seed: u64,
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
    /// Sample standard deviation of the errors.
    pub sd: f64,
    /// Mean error of always answering the mean label (of the calibration images, or else of those
    /// scored): an estimator that learned nothing.
    pub baseline: f64,
    /// Mean error once the mean difference of labels and predictions is removed from every axis (for gaze:
    /// pitch and yaw), the best a constant correction could do; absent after calibration, which does more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_without_offset: Option<f64>,
    /// `(threshold, percent of images with an error at or below it)`.
    pub percent_within: Vec<(f64, f64)>,
    /// Cumulative error curve: `(error, percent of images at or below it)`.
    pub curve: Vec<(f64, f64)>,
    /// Per axis: name and Pearson correlation of prediction and label (of classes: of their numbers).
    pub correlation: Vec<(String, f64)>,
}

impl Evaluation {
    /// Digits after the point that its figures need: four where errors are fractions, as of eye widths, else two.
    pub fn decimals(&self) -> usize {
        if self.baseline < 1.0 { 4 } else { 2 }
    }
}

/// Whether gaze is labelled by points on a screen alone.
pub(super) fn is_on_screen(data: &Dataset) -> bool {
    data.labels().is_some_and(|labels| {
        labels.has_column("screen_x")
            && !["gaze_pitch", "gaze_x"]
                .iter()
                .any(|c| labels.has_column(c))
    })
}

/// Points of the cumulative curve.
const CURVE_POINTS: usize = 90;

/// Scores `estimator` on the labelled images of `data`.
///
/// Gaze estimators are scored on gaze labels in degrees, or else on screen points in pixels, which needs
/// calibration; with gaze labels a calibration is fitted in pitch and yaw. Estimators of label columns
/// are scored by Euclidean distance, those of classes by the percentage of wrong answers; the distance of `screen_x` and `screen_y` counts as pixels.
///
/// # Errors
/// No image, missing labels, screen points without calibration, and those of
/// [`Estimator::predict`] and [`calibration::choose`].
pub fn evaluate(
    estimator: &Estimator,
    data: &Dataset,
    options: &EvaluateOptions,
) -> Result<Evaluation> {
    let labels = scorable(estimator.target(), data, options)?;
    let predictions = labels.coordinates(&estimator.predict_rows(data)?);
    score(&labels, predictions, options)
}

/// Checks that `data` has the labels to score an estimator of `target`, before any work is done.
///
/// # Errors
/// Those of [`evaluate`] that follow from the labels.
pub fn check(target: &Target, data: &Dataset, options: &EvaluateOptions) -> Result<()> {
    scorable(target, data, options).map(|_| ())
}

fn scorable(target: &Target, data: &Dataset, options: &EvaluateOptions) -> Result<Labelled> {
    if data.is_empty() {
        return Err(Error::data("the data set to evaluate on has no images"));
    }
    let labels = Labelled::read(target, data)?;
    if labels.gaze && labels.unit == Unit::Px && options.calibrate == 0 {
        return Err(Error::config(
            "images labelled with a screen point can only be scored after calibration",
        )
        .with_hint("give the number of images to calibrate on, for example --calibrate 100"));
    }
    if labels.unit == Unit::Percent && options.calibrate > 0 {
        return Err(
            Error::config("classes cannot be calibrated").with_hint("leave --calibrate out")
        );
    }
    Ok(labels)
}

/// Labels as coordinates: pitch and yaw, screen x and y, or label columns.
struct Labelled {
    unit: Unit,
    axes: Vec<String>,
    coordinates: Vec<Vec<f64>>,
    gaze: bool,
}

impl Labelled {
    fn read(target: &Target, data: &Dataset) -> Result<Self> {
        if let Target::Class { column, .. } = target {
            let scores = target.values(data)?;
            return Ok(Self {
                unit: Unit::Percent,
                axes: vec![column.clone()],
                coordinates: classes(&scores),
                gaze: false,
            });
        }
        if let Target::Columns(names) = target {
            let coordinates = widen(&target.values(data)?);
            return Ok(Self {
                unit: match names == SCREEN_POINT.as_slice() {
                    true => Unit::Px,
                    false => Unit::Label,
                },
                axes: names.clone(),
                coordinates,
                gaze: false,
            });
        }
        let (unit, axes, coordinates) = if is_on_screen(data) {
            let points = data.screen_points()?;
            let coordinates = points.iter().map(|p| p.map(f64::from).to_vec()).collect();
            (Unit::Px, SCREEN_POINT, coordinates)
        } else {
            (Unit::Deg, ["pitch", "yaw"], angles(&target.values(data)?))
        };
        Ok(Self {
            unit,
            axes: axes.map(str::to_owned).to_vec(),
            coordinates,
            gaze: true,
        })
    }

    /// Predictions in the coordinates that errors and calibration work in.
    fn coordinates(&self, predictions: &Rows) -> Vec<Vec<f64>> {
        match self.unit {
            Unit::Percent => classes(predictions),
            _ if self.gaze => angles(predictions),
            _ => widen(predictions),
        }
    }

    fn error(&self, prediction: &[f64], label: &[f64]) -> f64 {
        match self.unit {
            Unit::Deg => gaze_angle::angular_error_degrees(
                gaze_angle::vector(prediction[0], prediction[1]),
                gaze_angle::vector(label[0], label[1]),
            ),
            Unit::Percent => 100.0 * f64::from(u8::from(prediction != label)),
            Unit::Px | Unit::Label => {
                let squares = prediction.iter().zip(label).map(|(a, b)| (a - b).powi(2));
                squares.sum::<f64>().sqrt()
            }
        }
    }

    fn errors(&self, predictions: &[Vec<f64>], labels: &[Vec<f64>]) -> Vec<f64> {
        predictions
            .iter()
            .zip(labels)
            .map(|(p, l)| self.error(p, l))
            .collect()
    }
}

fn widen(rows: &Rows) -> Vec<Vec<f64>> {
    rows.values
        .chunks(rows.dimension)
        .map(|row| row.iter().map(|&v| f64::from(v)).collect())
        .collect()
}

/// The class of every row of scores.
fn classes(scores: &Rows) -> Vec<Vec<f64>> {
    let rows = scores.values.chunks(scores.dimension);
    rows.map(|row| vec![largest(row) as f64]).collect()
}

/// `[pitch, yaw]` of gaze vectors.
fn angles(rows: &Rows) -> Vec<Vec<f64>> {
    rows.values
        .chunks_exact(3)
        .map(|v| gaze_angle::pitch_yaw([v[0], v[1], v[2]].map(f64::from)).to_vec())
        .collect()
}

fn score(
    labelled: &Labelled,
    predictions: Vec<Vec<f64>>,
    options: &EvaluateOptions,
) -> Result<Evaluation> {
    let all = &labelled.coordinates;
    let (calibration, scored) = match options.calibrate {
        0 => (Vec::new(), (0..all.len()).collect()),
        count => calibration::choose(all.len(), count, options.seed)?,
    };
    let labels = pick(all, &scored);
    let mut answers = pick(&predictions, &scored);
    if !calibration.is_empty() {
        let known = pick(all, &calibration);
        if labelled.unit == Unit::Px {
            calibration::check_spread(&known)?;
        }
        let map = AffineMap::fit(&pick(&predictions, &calibration), &known)?;
        answers = answers.iter().map(|answer| map.apply(answer)).collect();
    }
    let reference = if calibration.is_empty() {
        labels.clone()
    } else {
        pick(all, &calibration)
    };
    let constant = match labelled.unit {
        Unit::Percent => most_frequent(&reference),
        _ => column_means(&reference),
    };
    Ok(summarize(
        labelled,
        &answers,
        &labels,
        &constant,
        calibration.len(),
    ))
}

fn summarize(
    labelled: &Labelled,
    answers: &[Vec<f64>],
    labels: &[Vec<f64>],
    constant: &[f64],
    calibration_images: usize,
) -> Evaluation {
    let errors = labelled.errors(answers, labels);
    let (thresholds, limit) = labelled.unit.thresholds(spread(&labelled.coordinates));
    let constants = vec![constant.to_vec(); labels.len()];
    Evaluation {
        unit: labelled.unit,
        images: labels.len(),
        calibration_images,
        mean: mean(&errors),
        median: median(&errors),
        sd: sample_sd(&errors),
        baseline: mean(&labelled.errors(&constants, labels)),
        mean_without_offset: (calibration_images == 0 && labelled.unit != Unit::Percent)
            .then(|| mean(&labelled.errors(&without_offset(answers, labels), labels))),
        percent_within: error_curve::at(&errors, &thresholds),
        curve: error_curve::cumulative(&errors, limit, CURVE_POINTS),
        correlation: (0..labelled.axes.len())
            .map(|i| {
                (
                    labelled.axes[i].clone(),
                    pearson(&column(answers, i), &column(labels, i)),
                )
            })
            .collect(),
    }
}

/// The row that occurs most often, the first of those that do.
fn most_frequent(rows: &[Vec<f64>]) -> Vec<f64> {
    let count = |row: &Vec<f64>| rows.iter().filter(|other| *other == row).count();
    let best = rows.iter().rev().max_by_key(|row| count(row));
    best.cloned().unwrap_or_default()
}

fn without_offset(answers: &[Vec<f64>], labels: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let (answered, expected) = (column_means(answers), column_means(labels));
    answers
        .iter()
        .map(|row| {
            (0..row.len())
                .map(|i| row[i] + expected[i] - answered[i])
                .collect()
        })
        .collect()
}

/// Root mean square distance of labels from their mean; 1 if all are equal.
fn spread(labels: &[Vec<f64>]) -> f64 {
    let centre = column_means(labels);
    let squares: Vec<f64> = labels
        .iter()
        .map(|row| row.iter().zip(&centre).map(|(a, b)| (a - b).powi(2)).sum())
        .collect();
    let spread = mean(&squares).sqrt();
    if spread > 0.0 { spread } else { 1.0 }
}

fn pick(rows: &[Vec<f64>], indices: &[usize]) -> Vec<Vec<f64>> {
    indices.iter().map(|&index| rows[index].clone()).collect()
}

fn column(rows: &[Vec<f64>], index: usize) -> Vec<f64> {
    rows.iter().map(|row| row[index]).collect()
}

fn column_means(rows: &[Vec<f64>]) -> Vec<f64> {
    (0..rows.first().map_or(0, Vec::len))
        .map(|i| mean(&column(rows, i)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(unit: Unit, coordinates: Vec<Vec<f64>>) -> Labelled {
        let axes = vec!["a".to_owned(), "b".to_owned()];
        Labelled {
            unit,
            axes,
            coordinates,
            gaze: unit != Unit::Label,
        }
    }

    fn grid() -> Vec<Vec<f64>> {
        (0..20)
            .map(|i| vec![f64::from(i % 5) * 0.1, f64::from(i / 5) * 0.1])
            .collect()
    }

    #[test]
    fn a_constant_offset_in_yaw_is_its_angle_and_can_be_removed() {
        let labelled = labelled(
            Unit::Deg,
            (0..9).map(|i| vec![0.0, f64::from(i) * 0.05]).collect(),
        );
        let shifted = labelled
            .coordinates
            .iter()
            .map(|c| vec![c[0], c[1] + 0.1])
            .collect();
        let evaluation = score(&labelled, shifted, &EvaluateOptions::default()).unwrap();
        assert!((evaluation.mean - 0.1_f64.to_degrees()).abs() < 1e-9);
        assert!(evaluation.mean_without_offset.unwrap() < 1e-9);
        assert!((evaluation.correlation[1].1 - 1.0).abs() < 1e-9);
        assert_eq!(evaluation.percent_within[1], (7.0, 100.0));
        assert!((evaluation.baseline - (0.05 * 20.0 / 9.0_f64).to_degrees()).abs() < 1e-9);
    }

    #[test]
    fn calibration_images_are_not_scored() {
        let screen = grid()
            .iter()
            .map(|c| vec![1000.0 * c[1], 500.0 - 800.0 * c[0]])
            .collect();
        let labelled = labelled(Unit::Px, screen);
        let evaluation = score(
            &labelled,
            grid(),
            &EvaluateOptions {
                calibrate: 8,
                seed: 1,
            },
        )
        .unwrap();
        assert_eq!((evaluation.images, evaluation.calibration_images), (12, 8));
        assert!(
            evaluation.mean < 1e-3 && evaluation.baseline > 50.0,
            "{evaluation:?}"
        );
        assert_eq!(evaluation.mean_without_offset, None);
    }

    #[test]
    fn classes_are_right_or_wrong() {
        let labelled = Labelled {
            unit: Unit::Percent,
            axes: vec!["class".into()],
            coordinates: [0, 2, 2, 1].map(|class| vec![f64::from(class)]).to_vec(),
            gaze: false,
        };
        let scores = Rows {
            dimension: 3,
            values: vec![5.0, 1.0, 0.0, 0.0, 0.1, 0.2, 9.0, 0.0, 1.0, 0.0, 1.0, 0.5],
        };
        let answers = labelled.coordinates(&scores);
        let evaluation = score(&labelled, answers, &EvaluateOptions::default()).unwrap();
        // One of four is wrong; always answering class 2 is wrong twice.
        assert_eq!((evaluation.mean, evaluation.baseline), (25.0, 50.0));
        assert_eq!(evaluation.mean_without_offset, None);
    }

    #[test]
    fn label_errors_are_distances_in_label_units() {
        let labelled = labelled(Unit::Label, grid());
        let wrong = grid()
            .iter()
            .map(|c| vec![c[0] + 3.0, c[1] + 4.0])
            .collect();
        let evaluation = score(&labelled, wrong, &EvaluateOptions::default()).unwrap();
        assert!((evaluation.median - 5.0).abs() < 1e-9 && evaluation.sd < 1e-9);
        let json = serde_json::to_value(&evaluation).unwrap();
        assert_eq!(json["unit"], "label");
        assert_eq!(
            serde_json::from_value::<Evaluation>(json).unwrap(),
            evaluation
        );
    }
}
