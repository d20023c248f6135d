//! Which label columns are points or boxes, and in which unit.

use crate::points::known::KnownPoints;
use crate::{Labels, Preprocessing};
use simgan_base::{Error, Result};

/// Points that the simulator and UnityEyes folders have, but for those of the lids.
const KNOWN: [&str; 5] = ["iris", "pupil", "corner_l", "corner_r", BOX];
/// The box of the object that an image shows: its point is the upper left corner.
pub(super) const BOX: &str = "box";
/// Points on the edge of the lids.
const LID_POINTS: usize = 16;
/// Endings of the two columns of a point.
const ENDINGS: [[&str; 2]; 2] = [["_x", "_y"], ["_u", "_v"]];
/// Columns that end so and are no points of an image.
const OTHERS: [&str; 4] = ["gaze_x", "gaze_y", "screen_x", "screen_y"];
/// Fractions may lead out of the image by so many widths or heights.
const BEYOND: f32 = 1.0;

/// Unit of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Pixels of the stored image.
    Pixels,
    /// Fractions of its width and height.
    Fraction,
}

/// Where a point stands in a table.
#[derive(Debug)]
pub(super) struct PointColumns {
    pub(super) name: String,
    /// Columns of x and y.
    pub(super) places: [usize; 2],
    pub(super) unit: Unit,
    /// Columns of the width and height of a box whose upper left corner the point is.
    pub(super) sides: Option<[usize; 2]>,
    /// Columns of the longer and shorter semi-axis and the angle of an outline round the point.
    pub(super) ellipse: Option<[usize; 3]>,
}

/// Known points, those of the format, and those that the preprocessing names, as far as the table has them.
///
/// # Errors
/// A named point of which one column is there and not the other.
pub(super) fn find(
    labels: &Labels,
    preprocessing: &Preprocessing,
    format: &KnownPoints,
) -> Result<Vec<PointColumns>> {
    let lids = (0..LID_POINTS).map(|point| format!("lid_{point}"));
    let everywhere: Vec<String> = KNOWN.map(str::to_owned).into_iter().chain(lids).collect();
    let named = preprocessing.point_columns.iter();
    let names = (format.in_pixels.iter().map(|name| (name, true)))
        .chain(everywhere.iter().map(|name| (name, true)))
        .chain(named.map(|name| (name, false)));
    let mut found: Vec<PointColumns> = vec![];
    for (name, is_known) in names {
        let Some(places) = columns_of(name, labels, is_known)? else {
            continue;
        };
        if found.iter().any(|point| point.places == places) {
            continue;
        }
        let sides = (is_known || name == BOX)
            .then(|| sides_of(name, labels))
            .flatten();
        let all = [Some(places), sides];
        let all = all.iter().flatten().flatten().copied();
        let unit = match (
            format.in_pixels.contains(name),
            format.in_fractions && is_known,
        ) {
            (true, _) => Unit::Pixels,
            (_, true) => Unit::Fraction,
            _ => unit(labels, all),
        };
        let ellipse = (is_known && unit == Unit::Pixels).then(|| ellipse_of(name, labels));
        found.push(PointColumns {
            name: name.clone(),
            places,
            unit,
            sides,
            ellipse: ellipse.flatten(),
        });
    }
    Ok(found)
}

/// Names of the points that a table's columns of numbers spell, `NAME_x` and `NAME_y` or `NAME_u` and `NAME_v`, known or not.
pub fn spelled(labels: &Labels) -> Vec<String> {
    let point = |column: &String| {
        let (name, ending) = column.split_at_checked(column.len().checked_sub(2)?)?;
        let pair = ENDINGS.iter().find(|pair| pair[0] == ending)?;
        let columns = pair.map(|ending| format!("{name}{ending}"));
        let is_point = columns
            .iter()
            .all(|column| labels.is_numeric(column) && !OTHERS.contains(&column.as_str()));
        (is_point && !name.is_empty()).then(|| name.to_owned())
    };
    labels.columns().iter().filter_map(point).collect()
}

/// The two columns of the point `NAME` or `A,B`.
///
/// # Errors
/// They are not there.
pub(crate) fn columns_of_point(name: &str, labels: &Labels) -> Result<[String; 2]> {
    let pairs = pairs(name);
    let has_both = |pair: &&[String; 2]| pair.iter().all(|column| labels.has_column(column));
    match pairs.iter().find(has_both) {
        Some(pair) => Ok(pair.clone()),
        None => Err(Error::data(format!(
            "{} has no column `{}` or no column `{}` for the point `{name}`",
            labels.origin(),
            pairs[0][0],
            pairs[0][1]
        ))
        .with_hint(format!("its columns are: {}", labels.columns().join(", ")))),
    }
}

/// The columns that `NAME` or `A,B` may stand for.
fn pairs(name: &str) -> Vec<[String; 2]> {
    match name.split_once(',') {
        Some((x, y)) => vec![[x, y].map(|column| column.trim().to_owned())],
        None => ENDINGS
            .iter()
            .map(|pair| pair.map(|ending| format!("{name}{ending}")))
            .collect(),
    }
}

/// The two columns of `NAME`, or of `A,B`; known points are passed over where they are not numbers.
fn columns_of(name: &str, labels: &Labels, is_known: bool) -> Result<Option<[usize; 2]>> {
    for pair in pairs(name) {
        let at = pair.each_ref().map(|column| position(labels, column));
        match at {
            [Some(x), Some(y)] => return Ok(Some([x, y])),
            [None, None] => {}
            _ if is_known => {}
            _ => {
                let message = format!(
                    "preprocessing.point_columns names `{name}`, but {} has only one of the columns {} and {}",
                    labels.origin(),
                    pair[0],
                    pair[1]
                );
                return Err(Error::data(message)
                    .with_hint(format!("its columns are: {}", labels.columns().join(", "))));
            }
        }
    }
    Ok(None)
}

fn position(labels: &Labels, column: &str) -> Option<usize> {
    labels.columns().iter().position(|name| name == column)
}

fn sides_of(name: &str, labels: &Labels) -> Option<[usize; 2]> {
    let column = |ending: &str| position(labels, &format!("{name}_{ending}"));
    Some([column("w")?, column("h")?])
}

fn ellipse_of(name: &str, labels: &Labels) -> Option<[usize; 3]> {
    let column = |ending: &str| position(labels, &format!("{name}_{ending}"));
    Some([column("major")?, column("minor")?, column("angle")?])
}

/// Fractions are what no value leaves by more than an image.
fn unit(labels: &Labels, mut columns: impl Iterator<Item = usize>) -> Unit {
    let fractions = |column: usize| {
        let mut values = values(labels, column);
        values.all(|value| (-BEYOND..=1.0 + BEYOND).contains(&value))
    };
    match columns.all(fractions) {
        true => Unit::Fraction,
        false => Unit::Pixels,
    }
}

/// The numbers of a column; cells that are none are passed over.
fn values(labels: &Labels, column: usize) -> impl Iterator<Item = f32> {
    let name = &labels.columns()[column];
    let cell = move |row| labels.get(row, name)?.trim().parse::<f32>().ok();
    (0..labels.len()).filter_map(cell)
}

/// A sentence about columns that look like pixels of the stored images and are none of `points`.
pub(super) fn unnamed(
    labels: &Labels,
    points: &[PointColumns],
    sizes: &[(u32, u32)],
) -> Option<String> {
    let side = sizes
        .iter()
        .map(|&(width, height)| width.max(height))
        .max()?;
    let is_pixels = |column: usize| {
        let (mut count, mut largest) = (0, f32::NEG_INFINITY);
        for value in values(labels, column) {
            count += 1;
            largest = largest.max(value);
        }
        count == labels.len() && largest > 1.0 && largest <= side as f32
    };
    let suspects: Vec<&str> = labels
        .columns()
        .iter()
        .enumerate()
        .filter(|(column, name)| ends_like_a_point(name) && !is_of(points, *column))
        .filter(|(column, _)| is_pixels(*column))
        .map(|(_, name)| name.as_str())
        .collect();
    (!suspects.is_empty()).then(|| {
        format!(
            "the columns {} look like pixels of the images before preprocessing and stay so, though crop or size move \
             pixels: name such points in preprocessing.point_columns, for example [\"nose\"] for nose_x and nose_y, or [\"a,b\"]",
            suspects.join(", ")
        )
    })
}

fn ends_like_a_point(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut endings = ENDINGS.iter().flatten();
    let ends = endings.any(|ending| name.ends_with(ending) || name == ending[1..]);
    ends && !OTHERS.contains(&name.as_str())
}

fn is_of(points: &[PointColumns], column: usize) -> bool {
    points.iter().any(|point| point.places.contains(&column))
}
