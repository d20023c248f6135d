//! Labels that can be read, but look like something else than they are taken for: sentences to warn with.

use std::collections::BTreeSet;

use crate::targets::{GAZE_ANGLES, has_all};
use crate::{AngleUnit, Dataset, Labels};
use simgan_base::metrics::summary::sample_sd;

/// Fewest angles that tell anything.
const LEAST_ANGLES: usize = 8;
/// An eye turns less than this from straight ahead, radians (57 degrees); one angle in 20 may be more.
const FARTHEST: f32 = 1.0;
const FAR_SHARE: usize = 20;
/// Angles in degrees of which none is beyond this, a right angle in radians, are likely to be radians.
const RIGHT_ANGLE: f32 = std::f32::consts::FRAC_PI_2;
/// Most classes that a column is taken to hold.
const MOST_CLASSES: usize = 100;
/// Images of a class on average, from which on a column of whole numbers looks like one of classes.
const IMAGES_A_CLASS: usize = 3;
/// Spreads that differ by more are hardly of one unit.
const SPREAD_RATIO: f64 = 20.0;

/// Columns whose unit is known, by how their names begin.
const UNITS: [(&str, &[&str]); 4] = [
    (
        "angles",
        &[
            "gaze_pitch",
            "gaze_yaw",
            "head_",
            "iris_angle",
            "pupil_angle",
        ],
    ),
    ("parts of a unit vector", &["gaze_x", "gaze_y", "gaze_z"]),
    ("pixels of the screen", &["screen_"]),
    (
        "pixels of the image",
        &["iris_x", "iris_y", "pupil_x", "pupil_y"],
    ),
];

impl Dataset {
    /// Why the columns `gaze_pitch` and `gaze_yaw` may be in another unit than the set's; `None` where nothing speaks for
    /// it, and where there are no such columns or no finite numbers in them.
    pub fn angle_doubt(&self) -> Option<String> {
        let labels = self
            .labels()
            .filter(|labels| has_all(labels, &GAZE_ANGLES))?;
        let [pitch, yaw] = GAZE_ANGLES.map(|column| labels.numbers(column).ok());
        let angles = [pitch?, yaw?].concat();
        if angles.len() < LEAST_ANGLES || angles.iter().all(|&angle| angle == 0.0) {
            return None;
        }
        let (what, other) = match self.angle_unit() {
            AngleUnit::Radians => (like_degrees(&angles)?, AngleUnit::Degrees),
            AngleUnit::Degrees => (like_radians(&angles)?, AngleUnit::Radians),
        };
        Some(format!(
            "{}: gaze angles are read in {}, but {what}: if they are in {other}, say so with DIR@gaze={other}",
            labels.origin(),
            self.angle_unit()
        ))
    }

    /// What speaks against a regression of the columns `names` together: a column of classes, columns of several units.
    pub fn column_doubts(&self, names: &[String]) -> Vec<String> {
        let Some(labels) = self.labels() else {
            return vec![];
        };
        let columns: Vec<(&str, Vec<f32>)> = names
            .iter()
            .filter_map(|name| Some((name.as_str(), labels.numbers(name).ok()?)))
            .collect();
        let classes = columns
            .iter()
            .filter_map(|(name, values)| class_doubt(name, values, labels));
        classes.chain(unit_doubt(&columns, labels)).collect()
    }
}

fn like_degrees(angles: &[f32]) -> Option<String> {
    let halves = |angle: &f32| (2.0 * angle).fract() == 0.0;
    if angles.iter().all(halves) {
        return Some("all of them are whole or half numbers".to_owned());
    }
    let far = angles.iter().filter(|angle| angle.abs() > FARTHEST).count();
    (far * FAR_SHARE > angles.len()).then(|| {
        format!(
            "{far} of {} are beyond {FARTHEST}, farther than an eye turns",
            angles.len()
        )
    })
}

fn like_radians(angles: &[f32]) -> Option<String> {
    let small = angles.iter().all(|angle| angle.abs() <= RIGHT_ANGLE);
    let whole = angles.iter().all(|angle| angle.fract() == 0.0);
    (small && !whole).then(|| format!("none of them is beyond {RIGHT_ANGLE:.2}"))
}

/// A sentence where a column holds 0 to k-1 (or 1 to k), each a few times.
fn class_doubt(name: &str, values: &[f32], labels: &Labels) -> Option<String> {
    let whole = |&v: &f32| v.fract() == 0.0 && (0.0..=MOST_CLASSES as f32).contains(&v);
    if !values.iter().all(whole) {
        return None;
    }
    let distinct: BTreeSet<u32> = values.iter().map(|&v| v as u32).collect();
    let (first, last) = (*distinct.first()?, *distinct.last()?);
    let gapless = first <= 1 && distinct.len() == (last - first + 1) as usize;
    let repeated = values.len() >= IMAGES_A_CLASS * distinct.len();
    (distinct.len() >= 2 && gapless && repeated).then(|| {
        format!(
            "{}: `{name}` holds the whole numbers {first} to {last}, as classes do, and is regressed as a quantity: \
             --task class:{name} estimates a class",
            labels.origin()
        )
    })
}

/// A sentence where two columns are of different units, by their names or by their spread.
fn unit_doubt(columns: &[(&str, Vec<f32>)], labels: &Labels) -> Option<String> {
    let spread = |values: &[f32]| {
        let values: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
        sample_sd(&values)
    };
    let mut spreads: Vec<(&str, f64)> =
        columns.iter().map(|(name, v)| (*name, spread(v))).collect();
    let units: BTreeSet<&str> = columns
        .iter()
        .filter_map(|(name, _)| unit_of(name))
        .collect();
    spreads.retain(|(_, spread)| *spread > 0.0);
    spreads.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (least, most) = (spreads.first()?, spreads.last()?);
    (units.len() > 1 || most.1 > SPREAD_RATIO * least.1).then(|| {
        format!(
            "{}: the target mixes units: `{}` spreads by {:.3}, `{}` by {:.3}, and the error is a distance over all of \
             them; estimate them one by one",
            labels.origin(),
            least.0,
            least.1,
            most.0,
            most.1
        )
    })
}

fn unit_of(name: &str) -> Option<&'static str> {
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    let known = UNITS.iter().find(|(_, starts)| begins(starts));
    known.map(|(unit, _)| *unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(header: &str, rows: &[String]) -> Dataset {
        let lines = rows
            .iter()
            .enumerate()
            .map(|(i, row)| format!("{i}.png,{row}\n"));
        let text = format!("file,{header}\n{}", lines.collect::<String>());
        let labels = Labels::parse(text.into_bytes(), "labels.csv").unwrap();
        let names = (0..rows.len()).map(|i| format!("{i}.png")).collect();
        Dataset::from_memory(names, [1, 1, 1], vec![0; rows.len()], Some(labels)).unwrap()
    }

    fn gaze(row: impl Fn(usize) -> [f64; 2]) -> Dataset {
        let rows: Vec<String> = (0..20).map(row).map(|[p, y]| format!("{p},{y}")).collect();
        data("gaze_pitch,gaze_yaw", &rows)
    }

    #[test]
    fn possible_angles_that_look_like_degrees_are_doubted() {
        let halves = gaze(|i| [0.5 * (i % 4) as f64 - 1.0, (i % 3) as f64 - 1.0]);
        let doubt = halves.angle_doubt().unwrap();
        assert!(doubt.contains("whole or half numbers") && doubt.contains("DIR@gaze=degrees"));
        let wide = gaze(|i| [0.1 * i as f64 - 0.97, 0.13 * i as f64 - 1.2]);
        assert!(
            wide.angle_doubt()
                .unwrap()
                .contains("farther than an eye turns")
        );
        let eyes = gaze(|i| [0.03 * i as f64 - 0.3, 0.04 * i as f64 - 0.4]);
        assert_eq!(eyes.angle_doubt(), None);
        let named = eyes
            .with_angle_unit(AngleUnit::Degrees)
            .angle_doubt()
            .unwrap();
        assert!(named.contains("if they are in radians"), "{named}");
        let wide = wide.with_angle_unit(AngleUnit::Degrees);
        assert!(wide.angle_doubt().is_some());
        assert_eq!(gaze(|_| [0.0, 0.0]).angle_doubt(), None);
    }

    fn column_doubts(header: &str, row: impl Fn(usize) -> String) -> Vec<String> {
        let rows: Vec<String> = (0..40).map(row).collect();
        let names: Vec<String> = header.split(',').map(str::to_owned).collect();
        data(header, &rows).column_doubts(&names)
    }

    #[test]
    fn a_column_of_classes_is_doubted() {
        let doubts = column_doubts("kind", |i| (i % 10).to_string());
        assert!(doubts[0].contains("--task class:kind"), "{doubts:?}");
        for row in [
            |i: usize| (i % 10 + 20).to_string(),
            |i: usize| (i * 2).to_string(),
            |i: usize| i.to_string(),
        ] {
            assert!(column_doubts("x", row).is_empty());
        }
    }

    #[test]
    fn a_target_of_several_units_is_doubted() {
        let row = |i: usize| format!("{},{}", 0.01 * i as f64, 0.02 * i as f64 + 20.0);
        assert!(column_doubts("gaze_pitch,iris_x", row)[0].contains("mixes units"));
        assert!(column_doubts("a,b", row).is_empty());
        let far = |i: usize| format!("{},{}", 0.01 * i as f64, 3.5 * i as f64);
        assert!(column_doubts("a,b", far)[0].contains("`b` by"));
        assert!(column_doubts("iris_x,iris_y", row).is_empty());
    }
}
