//! Points and boxes in labels: they move with the pixels through crop and resizing, so that labels are those of the images.
//!
//! Pixels are counted from the upper left corner, x right and y down; the middle of the first pixel is (0.5, 0.5).
//! Fractions are of the image's width and height.

mod columns;
mod ellipse;
mod known;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use crate::part::Part;
use crate::pixel_map::PixelMap;
use crate::{Labels, Preprocessing};
pub(crate) use columns::columns_of_point;
pub use columns::spelled;
use columns::{PointColumns, Unit};
pub(crate) use known::KnownPoints;
use simgan_base::{Error, Result};

/// How points in the labels of a data set were moved, where crop or size moved its pixels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovedPoints {
    /// Names of the points that were moved; of others the labels are those of the stored images.
    pub points: Vec<String>,
    /// Part of every stored image that became the whole result: left, top, width and height in pixels; `None` where
    /// images have different ones.
    pub part: Option<[i64; 4]>,
}

impl MovedPoints {
    /// Whether the point `name` is one that was moved.
    pub fn has(&self, name: &str) -> bool {
        self.points.iter().any(|point| point == name)
    }
}

/// Labels behind [`moved`].
pub(crate) struct Moved {
    pub(crate) labels: Labels,
    /// What was moved; `None` where no pixel moved.
    pub(crate) record: Option<MovedPoints>,
    /// Columns that look like pixels of the stored images and were not moved.
    pub(crate) warning: Option<String>,
}

/// Moves the points of `labels` as `preprocessing` moves the pixels of images of these `sizes` (width and height, one a
/// row); which columns are points, and in which unit, `known` says, or their names and values do. Where no pixel moves, the
/// table stays as it is, to the byte.
///
/// # Errors
/// A point of which one column alone is there, or a cell that is no number.
pub(crate) fn moved(
    labels: Labels,
    preprocessing: &Preprocessing,
    known: &KnownPoints,
    sizes: &[(u32, u32)],
) -> Result<Moved> {
    let maps = maps(preprocessing, sizes)?;
    if maps.values().all(|map| map.map.is_identity()) {
        return Ok(Moved {
            labels,
            record: None,
            warning: None,
        });
    }
    let points = columns::find(&labels, preprocessing, known)?;
    let warning = columns::unnamed(&labels, &points, sizes);
    let change = |row: usize, cells: &mut Vec<Cow<'_, str>>| {
        let map = &maps[&sizes[row]];
        points.iter().try_for_each(|point| {
            let place = || format!("{}, line {}", labels.origin(), labels.line(row));
            map.apply(point, cells).map_err(|e| e.at(&place()))
        })
    };
    let record = MovedPoints {
        points: points.iter().map(|point| point.name.clone()).collect(),
        part: common_part(&maps),
    };
    let labels = match points.is_empty() {
        true => labels.clone(),
        false => labels.with_cells(change)?,
    };
    Ok(Moved {
        labels,
        record: Some(record),
        warning,
    })
}

/// The map of each size.
fn maps(
    preprocessing: &Preprocessing,
    sizes: &[(u32, u32)],
) -> Result<BTreeMap<(u32, u32), PointMap>> {
    let mut maps = BTreeMap::new();
    for &size in sizes {
        if let Entry::Vacant(map) = maps.entry(size) {
            map.insert(PointMap::of(preprocessing, size)?);
        }
    }
    Ok(maps)
}

fn common_part(maps: &BTreeMap<(u32, u32), PointMap>) -> Option<[i64; 4]> {
    let mut parts = maps.values().map(|map| map.part);
    let first = parts.next()?;
    let [left, top] = first.start;
    let [width, height] = first.size;
    parts
        .all(|part| part == first)
        .then_some([left, top, width, height].map(|side| side as i64))
}

/// From an image of one size to the preprocessed one.
#[derive(Debug)]
struct PointMap {
    part: Part,
    map: PixelMap,
}

impl PointMap {
    fn of(preprocessing: &Preprocessing, (width, height): (u32, u32)) -> Result<Self> {
        Ok(Self {
            part: preprocessing.kept_part([width, height])?,
            map: PixelMap::of(preprocessing, [width, height])?,
        })
    }

    /// How much longer a length becomes along each axis.
    fn scale(&self) -> [f64; 2] {
        let [_, _, x, y] = self.map.rectangle([0.0, 0.0, 1.0, 1.0]);
        [x, y]
    }

    /// Moves a coordinate.
    fn moved(&self, axis: usize, value: f64, unit: Unit) -> f64 {
        match unit {
            Unit::Pixels => self.map.point([value; 2])[axis],
            Unit::Fraction => self.map.fraction([value; 2])[axis],
        }
    }

    /// How long a length becomes.
    fn stretched(&self, axis: usize, length: f64, unit: Unit) -> f64 {
        self.moved(axis, length, unit) - self.moved(axis, 0.0, unit)
    }

    /// Replaces the cells of a point. Empty ones stay empty.
    fn apply(&self, point: &PointColumns, cells: &mut [Cow<'_, str>]) -> Result<()> {
        for (axis, &column) in point.places.iter().enumerate() {
            if let Some(value) = number(&cells[column], &point.name)? {
                cells[column] = text(self.moved(axis, value, point.unit)).into();
            }
        }
        for (axis, &column) in point.sides.iter().flatten().enumerate() {
            if let Some(length) = number(&cells[column], &point.name)? {
                cells[column] = text(self.stretched(axis, length, point.unit)).into();
            }
        }
        let Some(columns) = point.ellipse else {
            return Ok(());
        };
        let mut values = [0.0; 3];
        for (value, column) in values.iter_mut().zip(columns) {
            match number(&cells[column], &point.name)? {
                Some(number) => *value = number,
                None => return Ok(()),
            }
        }
        let scaled = ellipse::scaled(values, self.scale());
        for (column, value) in columns.into_iter().zip(scaled) {
            cells[column] = text(value).into();
        }
        Ok(())
    }
}

/// The number in a cell; `None` where it is empty.
fn number(cell: &str, point: &str) -> Result<Option<f64>> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Ok(None);
    }
    let number = cell.parse::<f64>().ok().filter(|number| number.is_finite());
    number.map(Some).ok_or_else(|| {
        Error::data(format!("the point `{point}` is `{cell}`, not a number"))
            .with_hint("leave the cell empty where the point is not known")
    })
}

fn text(value: f64) -> String {
    format!("{value:.6}")
}

#[cfg(test)]
mod tests;
