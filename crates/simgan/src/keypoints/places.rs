//! Where points lie in preprocessed images.

use crate::keypoints::config::KeypointConfig;
use simgan_base::{Error, Result};
use simgan_data as data;
use simgan_data::{Dataset, PointUnit};

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
    if data.labels().is_none() {
        return Err(Error::data(format!(
            "`keypoints.points` needs labels, {} has none",
            data.source()
        ))
        .with_hint("add a labels.csv, or leave keypoints.points empty"));
    }
    let found = data.point_places(name, unit);
    let found = found.map_err(|e| e.at("keypoints.points"))?;
    require_shown(&found, data, name)?;
    let from_middle = |[x, y]: [f32; 2]| [x - 0.5, y - 0.5];
    Ok(found.places.into_iter().map(from_middle).collect())
}

fn require_shown(found: &data::Places, data: &Dataset, name: &str) -> Result<()> {
    let [_, height, width] = data.image_shape();
    let Some(shown) = found.shown_too_seldom([width, height]) else {
        return Ok(());
    };
    let (is, other) = match found.unit {
        PointUnit::Fraction => ("fraction", "pixels"),
        _ => ("pixels", "fraction"),
    };
    let all = found.places.len();
    Err(Error::data(format!(
        "the point \"{name}\" lies inside {shown} of {all} images only, if its columns are read as keypoints.unit = \"{is}\""
    ))
    .with_hint(format!(
        "try --set keypoints.unit={other}, or choose another point"
    )))
}
