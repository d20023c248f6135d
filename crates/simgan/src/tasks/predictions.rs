//! An estimator's answers as a table with the columns of labels, so that it can be read as such.

use crate::tasks::estimator::Estimator;
use simgan_base::Result;
use simgan_base::formats::csv_text;
use simgan_data::Dataset;

/// Answers to the images of a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// Names of the images.
    pub files: Vec<String>,
    /// Names of the columns behind `file`: `gaze_pitch` and `gaze_yaw` (radians), label columns, or the column of classes and
    /// `score_0`, `score_1`, ...: the share that each class gets, 0..=1.
    pub columns: Vec<String>,
    /// `[image][column]`.
    pub rows: Vec<Vec<f64>>,
}

/// The answers of `estimator` to `data`, labelled or not.
///
/// # Errors
/// Those of [`Estimator::predict_rows`].
pub fn table(estimator: &Estimator, data: &Dataset) -> Result<Predictions> {
    let task = estimator.target().task();
    Ok(Predictions {
        files: (0..data.len()).map(|index| data.name(index)).collect(),
        columns: task.answer_columns(),
        rows: task.answers(&estimator.predict_rows(data)?),
    })
}

impl Predictions {
    /// As CSV, six digits behind the point where a number is no whole one.
    pub fn to_csv(&self) -> String {
        let mut text = String::from("file");
        for column in &self.columns {
            text.push(',');
            text += &csv_text::quoted(column);
        }
        text.push('\n');
        for (file, row) in self.files.iter().zip(&self.rows) {
            text += &csv_text::quoted(file);
            for &value in row {
                text.push(',');
                text += &number(value);
            }
            text.push('\n');
        }
        text
    }
}

fn number(value: f64) -> String {
    match value == value.round() {
        // Without the sign of a 0.
        true => format!("{:.0}", value + 0.0),
        false => format!("{value:.6}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_they_must_be() {
        let table = Predictions {
            files: vec!["a,b.png".into(), "c.png".into()],
            columns: vec!["class".into(), "score_0".into()],
            rows: vec![vec![1.0, 0.25], vec![0.0, 0.5]],
        };
        assert_eq!(
            table.to_csv(),
            "file,class,score_0\n\"a,b.png\",1,0.250000\nc.png,0,0.500000\n"
        );
    }
}
