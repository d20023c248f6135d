//! Labels of simulated eyes as rows of a `labels.csv`.
//!
//! | columns | meaning |
//! |---|---|
//! | `file` | path of the image below its folder |
//! | `gaze_pitch, gaze_yaw` | direction of gaze in radians (camera frame, see [`vector`](simgan_base::metrics::gaze_angle::vector)) |
//! | `head_pitch, head_yaw, head_roll` | head pose in radians |
//! | `iris_x, iris_y`, `pupil_x, pupil_y` | centres in pixels |
//! | `corner_l_x` to `corner_r_y` | the left and the right corner of the eye *as seen in the image*, in pixels |
//! | `iris_major, iris_minor, iris_angle`, `pupil_...` | [`Ellipse`] fitted to the outline: semi-axes in pixels, angle of the longer one in radians |
//! | `lid_0_x` to `lid_15_y` | edge of the lids in pixels: 0 is the inner corner, then along the lower lid to 8, the outer corner, and back along the upper lid |
//! | `pupil_size` | diameter of the pupil over that of the iris |
//! | `iris_size` | diameter of the iris in millimetres |
//! | `person` | which person, from 0 |
//!
//! Pixels are counted from the upper left corner of the image, whose first pixel has its middle at (0.5, 0.5).
//! The ellipse's cells are empty where the outline is seen edge-on.

use std::fmt::Write;

use crate::ellipse::Ellipse;
use crate::eye::{EyeLabels, Point};

/// Columns before those of the lids.
const FIRST: &str = "file,gaze_pitch,gaze_yaw,head_pitch,head_yaw,head_roll,iris_x,iris_y,pupil_x,pupil_y,\
    corner_l_x,corner_l_y,corner_r_x,corner_r_y,\
    iris_major,iris_minor,iris_angle,pupil_major,pupil_minor,pupil_angle";
/// Columns behind those of the lids.
const LAST: &str = "pupil_size,iris_size,person";
/// Points on the edge of the lids.
const LID_POINTS: usize = 16;

/// Path of image `index` below its folder.
pub fn file_name(index: u64) -> String {
    format!("images/{index:06}.png")
}

/// The header, without line end.
pub fn header() -> String {
    let mut header = FIRST.to_owned();
    for point in 0..LID_POINTS {
        add(&mut header, format_args!("lid_{point}_x,lid_{point}_y"));
    }
    add(&mut header, format_args!("{LAST}"));
    header
}

/// The row of an image, without line end.
pub fn row(file: &str, labels: &EyeLabels) -> String {
    let mut row = file.to_owned();
    for angle in labels.gaze.iter().chain(&labels.head) {
        add(&mut row, format_args!("{angle:.6}"));
    }
    let [left, right] = corners(labels);
    for point in [labels.iris_centre, labels.pupil_centre, left, right] {
        add_point(&mut row, point);
    }
    add_ellipse(&mut row, &labels.iris_outline);
    add_ellipse(&mut row, &labels.pupil_outline);
    for &point in &labels.interior_margin {
        add_point(&mut row, point);
    }
    let (pupil, iris) = (labels.pupil_size, labels.iris_size);
    add(
        &mut row,
        format_args!("{pupil:.6},{iris:.4},{}", labels.person),
    );
    row
}

/// The corners of the eye, the left one in the image first.
fn corners(labels: &EyeLabels) -> [Point; 2] {
    let (inner, outer) = (labels.inner_corner, labels.outer_corner);
    if inner[0] <= outer[0] {
        [inner, outer]
    } else {
        [outer, inner]
    }
}

/// Adds cells behind a comma.
fn add(row: &mut String, cells: std::fmt::Arguments) {
    // Writing to a string cannot fail.
    let _ = write!(row, ",{cells}");
}

fn add_point(row: &mut String, [x, y]: Point) {
    add(row, format_args!("{x:.3},{y:.3}"));
}

fn add_ellipse(row: &mut String, outline: &[Point]) {
    match Ellipse::fit(outline) {
        Some(ellipse) => add(
            row,
            format_args!(
                "{:.4},{:.4},{:.6}",
                ellipse.major, ellipse.minor, ellipse.angle
            ),
        ),
        None => add(row, format_args!(",,")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eye::{EyeConfig, EyeSimulator};
    use std::collections::HashMap;

    /// The row of an eye, by column.
    fn table(change: impl Fn(&mut EyeLabels)) -> HashMap<String, String> {
        let mut labels = EyeSimulator::new(EyeConfig::default(), 0)
            .unwrap()
            .labels(3);
        change(&mut labels);
        let row = row(&file_name(3), &labels);
        let names = header();
        let cells = names.split(',').zip(row.split(','));
        assert_eq!(names.split(',').count(), row.split(',').count());
        cells.map(|(n, c)| (n.into(), c.into())).collect()
    }

    #[test]
    fn every_column_has_its_value() {
        let table = table(|labels| {
            labels.head = [0.1, -0.2, 0.3];
            labels.inner_corner = [40.0, 18.0];
            labels.outer_corner = [10.0, 19.0];
            labels.interior_margin[15] = [7.0, 8.5];
            labels.person = 42;
        });
        assert_eq!(table.len(), 20 + 32 + 3);
        for (column, value) in [
            ("file", "images/000003.png"),
            ("head_yaw", "-0.200000"),
            ("head_roll", "0.300000"),
            ("corner_l_x", "10.000"),
            ("corner_r_y", "18.000"),
            ("lid_15_y", "8.500"),
            ("person", "42"),
        ] {
            assert_eq!(table[column], value, "{column}");
        }
        let numbers = table.iter().filter(|(name, _)| *name != "file");
        numbers.for_each(|(name, cell)| assert!(cell.parse::<f32>().is_ok(), "{name}: {cell}"));
    }

    #[test]
    fn an_outline_without_area_leaves_its_cells_empty() {
        let table = table(|labels| labels.pupil_outline = [[1.0, 1.0]; 32]);
        assert_eq!(table["pupil_major"], "");
        assert!(table["iris_major"].parse::<f32>().is_ok());
    }
}
