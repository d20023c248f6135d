//! What each coordinate of an estimator's answers is like, where one mean error would hide it.

use serde::{Deserialize, Serialize};

use crate::tasks::coordinates::column;
use crate::tasks::task::{Labelled, Task};
use simgan_base::metrics::correlation::pearson;
use simgan_base::metrics::summary::mean;

/// Answers and labels of one coordinate: pitch or yaw of a gaze, a label column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AxisScore {
    /// Its name.
    pub name: String,
    /// Mean of answer minus label, in the unit of errors (degrees for gaze); absent for classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bias: Option<f64>,
    /// By how much an answer changes where its label changes by 1: the slope of the least-squares line through answers over
    /// labels. 1 is right, below 1 answers stay too near to their mean. Absent for classes, and where all labels are equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slope: Option<f64>,
    /// Pearson correlation of answers and labels (of classes: of their numbers), -1..=1.
    pub correlation: f64,
}

impl AxisScore {
    /// The mean of scores of one coordinate; `None` of none. What one of them lacks, their mean does.
    pub(super) fn mean_of(scores: &[&Self]) -> Option<Self> {
        let of = |part: fn(&Self) -> Option<f64>| {
            let values: Option<Vec<f64>> = scores.iter().map(|score| part(score)).collect();
            values.map(|values| mean(&values))
        };
        Some(Self {
            name: scores.first()?.name.clone(),
            bias: of(|score| score.bias),
            slope: of(|score| score.slope),
            correlation: of(|score| Some(score.correlation))?,
        })
    }
}

/// The score of every coordinate, in the order of `labelled.axes`.
pub(super) fn of_axes(
    task: &dyn Task,
    labelled: &Labelled,
    answers: &[Vec<f64>],
    labels: &[Vec<f64>],
) -> Vec<AxisScore> {
    let factor = task.axis_factor(labelled.unit);
    let score = |(axis, name): (usize, &String)| {
        let (answers, labels) = (column(answers, axis), column(labels, axis));
        let bias = factor * (mean(&answers) - mean(&labels));
        AxisScore {
            name: name.clone(),
            bias: task.has_bias().then_some(bias),
            slope: slope(&answers, &labels).filter(|_| task.has_bias()),
            correlation: pearson(&answers, &labels),
        }
    };
    labelled.axes.iter().enumerate().map(score).collect()
}

/// Slope of the least-squares line through `y` over `x`; `None` where `x` is constant.
fn slope(y: &[f64], x: &[f64]) -> Option<f64> {
    let (mean_x, mean_y) = (mean(x), mean(y));
    let pairs = x.iter().zip(y);
    let [products, squares] = pairs.fold([0.0, 0.0], |[products, squares], (x, y)| {
        let x = x - mean_x;
        [products + x * (y - mean_y), squares + x * x]
    });
    (squares > 0.0).then(|| products / squares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::target::Target;
    use crate::tasks::unit::Unit;

    #[test]
    fn bias_and_slope_are_those_that_answers_were_given() {
        let labels: Vec<Vec<f64>> = (0..9).map(|i| vec![f64::from(i), 4.0]).collect();
        let answers: Vec<_> = labels
            .iter()
            .map(|row| vec![2.0 + 0.5 * row[0], 4.0])
            .collect();
        let labelled = Labelled {
            unit: Unit::Label,
            axes: vec!["u".into(), "v".into()],
            coordinates: labels.clone(),
            width: None,
        };
        let columns = Target::from_columns(&["u".into(), "v".into()]).task();
        let [u, v] = &of_axes(&*columns, &labelled, &answers, &labels)[..] else {
            unreachable!("two axes")
        };
        assert_eq!((u.bias, u.slope), (Some(0.0), Some(0.5)));
        assert_eq!((v.bias, v.slope, v.correlation), (Some(0.0), None, 0.0));
    }

    #[test]
    fn classes_have_neither() {
        let target = Target::Class {
            column: "class".into(),
            classes: 3,
        };
        let rows = vec![vec![0.0], vec![2.0]];
        let labelled = Labelled {
            unit: Unit::Percent,
            axes: vec!["class".into()],
            coordinates: rows.clone(),
            width: None,
        };
        let axes = of_axes(&*target.task(), &labelled, &rows, &rows);
        assert_eq!((axes[0].bias, axes[0].slope), (None, None));
    }
}
