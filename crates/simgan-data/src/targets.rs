//! Labels of a data set as numbers: any column, gaze vectors, points on the screen.

use std::f32::consts::{FRAC_PI_2, PI};

use crate::{Dataset, Labels};
use simgan_base::metrics::gaze_angle;
use simgan_base::{Error, Result};

/// Columns of gaze angles, radians.
pub const GAZE_ANGLES: [&str; 2] = ["gaze_pitch", "gaze_yaw"];
/// Columns of a gaze vector.
pub const GAZE_VECTOR: [&str; 3] = ["gaze_x", "gaze_y", "gaze_z"];
/// Columns of the point looked at, pixels.
pub const SCREEN_POINT: [&str; 2] = ["screen_x", "screen_y"];

impl Dataset {
    /// Values of a numeric label column.
    ///
    /// # Errors
    /// There are no labels or no such column (names those there are), or a cell is not a finite number.
    pub fn column(&self, name: &str) -> Result<Vec<f32>> {
        self.table(&format!("column `{name}`"))?.numbers(name)
    }

    /// Unit gaze vectors, from `gaze_pitch, gaze_yaw` (radians) or `gaze_x, gaze_y, gaze_z`.
    ///
    /// Camera frame: x right, y down, z forward; [`gaze_angle::vector`] gives the convention (MPIIGaze's).
    ///
    /// # Errors
    /// There are no such columns, or a cell is not a finite number, an angle is none in radians, or a vector is zero.
    pub fn gaze(&self) -> Result<Vec<[f32; 3]>> {
        let labels = self.table("gaze labels")?;
        if has_all(labels, &GAZE_ANGLES) {
            let (pitch, yaw) = (
                labels.numbers(GAZE_ANGLES[0])?,
                labels.numbers(GAZE_ANGLES[1])?,
            );
            possible(&pitch, FRAC_PI_2, GAZE_ANGLES[0], labels)?;
            possible(&yaw, PI, GAZE_ANGLES[1], labels)?;
            return Ok(pitch
                .iter()
                .zip(&yaw)
                .map(|(&p, &y)| gaze_angle::vector(p, y))
                .collect());
        }
        if !has_all(labels, &GAZE_VECTOR) {
            return Err(lacks(
                labels,
                "gaze labels",
                "gaze_pitch and gaze_yaw (radians), or gaze_x, gaze_y and gaze_z",
            ));
        }
        let [x, y, z] = GAZE_VECTOR.map(|name| labels.numbers(name));
        let (x, y, z) = (x?, y?, z?);
        (0..labels.len())
            .map(|row| unit([x[row], y[row], z[row]], labels, row))
            .collect()
    }

    /// Points looked at on the screen in pixels, from `screen_x, screen_y`.
    ///
    /// # Errors
    /// There are no such columns, or a cell is not a finite number.
    pub fn screen_points(&self) -> Result<Vec<[f32; 2]>> {
        let labels = self.table("screen points")?;
        if !has_all(labels, &SCREEN_POINT) {
            return Err(lacks(
                labels,
                "screen points",
                "screen_x and screen_y (pixels)",
            ));
        }
        let (x, y) = (
            labels.numbers(SCREEN_POINT[0])?,
            labels.numbers(SCREEN_POINT[1])?,
        );
        Ok(x.into_iter().zip(y).map(|(x, y)| [x, y]).collect())
    }

    /// The label table, or an error that says `what` was wanted of it.
    fn table(&self, what: &str) -> Result<&Labels> {
        self.labels().ok_or_else(|| {
            let place = self.root().map_or("the data set in memory".into(), |root| {
                root.display().to_string()
            });
            Error::data(format!("{place} has no labels, and so no {what}"))
                .with_hint("labels lie in labels.csv in the data set's folder, one row an image")
        })
    }
}

/// Refuses angles beyond `limit`, either way: read as radians, degrees would turn round and round without a word.
fn possible(angles: &[f32], limit: f32, column: &str, labels: &Labels) -> Result<()> {
    const ROUNDING: f32 = 1e-3;
    let Some(row) = angles.iter().position(|a| a.abs() > limit + ROUNDING) else {
        return Ok(());
    };
    Err(Error::data(format!(
        "{}, line {}: `{column}` is {}, but angles are in radians and this one is at most {limit:.4}",
        labels.origin(),
        labels.line(row),
        angles[row]
    ))
    .with_hint("are the angles in degrees? multiply them by pi / 180"))
}

fn has_all(labels: &Labels, columns: &[&str]) -> bool {
    columns.iter().all(|column| labels.has_column(column))
}

fn lacks(labels: &Labels, what: &str, columns: &str) -> Error {
    Error::data(format!(
        "{} has no {what}: it needs the columns {columns}",
        labels.origin()
    ))
    .with_hint(format!("its columns are: {}", labels.columns().join(", ")))
}

fn unit(vector: [f32; 3], labels: &Labels, row: usize) -> Result<[f32; 3]> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    if length > 0.0 && length.is_finite() {
        return Ok(vector.map(|v| v / length));
    }
    Err(Error::data(format!(
        "{}, line {}: the gaze vector has no direction",
        labels.origin(),
        labels.line(row)
    ))
    .with_hint("gaze_x, gaze_y and gaze_z must not all be 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaze(rows: &str) -> Result<Vec<[f32; 3]>> {
        let text = format!("file,gaze_pitch,gaze_yaw\n{rows}");
        let labels = Labels::parse(text.into_bytes(), "labels.csv")?;
        let names: Vec<String> = (0..labels.len()).map(|row| format!("{row}.png")).collect();
        let pixels = vec![0; names.len()];
        Dataset::from_memory(names, [1, 1, 1], pixels, Some(labels))?.gaze()
    }

    #[test]
    fn degrees_are_not_taken_for_radians() {
        for (rows, line, column) in [
            ("0.png,0.1,0.2\n1.png,-12.5,0.1\n", 3, "gaze_pitch"),
            ("0.png,0.1,20\n", 2, "gaze_yaw"),
        ] {
            let error = gaze(rows).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(&format!("line {line}")), "{text}");
            assert!(text.contains(column), "{text}");
            assert!(error.hint().is_some_and(|hint| hint.contains("degrees")));
        }
        assert_eq!(gaze("0.png,1.5707964,-3.1415927\n").unwrap().len(), 1);
    }
}
