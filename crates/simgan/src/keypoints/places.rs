//! Where points lie in preprocessed images.

use crate::keypoints::config::{KeypointConfig, PointUnit};
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// Share of the images that must show a point.
const SHOWN: f64 = 0.5;
/// Fractions may lead out of the image by so many widths or heights.
const BEYOND: f32 = 1.0;

/// The points of a data set.
#[derive(Debug, Default)]
pub struct Places {
    /// Names of the points.
    pub points: Vec<String>,
    /// Of every point, for every image, x and y in pixels of the preprocessed image, the middle of whose first pixel is
    /// 0, 0. May lie outside.
    pub places: Vec<Vec<[f32; 2]>>,
    /// Why [optional](KeypointConfig::optional) points are left out.
    pub left_out: Vec<Error>,
}

impl Places {
    /// Reads them from the labels of `data`.
    ///
    /// # Errors
    /// Unless points are optional: no labels, columns that are missing, not numbers or not moved with the pixels, or points
    /// of which most lie outside the images: probably of another unit.
    pub fn of(data: &Dataset, config: &KeypointConfig) -> Result<Self> {
        let mut found = Self::default();
        for name in &config.points {
            match places_of(name, data, config.unit) {
                Ok(places) => {
                    found.points.push(name.clone());
                    found.places.push(places);
                }
                Err(error) if config.optional => found.left_out.push(error),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}

fn places_of(name: &str, data: &Dataset, unit: PointUnit) -> Result<Vec<[f32; 2]>> {
    let Some(labels) = data.labels() else {
        return Err(Error::data(format!(
            "`keypoints.points` needs labels, {} has none",
            data.source()
        ))
        .with_hint("add a labels.csv, or leave keypoints.points empty"));
    };
    require_moved(name, data)?;
    let mut columns = Vec::with_capacity(2);
    for letter in ["x", "y"] {
        let column = labels.numbers(&format!("{name}_{letter}"));
        columns.push(column.map_err(|e| e.at("keypoints.points"))?);
    }
    let fractions =
        unit == PointUnit::Fraction || unit == PointUnit::Auto && are_fractions(&columns);
    let [_, height, width] = data.image_shape();
    let size = [width, height].map(|side| side as f64);
    let place = |axis: usize, value: f32| {
        let from_corner = match fractions {
            true => f64::from(value) * size[axis],
            false => f64::from(value),
        };
        (from_corner - 0.5) as f32
    };
    let pairs = columns[0].iter().zip(&columns[1]);
    let places: Vec<[f32; 2]> = pairs.map(|(&x, &y)| [place(0, x), place(1, y)]).collect();
    require_inside(&places, size, name, fractions)?;
    Ok(places)
}

fn are_fractions(columns: &[Vec<f32>]) -> bool {
    let mut values = columns.iter().flatten();
    values.all(|value| (-BEYOND..=1.0 + BEYOND).contains(value))
}

/// Refuses a point whose columns stayed as they were when crop or size moved the pixels.
fn require_moved(name: &str, data: &Dataset) -> Result<()> {
    let stayed = data.moved_points().filter(|moved| !moved.has(name));
    stayed.map_or(Ok(()), |_| {
        Err(Error::data(format!(
            "`keypoints.points`: {name}_x and {name}_y of {} do not move with the pixels",
            data.source()
        ))
        .with_hint(format!(
            "--set 'preprocessing.point_columns=[\"{name}\"]' says that they are a point"
        )))
    })
}

fn require_inside(places: &[[f32; 2]], size: [f64; 2], name: &str, fractions: bool) -> Result<()> {
    let inside =
        |place: &[f32; 2], axis: usize| (-0.5..size[axis] - 0.5).contains(&f64::from(place[axis]));
    let shown = places.iter().filter(|p| inside(p, 0) && inside(p, 1));
    let (shown, all) = (shown.count(), places.len());
    if shown as f64 >= SHOWN * all as f64 {
        return Ok(());
    }
    let (is, other) = match fractions {
        true => ("fraction", "pixels"),
        false => ("pixels", "fraction"),
    };
    Err(Error::data(format!(
        "the point \"{name}\" lies inside {shown} of {all} images only, if its columns are read as keypoints.unit = \"{is}\""
    ))
    .with_hint(format!(
        "try --set keypoints.unit={other}, or choose another point"
    )))
}
