//! Labels of simulated eyes as cells of a `labels.csv`.
//!
//! | columns | meaning |
//! |---|---|
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

use crate::ellipse::Ellipse;
use crate::eye::labels::{EyeLabels, Point};

/// Columns before those of the lids.
const FIRST: [&str; 19] = [
    "gaze_pitch",
    "gaze_yaw",
    "head_pitch",
    "head_yaw",
    "head_roll",
    "iris_x",
    "iris_y",
    "pupil_x",
    "pupil_y",
    "corner_l_x",
    "corner_l_y",
    "corner_r_x",
    "corner_r_y",
    "iris_major",
    "iris_minor",
    "iris_angle",
    "pupil_major",
    "pupil_minor",
    "pupil_angle",
];
/// Columns behind those of the lids.
const LAST: [&str; 3] = ["pupil_size", "iris_size", "person"];
/// Points on the edge of the lids.
const LID_POINTS: usize = 16;

/// Names of the columns.
pub(crate) fn columns() -> Vec<String> {
    let lids =
        (0..LID_POINTS).flat_map(|point| [format!("lid_{point}_x"), format!("lid_{point}_y")]);
    let owned = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    owned(&FIRST)
        .into_iter()
        .chain(lids)
        .chain(owned(&LAST))
        .collect()
}

/// The cells of an image, one a column.
pub(crate) fn row(labels: &EyeLabels) -> Vec<String> {
    let angles = labels.gaze.iter().chain(&labels.head);
    let mut cells: Vec<String> = angles.map(|angle| format!("{angle:.6}")).collect();
    let [left, right] = corners(labels);
    let centres = [labels.iris_centre, labels.pupil_centre, left, right];
    cells.extend(centres.into_iter().flat_map(point));
    cells.extend(ellipse(&labels.iris_outline));
    cells.extend(ellipse(&labels.pupil_outline));
    cells.extend(labels.interior_margin.into_iter().flat_map(point));
    cells.push(format!("{:.6}", labels.pupil_size));
    cells.push(format!("{:.4}", labels.iris_size));
    cells.push(labels.person.to_string());
    cells
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

fn point([x, y]: Point) -> [String; 2] {
    [x, y].map(|value| format!("{value:.3}"))
}

/// Semi-axes and angle; empty cells where the outline is seen edge-on.
fn ellipse(outline: &[Point]) -> [String; 3] {
    Ellipse::fit(outline).map_or_else(Default::default, |ellipse| {
        [
            format!("{:.4}", ellipse.major),
            format!("{:.4}", ellipse.minor),
            format!("{:.6}", ellipse.angle),
        ]
    })
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
        let (names, cells) = (columns(), row(&labels));
        assert_eq!(names.len(), cells.len());
        names.into_iter().zip(cells).collect()
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
        assert_eq!(table.len(), 19 + 32 + 3);
        for (column, value) in [
            ("head_yaw", "-0.200000"),
            ("head_roll", "0.300000"),
            ("corner_l_x", "10.000"),
            ("corner_r_y", "18.000"),
            ("lid_15_y", "8.500"),
            ("person", "42"),
        ] {
            assert_eq!(table[column], value, "{column}");
        }
        table
            .iter()
            .for_each(|(name, cell)| assert!(cell.parse::<f32>().is_ok(), "{name}: {cell}"));
    }

    #[test]
    fn an_outline_without_area_leaves_its_cells_empty() {
        let table = table(|labels| labels.pupil_outline = [[1.0, 1.0]; 32]);
        assert_eq!(table["pupil_major"], "");
        assert!(table["iris_major"].parse::<f32>().is_ok());
    }
}
