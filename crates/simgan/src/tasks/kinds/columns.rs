//! Numbers of label columns.

use crate::tasks::kinds::kind::{Kind, argument};
use crate::tasks::rows::Rows;
use crate::tasks::standardization::Standardization;
use crate::tasks::target::Target;
use crate::tasks::task::Task;
use crate::tasks::unit::Unit;
use simgan_base::{Error, Result};
use simgan_data::targets::{GAZE_ANGLES, GAZE_VECTOR, SCREEN_POINT};
use simgan_data::{Dataset, Labels};

/// `--task column:NAME`, or several names with commas between them.
pub(super) const KIND: Kind = Kind {
    name: "column",
    argument: Some("NAME"),
    read: |text, _| {
        let names = argument(KIND.name, text)?.split(',');
        Ok(Target::Columns(
            names.map(|name| name.trim().to_owned()).collect(),
        ))
    },
    found: |labels| {
        let columns = numeric_columns(labels);
        columns.map(|column| format!("column:{column}")).collect()
    },
};

/// Columns of numbers that are no part of a gaze direction.
pub(super) fn numeric_columns(labels: &Labels) -> impl Iterator<Item = &String> {
    let is_gaze = |name: &str| GAZE_ANGLES.contains(&name) || GAZE_VECTOR.contains(&name);
    let columns = labels.columns().iter();
    columns.filter(move |&column| {
        column != labels.file_column() && !is_gaze(column) && labels.is_numeric(column)
    })
}

/// Label columns; errors are Euclidean distances in the units of the labels.
#[derive(Clone, Debug)]
pub(super) struct Columns(pub(super) Vec<String>);

impl Columns {
    fn is_screen_point(&self) -> bool {
        self.0 == SCREEN_POINT.as_slice()
    }
}

impl Task for Columns {
    fn dimension(&self) -> usize {
        self.0.len()
    }

    fn names(&self) -> Vec<String> {
        self.0.clone()
    }

    /// Every column is named, and once.
    fn validate(&self) -> Result<()> {
        let names = &self.0;
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() || names[..index].contains(name) {
                return Err(Error::config(format!(
                    "`estimator.targets` names the column `{name}` twice or not at all"
                )));
            }
        }
        Ok(())
    }

    fn columns(&self) -> Vec<String> {
        self.0.clone()
    }

    fn doubts(&self, data: &Dataset) -> Vec<String> {
        data.column_doubts(&self.0)
    }

    fn rows(&self, data: &Dataset) -> Result<Rows> {
        let columns = self.0.iter().map(|name| data.column(name));
        Ok(Rows::of_columns(&columns.collect::<Result<Vec<_>>>()?))
    }

    /// Columns differ in size.
    fn standardization(&self, rows: &Rows) -> Standardization {
        Standardization::of(rows)
    }

    /// Any column but those of a point on the screen may be a place in the image.
    fn allows_moves(&self) -> bool {
        self.is_screen_point()
    }

    fn unit(&self) -> Unit {
        match self.is_screen_point() {
            true => Unit::Px,
            false => Unit::Label,
        }
    }

    fn axes(&self) -> Vec<String> {
        self.0.clone()
    }

    fn decode(&self, predictions: &Rows) -> Vec<Vec<f64>> {
        predictions.widened()
    }
}
