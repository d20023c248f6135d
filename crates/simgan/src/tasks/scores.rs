//! How wrong predictions are.

use serde::{Deserialize, Serialize};

use crate::tasks::axis_score;
use crate::tasks::axis_score::AxisScore;
use crate::tasks::calibration;
use crate::tasks::calibration::AffineMap;
use crate::tasks::coordinates::column_means;
use crate::tasks::part_score::PartScore;
use crate::tasks::task::{Labelled, Task};
use crate::tasks::unit::Unit;
use simgan_base::Result;
use simgan_base::formats::shape::Shape;
use simgan_base::metrics::error_curve;
use simgan_base::metrics::summary::{mean, median, sample_sd};

/// Points of the cumulative curve.
const CURVE_POINTS: usize = 90;

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
    /// Mean error as a share of the width of the images; where errors are pixels of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_of_width: Option<f64>,
    /// `(threshold, percent of images with an error at or below it)`; of key points the percentage of all points (PCK).
    pub percent_within: Vec<(f64, f64)>,
    /// Cumulative error curve: `(error, percent of images, or of all points, at or below it)`.
    pub curve: Vec<(f64, f64)>,
    /// What each coordinate of the answers is like.
    pub axes: Vec<AxisScore>,
    /// Scores of every key point; empty for other tasks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartScore>,
}

impl Evaluation {
    /// What it is as JSON.
    pub const SHAPE: Shape = Shape::new("evaluation", 1);

    /// Digits after the point that its figures need: four where errors are fractions, as of eye widths, else two.
    pub fn decimals(&self) -> usize {
        if self.baseline < 1.0 { 4 } else { 2 }
    }
}

/// An evaluation, and what it was made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scored {
    /// The scores.
    pub(super) evaluation: Evaluation,
    /// Places of the images scored in their data set.
    pub(super) images: Vec<usize>,
    /// Labels and answers, `[image][axis]`, in the unit of errors.
    pub(super) labels: Vec<Vec<f64>>,
    pub(super) answers: Vec<Vec<f64>>,
    /// Error of each image.
    pub(super) errors: Vec<f64>,
}

/// Scores `predictions`, decoded by `task`, on all images or on those that do not calibrate.
///
/// # Errors
/// Those of [`calibration::choose`], [`calibration::check_spread`] and [`AffineMap::fit`].
pub(super) fn score(
    task: &dyn Task,
    labelled: &Labelled,
    predictions: &[Vec<f64>],
    options: &EvaluateOptions,
) -> Result<Scored> {
    let all = &labelled.coordinates;
    let (calibration, scored) = match options.calibrate {
        0 => (Vec::new(), (0..all.len()).collect()),
        count => calibration::choose(all.len(), count, options.seed)?,
    };
    let labels = pick(all, &scored);
    let mut answers = pick(predictions, &scored);
    let known = pick(all, &calibration);
    if !known.is_empty() {
        if labelled.unit == Unit::Px {
            calibration::check_spread(&known)?;
        }
        let map = AffineMap::fit(&pick(predictions, &calibration), &known)?;
        answers = answers.iter().map(|answer| map.apply(answer)).collect();
    }
    let constant = task.constant(if known.is_empty() { &labels } else { &known });
    let mut evaluation = summarize(task, labelled, &answers, &labels, &constant);
    if !known.is_empty() {
        evaluation.calibration_images = known.len();
        evaluation.mean_without_offset = None;
    }
    let factor = task.axis_factor(labelled.unit);
    let errors = errors(task, labelled.unit, &answers, &labels);
    Ok(Scored {
        evaluation,
        images: scored,
        labels: scaled(labels, factor),
        answers: scaled(answers, factor),
        errors,
    })
}

fn scaled(mut rows: Vec<Vec<f64>>, factor: f64) -> Vec<Vec<f64>> {
    rows.iter_mut().flatten().for_each(|value| *value *= factor);
    rows
}

fn errors(task: &dyn Task, unit: Unit, answers: &[Vec<f64>], labels: &[Vec<f64>]) -> Vec<f64> {
    let pairs = answers.iter().zip(labels);
    pairs
        .map(|(answer, label)| task.error(unit, answer, label))
        .collect()
}

fn summarize(
    task: &dyn Task,
    labelled: &Labelled,
    answers: &[Vec<f64>],
    labels: &[Vec<f64>],
    constant: &[f64],
) -> Evaluation {
    let unit = labelled.unit;
    let errors = |answers: &[Vec<f64>]| errors(task, unit, answers, labels);
    let own = errors(answers);
    let (thresholds, limit) = unit.thresholds(spread(&labelled.coordinates));
    let without_offset = || mean(&errors(&without_offset(answers, labels)));
    let pairs = answers.iter().zip(labels);
    let of_parts = pairs.map(|(answer, label)| task.part_errors(unit, answer, label));
    let of_parts: Vec<Vec<f64>> = of_parts.collect();
    let single = of_parts.concat();
    Evaluation {
        unit,
        images: labels.len(),
        calibration_images: 0,
        mean: mean(&own),
        median: median(&own),
        sd: sample_sd(&own),
        baseline: mean(&errors(&vec![constant.to_vec(); labels.len()])),
        mean_without_offset: task.has_offset().then(without_offset),
        mean_of_width: labelled.width.map(|width| mean(&own) / width as f64),
        percent_within: error_curve::at(&single, &thresholds),
        curve: error_curve::cumulative(&single, limit, CURVE_POINTS),
        axes: axis_score::of_axes(task, labelled, answers, labels),
        parts: PartScore::of(task.parts(), &of_parts, &thresholds),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::rows::Rows;
    use crate::tasks::target::Target;

    fn labelled(unit: Unit, coordinates: Vec<Vec<f64>>) -> Labelled {
        let axes = vec!["a".to_owned(), "b".to_owned()];
        Labelled {
            unit,
            axes,
            coordinates,
            width: None,
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
        let shifted: Vec<_> = labelled
            .coordinates
            .iter()
            .map(|c| vec![c[0], c[1] + 0.1])
            .collect();
        let scored = score(
            &*Target::Gaze.task(),
            &labelled,
            &shifted,
            &EvaluateOptions::default(),
        )
        .unwrap();
        assert!((scored.errors[0] - 0.1_f64.to_degrees()).abs() < 1e-9);
        assert_eq!(scored.images, (0..9).collect::<Vec<_>>());
        assert!((scored.labels[8][1] - 0.4_f64.to_degrees()).abs() < 1e-9);
        assert!((scored.answers[8][1] - 0.5_f64.to_degrees()).abs() < 1e-9);
        let evaluation = scored.evaluation;
        assert!((evaluation.mean - 0.1_f64.to_degrees()).abs() < 1e-9);
        assert!(evaluation.mean_without_offset.unwrap() < 1e-9);
        let yaw = &evaluation.axes[1];
        assert!((yaw.correlation - 1.0).abs() < 1e-9);
        assert!((yaw.bias.unwrap() - 0.1_f64.to_degrees()).abs() < 1e-9);
        assert!((yaw.slope.unwrap() - 1.0).abs() < 1e-9);
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
            &*Target::Gaze.task(),
            &labelled,
            &grid(),
            &EvaluateOptions {
                calibrate: 8,
                seed: 1,
            },
        )
        .unwrap()
        .evaluation;
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
            width: None,
        };
        let scores = Rows {
            dimension: 3,
            values: vec![5.0, 1.0, 0.0, 0.0, 0.1, 0.2, 9.0, 0.0, 1.0, 0.0, 1.0, 0.5],
        };
        let target = Target::Class {
            column: "class".into(),
            classes: 3,
        };
        let task = target.task();
        let answers = task.decode(&scores);
        let scored = score(&*task, &labelled, &answers, &EvaluateOptions::default()).unwrap();
        assert_eq!(scored.errors, [0.0, 0.0, 100.0, 0.0]);
        let evaluation = scored.evaluation;
        // One of four is wrong; always answering class 2 is wrong twice.
        assert_eq!((evaluation.mean, evaluation.baseline), (25.0, 50.0));
        assert_eq!(evaluation.mean_without_offset, None);
    }

    #[test]
    fn label_errors_are_distances_in_label_units() {
        let columns = Target::from_columns(&["a".into(), "b".into()]);
        let labelled = labelled(Unit::Label, grid());
        let wrong: Vec<_> = grid()
            .iter()
            .map(|c| vec![c[0] + 3.0, c[1] + 4.0])
            .collect();
        let evaluation = score(
            &*columns.task(),
            &labelled,
            &wrong,
            &EvaluateOptions::default(),
        )
        .unwrap()
        .evaluation;
        assert!((evaluation.median - 5.0).abs() < 1e-9 && evaluation.sd < 1e-9);
        let json = serde_json::to_value(&evaluation).unwrap();
        assert_eq!(json["unit"], "label");
        assert_eq!(
            serde_json::from_value::<Evaluation>(json).unwrap(),
            evaluation
        );
    }
}
