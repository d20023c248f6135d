//! How far refining moves what an estimator answers, in the label's own unit. Irises may stay where they are and labels be lost
//! all the same: lids, shading and sclera tell the gaze, too.

use serde::{Deserialize, Serialize};

use crate::measures::label_shift::disturbed;
use crate::tasks::{Estimator, Task, Unit};
use simgan_base::Result;
use simgan_base::metrics::summary::{mean, sample_sd};
use simgan_data::Dataset;

/// Bias of an axis beyond that of the floor from which a user is warned: degrees of gaze.
pub const LARGE_BIAS_DEGREES: f64 = 0.5;
/// The same of answers in other units: share of the standard deviation of the answers.
pub const LARGE_BIAS: f64 = 0.05;

/// Images whose class changes, beyond those of the floor, from which a user is warned: percent.
pub const LARGE_CHANGE: f64 = 5.0;

/// One coordinate of the answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AxisShift {
    /// Its name.
    pub name: String,
    /// Mean of the answer to the changed image minus that to the synthetic one, in the unit of errors.
    pub bias: f64,
    /// Standard deviation of that difference.
    pub spread: f64,
    /// Standard deviation of the answers to the synthetic images.
    pub range: f64,
}

/// The differences between the answers to images and to changed versions of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerShift {
    /// Mean distance of the two answers as errors are measured: degrees of gaze, distance of columns; of classes the percentage of
    /// images whose answer is another one.
    pub mean: f64,
    /// By coordinate; none of classes.
    pub axes: Vec<AxisShift>,
}

/// What refining does to an estimator's answers, beside what a change does in which nothing moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskShift {
    /// Unit of every figure.
    pub unit: Unit,
    /// Images looked at.
    pub images: usize,
    /// From each synthetic image to its refined version.
    pub refined: AnswerShift,
    /// From each synthetic image to a slightly blurred and noisy version of it.
    pub floor: AnswerShift,
}

impl TaskShift {
    /// The shift between images and their `refined` versions by an `estimator` that was fitted on images like the former,
    /// under augmentation, so that light and noise alone do not trouble it.
    ///
    /// # Errors
    /// Images of another shape than the estimator's, answers that are not finite.
    pub fn of(estimator: &Estimator, synthetic: &Dataset, refined: &Dataset) -> Result<Self> {
        let before = Answers::of(estimator, synthetic)?;
        Ok(Self {
            unit: estimator.target().task().unit(),
            images: synthetic.len(),
            refined: before.shift(estimator, refined)?,
            floor: before.shift(estimator, &disturbed(synthetic)?)?,
        })
    }

    /// Axes whose answers move in the mean by more than is meant.
    pub fn biased(&self) -> impl Iterator<Item = &AxisShift> {
        let axes = self.refined.axes.iter().zip(&self.floor.axes);
        let excess = |(axis, floor): &(&AxisShift, &AxisShift)| axis.bias.abs() - floor.bias.abs();
        let unit = self.unit;
        axes.filter(move |pair| excess(pair) > limit(unit, pair.0))
            .map(|(axis, _)| axis)
    }

    /// Whether answers stay: in the mean, or apiece where they are classes.
    pub fn keeps_answers(&self) -> bool {
        self.biased().next().is_none() && !self.changes_classes()
    }

    /// Whether the classes that are answered change. Answers without axes are classes.
    fn changes_classes(&self) -> bool {
        self.refined.axes.is_empty() && self.refined.mean - self.floor.mean > LARGE_CHANGE
    }

    /// What a user should know, if anything.
    pub fn warning(&self) -> Option<String> {
        if self.changes_classes() {
            return Some(format!(
                "to {:.1} % of the refined images an estimator of raw images answers another class than to the raw ones ({:.1} % by blur \
                 and noise alone); classes may be lost: raise training.lambda, or learn from raw and refined images together",
                self.refined.mean, self.floor.mean
            ));
        }
        let biases = biases(self.biased(), self.unit)?;
        Some(format!(
            "refining moves what an estimator of raw images answers, in the mean: {biases}; labels are being lost: raise \
             task_consistency.bias or training.lambda, or learn from raw and refined images together"
        ))
    }
}

/// The biases of some axes as a sentence lists them; `None` of no axis.
pub(crate) fn biases<'a>(axes: impl Iterator<Item = &'a AxisShift>, unit: Unit) -> Option<String> {
    let unit = unit.suffix();
    let biases = axes.map(|axis| format!("{} by {:+.2} {unit}", axis.name, axis.bias));
    let biases: Vec<String> = biases.collect();
    (!biases.is_empty()).then(|| biases.join(", "))
}

/// Bias that is still no reason to warn.
fn limit(unit: Unit, axis: &AxisShift) -> f64 {
    match unit {
        Unit::Deg => LARGE_BIAS_DEGREES,
        _ => LARGE_BIAS * axis.range,
    }
}

/// An estimator's answers to some images, against which other answers to them, or to versions of them, are held.
#[derive(Clone, Debug)]
pub struct Answers {
    /// `[image][axis]`, in the coordinates of the task.
    coordinates: Vec<Vec<f64>>,
}

impl From<Vec<Vec<f64>>> for Answers {
    /// Of `[image][axis]`, in the coordinates of the task.
    fn from(coordinates: Vec<Vec<f64>>) -> Self {
        Self { coordinates }
    }
}

impl Answers {
    /// The answers of `estimator` to `data`.
    ///
    /// # Errors
    /// Images of another shape than the estimator's, answers that are not finite.
    pub fn of(estimator: &Estimator, data: &Dataset) -> Result<Self> {
        Ok(Self {
            coordinates: estimator.answers(data)?,
        })
    }

    /// How far the answers to `changed` versions of the images lie from these.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn shift(&self, estimator: &Estimator, changed: &Dataset) -> Result<AnswerShift> {
        let task = estimator.target().task();
        Ok(self.shift_to(&*task, &Self::of(estimator, changed)?))
    }

    /// How far other answers to the same images lie from these.
    pub fn shift_to(&self, task: &dyn Task, others: &Self) -> AnswerShift {
        let factor = task.axis_factor(task.unit());
        let pairs = || self.coordinates.iter().zip(&others.coordinates);
        let axes = task.axes().into_iter().enumerate();
        let axes = axes.filter(|_| task.has_offset()).map(|(axis, name)| {
            let moves: Vec<f64> = pairs().map(|(a, b)| factor * (b[axis] - a[axis])).collect();
            let before: Vec<f64> = self.coordinates.iter().map(|a| factor * a[axis]).collect();
            AxisShift {
                name,
                bias: mean(&moves),
                spread: sample_sd(&moves),
                range: sample_sd(&before),
            }
        });
        AnswerShift {
            mean: mean(&self.distances(task, others)),
            axes: axes.collect(),
        }
    }

    /// Distance of the two answers to each image, as errors of `task` are measured.
    pub fn distances(&self, task: &dyn Task, others: &Self) -> Vec<f64> {
        let pairs = self.coordinates.iter().zip(&others.coordinates);
        pairs.map(|(a, b)| task.error(task.unit(), b, a)).collect()
    }

    /// Number of images.
    pub fn images(&self) -> usize {
        self.coordinates.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(unit: Unit, bias: f64, floor: f64) -> TaskShift {
        let answers = |bias| AnswerShift {
            mean: 1.0,
            axes: vec![AxisShift {
                name: "yaw".into(),
                bias,
                spread: 1.0,
                range: 10.0,
            }],
        };
        TaskShift {
            unit,
            images: 9,
            refined: answers(bias),
            floor: answers(floor),
        }
    }

    #[test]
    fn a_bias_beyond_that_of_the_floor_is_warned_of() {
        assert_eq!(shift(Unit::Deg, 0.6, 0.2).warning(), None);
        assert_eq!(shift(Unit::Label, -0.6, 0.2).warning(), None);
        let warning = shift(Unit::Deg, -3.25, 0.1).warning().unwrap();
        assert!(warning.contains("yaw by -3.25 deg"), "{warning}");
        assert!(shift(Unit::Label, 0.8, -0.2).warning().is_some());
        assert!(!shift(Unit::Label, 0.8, -0.2).keeps_answers());
    }

    #[test]
    fn classes_that_change_are_warned_of() {
        let classes = |refined, floor| {
            let answers = |mean| AnswerShift { mean, axes: vec![] };
            TaskShift {
                unit: Unit::Percent,
                images: 9,
                refined: answers(refined),
                floor: answers(floor),
            }
        };
        assert_eq!(classes(6.0, 2.0).warning(), None);
        let changed = classes(17.5, 1.0);
        let warning = changed.warning().unwrap();
        assert!(warning.starts_with("to 17.5 % of the refined"), "{warning}");
        assert!(!changed.keeps_answers());
    }
}
