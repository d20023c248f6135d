//! From a target, as files say it, to the task that it stands for.

use crate::tasks::kinds::boxes::Boxes;
use crate::tasks::kinds::classes::Classes;
use crate::tasks::kinds::columns::Columns;
use crate::tasks::kinds::gaze::Gaze;
use crate::tasks::kinds::points::Points;
use crate::tasks::rows::Rows;
use crate::tasks::target::Target;
use crate::tasks::task::Task;
use simgan_base::{Error, Result};
use simgan_data::Dataset;

impl Target {
    /// What it takes to fit and to score an estimator of it.
    pub fn task(&self) -> Box<dyn Task> {
        match self {
            Self::Gaze => Box::new(Gaze),
            Self::Columns(names) => Box::new(Columns(names.clone())),
            Self::Points(names) => Box::new(Points(names.clone())),
            Self::Box => Box::new(Boxes),
            Self::Class { column, classes } => Box::new(Classes {
                column: column.clone(),
                count: *classes,
            }),
        }
    }

    /// Columns (none: gaze) of this target that an estimator can learn from `real` images to be scored on `test`: the
    /// target itself, or the screen points where these stand in for gaze.
    ///
    /// # Errors
    /// `real` has no such labels.
    pub fn on_real(&self, real: &Dataset, test: &Dataset) -> Result<Vec<String>> {
        self.task().columns_on_real(real, test)
    }

    /// Numbers an image.
    pub fn dimension(&self) -> usize {
        self.task().dimension()
    }

    /// Name of each regressed number.
    pub fn names(&self) -> Vec<String> {
        self.task().names()
    }

    /// Checks that the columns are named, each once.
    ///
    /// # Errors
    /// Names the column that is empty or given twice.
    pub fn validate(&self) -> Result<()> {
        self.task().validate()
    }

    /// The target of every image of a labelled data set.
    ///
    /// # Errors
    /// Missing labels or columns, and labels that are not finite numbers.
    pub fn values(&self, data: &Dataset) -> Result<Rows> {
        let rows = self.task().rows(data)?;
        match rows.values.iter().position(|value| !value.is_finite()) {
            None => Ok(rows),
            Some(index) => Err(Error::data(format!(
                "label `{}` of {} is not a finite number",
                self.names()[index % rows.dimension],
                data.name(index / rows.dimension)
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simgan_data::BOX_COLUMNS;

    #[test]
    fn a_task_has_a_name_for_each_of_its_numbers_and_keeps_the_columns() {
        let columns = vec!["u".to_owned(), "v".to_owned()];
        let class = Target::Class {
            column: "c".into(),
            classes: 3,
        };
        for (target, dimension, kept) in [
            (Target::Gaze, 3, vec![]),
            (Target::Columns(columns.clone()), 2, columns),
            (class, 3, vec!["c".to_owned()]),
            (Target::Points(vec!["tip".into()]), 2, vec![]),
            (Target::Box, 4, BOX_COLUMNS.map(str::to_owned).to_vec()),
        ] {
            let task = target.task();
            assert_eq!(
                (task.dimension(), task.names().len()),
                (dimension, dimension)
            );
            assert_eq!(task.columns(), kept);
        }
    }
}
