//! What an estimator regresses: the gaze direction, or any numeric label columns.

use serde::{Deserialize, Serialize};

use crate::tasks::evaluation;
use simgan_base::{Error, Result};
use simgan_data::Dataset;
use simgan_data::targets::SCREEN_POINT;

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

    /// Columns (none: gaze) of this target that an estimator can learn from `real` images to be scored on `test`: the
    /// target itself, or the screen points where these stand in for gaze.
    ///
    /// # Errors
    /// `real` has no such labels.
    pub fn on_real(&self, real: &Dataset, test: &Dataset) -> Result<Vec<String>> {
        if *self == Self::Gaze && evaluation::is_on_screen(test) {
            real.screen_points()?;
            return Ok(SCREEN_POINT.map(str::to_owned).to_vec());
        }
        self.values(real)?;
        Ok(match self {
            Self::Gaze => Vec::new(),
            Self::Columns(names) => names.clone(),
            Self::Class { column, .. } => vec![column.clone()],
        })
    }

    /// Numbers an image.
    pub fn dimension(&self) -> usize {
        match self {
            Self::Gaze => 3,
            Self::Columns(names) => names.len(),
            Self::Class { classes, .. } => *classes,
        }
    }

    /// Name of each regressed number.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Gaze => ["gaze_x", "gaze_y", "gaze_z"].map(str::to_owned).to_vec(),
            Self::Columns(names) => names.clone(),
            Self::Class { column, classes } => (0..*classes)
                .map(|class| format!("{column} {class}"))
                .collect(),
        }
    }

    /// Checks that the columns are named, each once.
    ///
    /// # Errors
    /// Names the column that is empty or given twice.
    pub fn validate(&self) -> Result<()> {
        let Self::Columns(names) = self else {
            return Ok(());
        };
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() || names[..index].contains(name) {
                return Err(Error::config(format!(
                    "`estimator.targets` names the column `{name}` twice or not at all"
                )));
            }
        }
        Ok(())
    }

    /// The target of every image of a labelled data set.
    ///
    /// # Errors
    /// Missing labels or columns, and labels that are not finite numbers.
    pub fn values(&self, data: &Dataset) -> Result<Rows> {
        let dimension = self.dimension();
        let values = match self {
            Self::Gaze => data.gaze()?.into_iter().flatten().collect(),
            Self::Columns(names) => interleave(
                &names
                    .iter()
                    .map(|name| data.column(name))
                    .collect::<Result<Vec<_>>>()?,
            ),
            Self::Class { column, classes } => one_hot(column, *classes, data)?,
        };
        let rows = Rows { dimension, values };
        match rows.values.iter().position(|value| !value.is_finite()) {
            None => Ok(rows),
            Some(index) => Err(Error::data(format!(
                "label `{}` of {} is not a finite number",
                self.names()[index % dimension],
                data.name(index / dimension)
            ))),
        }
    }
}

/// A row of zeros an image, with a 1 in the place of its class.
fn one_hot(column: &str, classes: usize, data: &Dataset) -> Result<Vec<f32>> {
    let mut rows = Vec::new();
    for (index, label) in data.column(column)?.into_iter().enumerate() {
        if !(label.fract() == 0.0 && (0.0..classes as f32).contains(&label)) {
            return Err(Error::data(format!(
                "label `{column}` of {} is {label}, not a class from 0 to {}",
                data.name(index),
                classes - 1
            ))
            .with_hint("estimator.classes is the number of classes"));
        }
        rows.extend((0..classes).map(|class| f32::from(class as f32 == label)));
    }
    Ok(rows)
}

/// Index of the largest number: the class that scores answer.
pub(super) fn largest(scores: &[f32]) -> usize {
    let best = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or(0, |(class, _)| class)
}

/// `[column][image]` to `[image][column]`.
fn interleave(columns: &[Vec<f32>]) -> Vec<f32> {
    let images = columns.first().map_or(0, Vec::len);
    (0..images)
        .flat_map(|image| columns.iter().map(move |column| column[image]))
        .collect()
}

/// A table of numbers, one row an image, stored row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Numbers a row; at least 1.
    pub dimension: usize,
    /// `[rows, dimension]`.
    pub values: Vec<f32>,
}

impl Rows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.dimension
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// One row.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.dimension..(index + 1) * self.dimension]
    }

    /// The rows at `indices`, in that order.
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            dimension: self.dimension,
            values: indices.iter().flat_map(|&i| self.row(i)).copied().collect(),
        }
    }
}

/// Linear change of units, so that every regressed number has a similar size.
///
/// Gaze vectors stay as they are (the paper's loss is on the vector itself), and so do scores of classes; label columns get
/// mean 0 and standard deviation 1 over the training images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standardization {
    /// Subtracted from each number.
    pub mean: Vec<f32>,
    /// Then divides it; never 0.
    pub scale: Vec<f32>,
}

impl Standardization {
    /// The change of units for `target`, from the training images' `rows`.
    pub fn of(target: &Target, rows: &Rows) -> Self {
        let dimension = rows.dimension;
        if !matches!(target, Target::Columns(_)) {
            return Self {
                mean: vec![0.0; dimension],
                scale: vec![1.0; dimension],
            };
        }
        let (mean, scale) = (0..dimension).map(|axis| moments(rows, axis)).unzip();
        Self { mean, scale }
    }

    /// From label units to the network's.
    pub fn apply(&self, rows: &mut Rows) {
        for (index, value) in rows.values.iter_mut().enumerate() {
            let axis = index % rows.dimension;
            *value = (*value - self.mean[axis]) / self.scale[axis];
        }
    }

    /// From the network's units to label units.
    pub fn invert(&self, rows: &mut Rows) {
        for (index, value) in rows.values.iter_mut().enumerate() {
            let axis = index % rows.dimension;
            *value = *value * self.scale[axis] + self.mean[axis];
        }
    }
}

/// Mean and standard deviation of one axis; a constant axis has the scale 1.
fn moments(rows: &Rows, axis: usize) -> (f32, f32) {
    let count = rows.len().max(1) as f64;
    let values = || {
        rows.values
            .iter()
            .skip(axis)
            .step_by(rows.dimension)
            .map(|&v| f64::from(v))
    };
    let mean = values().sum::<f64>() / count;
    let sd = (values().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt() as f32;
    (mean as f32, if sd > 0.0 { sd } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_standardized_and_restored() {
        let target = Target::from_columns(&["u".into(), "v".into()]);
        let rows = Rows {
            dimension: 2,
            values: interleave(&[vec![1.0, 2.0, 3.0], vec![7.0; 3]]),
        };
        let standardization = Standardization::of(&target, &rows);
        let mut changed = rows.clone();
        standardization.apply(&mut changed);
        assert!((changed.row(0)[0] + 1.5_f32.sqrt()).abs() < 1e-6);
        assert_eq!(changed.row(1), [0.0, 0.0]);
        standardization.invert(&mut changed);
        assert!(
            changed
                .values
                .iter()
                .zip(&rows.values)
                .all(|(a, b)| (a - b).abs() < 1e-6)
        );
    }

    #[test]
    fn gaze_vectors_stay_as_they_are() {
        let rows = Rows {
            dimension: 3,
            values: vec![0.6, 0.0, -0.8],
        };
        let mut changed = rows.clone();
        Standardization::of(&Target::Gaze, &rows).apply(&mut changed);
        assert_eq!(changed, rows);
    }

    #[test]
    fn rows_are_selected_in_order() {
        let rows = Rows {
            dimension: 2,
            values: vec![0.0, 1.0, 2.0, 3.0],
        };
        assert_eq!(
            rows.select(&[1, 0, 1]).values,
            [2.0, 3.0, 0.0, 1.0, 2.0, 3.0]
        );
        assert_eq!((rows.len(), rows.is_empty()), (2, false));
    }
}
