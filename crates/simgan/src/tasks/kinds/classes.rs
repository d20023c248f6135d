//! Classes, numbered from 0 in a label column.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, softmax};

use crate::tasks::gaze::l2_loss;
use crate::tasks::kinds::columns::numeric_columns;
use crate::tasks::kinds::kind::{Kind, argument};
use crate::tasks::rows::Rows;
use crate::tasks::target::Target;
use crate::tasks::task::Task;
use crate::tasks::unit::Unit;
use simgan_base::{Error, Result};
use simgan_data::{Dataset, Labels};

/// Most classes that are counted in a column; more are rather a number of something.
const MOST: usize = 1000;

/// `--task class:NAME`: as many classes as the column has.
pub(super) const KIND: Kind = Kind {
    name: "class",
    argument: Some("NAME"),
    read: |text, labels| {
        let column = argument(KIND.name, text)?.to_owned();
        let classes = count(labels, &column)?;
        Ok(Target::Class { column, classes })
    },
    found: |labels| {
        let columns = numeric_columns(labels).filter(|column| count(labels, column).is_ok());
        columns.map(|column| format!("class:{column}")).collect()
    },
};

/// How many classes a column has: one more than its largest number.
fn count(labels: &Labels, column: &str) -> Result<usize> {
    let numbers = labels.numbers(column)?;
    let largest = numbers.iter().copied().fold(0.0, f32::max);
    let are_classes = numbers.iter().all(|&label| is_class(label, MOST)) && largest >= 1.0;
    match are_classes {
        true => Ok(largest as usize + 1),
        false => Err(Error::data(format!(
            "{}: the column `{column}` has no classes: these are whole numbers from 0 to at most {}, two or more of them",
            labels.origin(),
            MOST - 1
        ))
        .with_hint(format!("--task column:{column} takes its numbers as quantities"))),
    }
}

fn is_class(label: f32, classes: usize) -> bool {
    label.fract() == 0.0 && (0.0..classes as f32).contains(&label)
}

/// One of several classes; errors are percentages of wrong answers.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    pub(super) column: String,
    pub(super) count: usize,
}

impl Task for Classes {
    fn dimension(&self) -> usize {
        self.count
    }

    fn names(&self) -> Vec<String> {
        let classes = 0..self.count;
        classes
            .map(|class| format!("{} {class}", self.column))
            .collect()
    }

    fn columns(&self) -> Vec<String> {
        vec![self.column.clone()]
    }

    /// A row of zeros an image, with a 1 in the place of its class.
    fn rows(&self, data: &Dataset) -> Result<Rows> {
        let mut values = Vec::new();
        for (index, label) in data.column(&self.column)?.into_iter().enumerate() {
            if !is_class(label, self.count) {
                return Err(Error::data(format!(
                    "label `{}` of {} is {label}, not a class from 0 to {}",
                    self.column,
                    data.name(index),
                    self.count - 1
                ))
                .with_hint("estimator.classes is the number of classes"));
            }
            values.extend((0..self.count).map(|class| f32::from(class as f32 == label)));
        }
        Ok(Rows {
            dimension: self.count,
            values,
        })
    }

    /// Cross-entropy of scores of any size.
    fn loss(&self, prediction: Tensor<2>, target: Tensor<2>) -> Tensor<1> {
        -(log_softmax(prediction, 1) * target).sum_dim(1).mean()
    }

    fn total_loss(&self, predictions: &Rows, targets: &Rows) -> f64 {
        let rows = predictions
            .values
            .chunks(predictions.dimension)
            .zip(targets.values.chunks(targets.dimension));
        rows.map(|(scores, target)| cross_entropy(scores, target))
            .sum()
    }

    /// Of the shares that classes get.
    fn difference(&self, answer: Tensor<2>, other: Tensor<2>) -> Tensor<1> {
        l2_loss(softmax(answer, 1), softmax(other, 1))
    }

    fn allows_moves(&self) -> bool {
        true
    }

    fn unit(&self) -> Unit {
        Unit::Percent
    }

    fn axes(&self) -> Vec<String> {
        vec![self.column.clone()]
    }

    /// The class of every row of scores.
    fn decode(&self, predictions: &Rows) -> Vec<Vec<f64>> {
        let rows = predictions.values.chunks(predictions.dimension);
        rows.map(|row| vec![largest(row) as f64]).collect()
    }

    /// The class, then the share of every class.
    fn answer_columns(&self) -> Vec<String> {
        let shares = (0..self.count).map(|class| format!("score_{class}"));
        self.columns().into_iter().chain(shares).collect()
    }

    fn answers(&self, predictions: &Rows) -> Vec<Vec<f64>> {
        let rows = predictions.values.chunks(predictions.dimension);
        rows.map(|row| {
            [largest(row) as f64]
                .into_iter()
                .chain(shares(row))
                .collect()
        })
        .collect()
    }

    /// 100 for a wrong answer.
    fn error(&self, _unit: Unit, prediction: &[f64], label: &[f64]) -> f64 {
        100.0 * f64::from(u8::from(prediction != label))
    }

    /// The class that occurs most often, the first of those that do.
    fn constant(&self, labels: &[Vec<f64>]) -> Vec<f64> {
        let count = |row: &Vec<f64>| labels.iter().filter(|other| *other == row).count();
        let best = labels.iter().rev().max_by_key(|row| count(row));
        best.cloned().unwrap_or_default()
    }

    fn has_offset(&self) -> bool {
        false
    }

    fn check_calibration(&self, _unit: Unit, images: usize) -> Result<()> {
        match images {
            0 => Ok(()),
            _ => {
                Err(Error::config("classes cannot be calibrated")
                    .with_hint("leave --calibrate out"))
            }
        }
    }
}

/// Index of the largest number: the class that scores answer.
fn largest(scores: &[f32]) -> usize {
    let best = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or(0, |(class, _)| class)
}

/// Softmax.
fn shares(scores: &[f32]) -> impl Iterator<Item = f64> {
    let largest = scores.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
    let powers = scores.iter().map(|&score| f64::from(score - largest).exp());
    let powers: Vec<f64> = powers.collect();
    let total: f64 = powers.iter().sum();
    powers.into_iter().map(move |power| power / total)
}

fn cross_entropy(scores: &[f32], target: &[f32]) -> f64 {
    let largest = scores.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
    let shifted = scores.iter().map(|&score| f64::from(score - largest));
    let total = shifted.clone().map(f64::exp).sum::<f64>().ln();
    shifted
        .zip(target)
        .map(|(score, &share)| f64::from(share) * (total - score))
        .sum()
}
