//! Labels of a data set as numbers: any column, gaze vectors, points on the screen.

use crate::{AngleUnit, Dataset, Labels};
use simgan_base::metrics::gaze_angle;
use simgan_base::{Error, Result};

/// Columns of gaze angles, in the unit of [`Dataset::angle_unit`].
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

    /// Unit gaze vectors, from `gaze_pitch, gaze_yaw` (in the [unit](Self::angle_unit) of the set) or
    /// `gaze_x, gaze_y, gaze_z`.
    ///
    /// Camera frame: x right, y down, z forward; [`gaze_angle::vector`] gives the convention (MPIIGaze's).
    ///
    /// # Errors
    /// There are no such columns, or a cell is not a finite number, an angle is impossible in its unit, or a vector is zero.
    pub fn gaze(&self) -> Result<Vec<[f32; 3]>> {
        let labels = self.table("gaze labels")?;
        if has_all(labels, &GAZE_ANGLES) {
            let [pitch, yaw] = gaze_angles(labels, self.angle_unit())?;
            let angles = pitch.iter().zip(&yaw);
            return Ok(angles.map(|(&p, &y)| gaze_angle::vector(p, y)).collect());
        }
        if !has_all(labels, &GAZE_VECTOR) {
            return Err(lacks(
                labels,
                "gaze labels",
                "gaze_pitch and gaze_yaw, or gaze_x, gaze_y and gaze_z",
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

/// Pitch and yaw in radians; their columns are in `unit`.
fn gaze_angles(labels: &Labels, unit: AngleUnit) -> Result<[Vec<f32>; 2]> {
    let [pitch, yaw] = GAZE_ANGLES.map(|column| -> Result<Vec<f32>> {
        let angles = labels.numbers(column)?;
        possible(&angles, unit, column, labels)?;
        Ok(angles.iter().map(|&angle| unit.radians(angle)).collect())
    });
    Ok([pitch?, yaw?])
}

/// Refuses angles beyond a quarter turn of pitch or half a turn of yaw: in a wrong unit they would turn round and
/// round without a word.
fn possible(angles: &[f32], unit: AngleUnit, column: &str, labels: &Labels) -> Result<()> {
    /// Part of a turn that rounding may add.
    const ROUNDING: f32 = 2e-4;
    let turns = if column == GAZE_ANGLES[0] { 0.25 } else { 0.5 };
    let limit = unit.full_turn() * (turns + ROUNDING);
    let Some(row) = angles.iter().position(|a| a.abs() > limit) else {
        return Ok(());
    };
    let most = unit.full_turn() * turns;
    let error = Error::data(format!(
        "{}, line {}: `{column}` is {}, but angles are in {unit} and this one is at most {most}",
        labels.origin(),
        labels.line(row),
        angles[row]
    ));
    Err(match unit {
        AngleUnit::Radians => error.with_hint(
            "are the angles in degrees? DIR@gaze=degrees says so, wherever these images are read",
        ),
        AngleUnit::Degrees => error.with_hint("is this row right?"),
    })
}

pub(crate) fn has_all(labels: &Labels, columns: &[&str]) -> bool {
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
        gaze_in(AngleUnit::Radians, rows)
    }

    fn gaze_in(unit: AngleUnit, rows: &str) -> Result<Vec<[f32; 3]>> {
        let text = format!("file,gaze_pitch,gaze_yaw\n{rows}");
        let labels = Labels::parse(text.into_bytes(), "labels.csv")?;
        let names: Vec<String> = (0..labels.len()).map(|row| format!("{row}.png")).collect();
        let pixels = vec![0; names.len()];
        let data = Dataset::from_memory(names, [1, 1, 1], pixels, Some(labels))?;
        data.with_angle_unit(unit).gaze()
    }

    #[test]
    fn angles_in_degrees_are_those_in_radians() {
        let degrees = gaze_in(AngleUnit::Degrees, "0.png,30,-90\n1.png,90,180\n").unwrap();
        let radians = gaze("0.png,0.5235988,-1.5707964\n1.png,1.5707964,3.1415927\n").unwrap();
        for (a, b) in degrees.iter().flatten().zip(radians.iter().flatten()) {
            assert!((a - b).abs() < 1e-6, "{degrees:?} {radians:?}");
        }
        let error = gaze_in(AngleUnit::Degrees, "0.png,91,0\n").unwrap_err();
        assert!(error.to_string().contains("at most 90"), "{error}");
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
