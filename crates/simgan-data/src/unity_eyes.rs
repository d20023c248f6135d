//! UnityEyes' own export: `N.jpg` beside `N.json`.
//!
//! The crop is a box of 1.75 x the eye's width and an aspect of 4:2.5 round the centre of the eye's interior margin,
//! as in public loaders; what lies outside the image repeats its edge. The chain then makes it grey and resizes it.
//!
//! **Gaze.** `look_vec` is (x, y, z) with x to the image's right, y *up* and z away from the camera, so (0, 0, -1)
//! looks into the camera. With y turned down it is the camera frame of this library, hence
//! `pitch = asin(y)` and `yaw = atan2(-x, -z)` of the unit vector.
//!
//! **Head.** `head_pose` is (pitch, yaw, roll) in degrees, 0..360, and a frontal head has yaw 180. As in public
//! loaders, `head_pitch = -pitch` and `head_yaw = -(yaw - 180)`, wrapped to -180..180, in radians.

use std::path::Path;

use image::{DynamicImage, GenericImageView, RgbImage};
use serde::Deserialize;

use crate::Quarantine;
use crate::decode::decode;
use crate::listing::Listing;
use crate::reader::{Item, Reader, Row, Table};
use simgan_base::files::limits;
use simgan_base::metrics::gaze_angle;
use simgan_base::{Error, Result};

/// Width of the crop in eye widths.
const EYE_WIDTHS: f64 = 1.75;
/// Width of the crop over its height.
const ASPECT: f64 = 4.0 / 2.5;
/// Most pixels of a crop: more than those of an eye that fills an image of 3840x2160.
const MAX_CROP: f64 = 1e7;
/// Columns of the labels; iris and eye centre are in crop widths and heights from its upper left corner.
const HEADER: &str =
    "file,gaze_pitch,gaze_yaw,head_pitch,head_yaw,head_roll,pupil_size,iris_x,iris_y";

/// Whether a file belongs to an export.
pub(crate) fn is_wanted(name: &str) -> bool {
    stem(name, ".jpg").or_else(|| stem(name, ".json")).is_some()
}

/// Whether `folder` holds at least one image with its description.
pub(crate) fn is_export(folder: &Path) -> Result<bool> {
    for entry in fs_err::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| stem(name, ".json"));
        if number.is_some_and(|n| folder.join(format!("{n}.jpg")).is_file()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `N` of `N.jpg`, directly in the folder, N being digits.
fn stem<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let stem = name.strip_suffix(ending)?;
    (!stem.is_empty() && stem.bytes().all(|c| c.is_ascii_digit())).then_some(stem)
}

/// The images that have a description.
pub(crate) struct UnityEyes {
    listing: Listing,
    /// (image, description) in the listing.
    pairs: Vec<(u32, u32)>,
    left_out: Quarantine,
}

impl UnityEyes {
    /// Pairs images and descriptions; what has no partner is left out.
    pub(crate) fn plan(listing: Listing) -> Self {
        let sorted = listing.names.sorted();
        let (mut pairs, mut left_out) = (vec![], Quarantine::default());
        for (index, name) in listing.names.iter().enumerate() {
            let partner = match (stem(name, ".jpg"), stem(name, ".json")) {
                (Some(number), _) => format!("{number}.json"),
                (_, Some(number)) => format!("{number}.jpg"),
                _ => continue,
            };
            match listing.names.find(&sorted, &partner) {
                Some(description) if name.ends_with(".jpg") => {
                    pairs.push((index as u32, description as u32))
                }
                Some(_) => {}
                None => left_out.push(name, format!("there is no {partner} beside it")),
            }
        }
        Self {
            listing,
            pairs,
            left_out,
        }
    }

    fn read_pair(&self, image: usize, description: usize) -> Result<(DynamicImage, Eye)> {
        let image = decode(self.listing.image(image)?)?;
        let name = self.listing.names.get(description);
        let text = self.listing.read(description, limits::DESCRIPTION);
        let text = text.map_err(|e| Error::data(format!("its {name}: {e}")).with_source(e))?;
        let eye = describe(&text, name, f64::from(image.height()))?;
        Ok((eye.crop(&image)?, eye))
    }
}

impl Reader for UnityEyes {
    fn units(&self) -> usize {
        self.pairs.len()
    }

    fn read(&self, unit: usize) -> Vec<Item> {
        let (image, description) = self.pairs[unit];
        let name = self.listing.names.get(image as usize).to_owned();
        let (image, row) = match self.read_pair(image as usize, description as usize) {
            Ok((image, eye)) => (Ok(image), Row::New(format!("{name},{}", eye.labels()))),
            Err(error) => (Err(error), Row::None),
        };
        vec![Item { name, image, row }]
    }

    fn table(&self) -> Table {
        Table::Generated(HEADER.into())
    }

    fn left_out(&self) -> Quarantine {
        self.left_out.clone()
    }
}

/// Reads a description; `name` is what errors call it.
fn describe(text: &[u8], name: &str, image_height: f64) -> Result<Eye> {
    let description: Description = serde_json::from_slice(text)
        .map_err(|e| Error::data(format!("its {name} is malformed: {e}")))?;
    description.eye(image_height)
}

/// Reads a description, and cuts the eye out of an image.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn describe_and_crop(text: &[u8]) -> Result<String> {
    let eye = describe(text, "1.json", 48.0)?;
    eye.crop(&DynamicImage::new_rgb8(64, 48))?;
    Ok(eye.labels())
}

/// The part of a description that is used.
#[derive(Deserialize)]
struct Description {
    interior_margin_2d: Vec<String>,
    #[serde(default)]
    iris_2d: Vec<String>,
    eye_details: EyeDetails,
    head_pose: String,
}

#[derive(Deserialize)]
struct EyeDetails {
    look_vec: String,
    /// A number, or its text, with a decimal point or comma.
    #[serde(default)]
    pupil_size: serde_json::Value,
}

/// What a description says of the eye: pixels from the image's upper left corner, radians.
#[derive(Debug)]
struct Eye {
    centre: [f64; 2],
    width: f64,
    iris: [f64; 2],
    gaze: [f64; 2],
    head: [f64; 3],
    pupil_size: f64,
}

impl Description {
    fn eye(&self, image_height: f64) -> Result<Eye> {
        let (low, high) = bounds(&self.interior_margin_2d, "interior_margin_2d")?;
        let (iris_low, iris_high) = match self.iris_2d.is_empty() {
            true => (low, high),
            false => bounds(&self.iris_2d, "iris_2d")?,
        };
        let look = numbers(&self.eye_details.look_vec, 3, "eye_details.look_vec")?;
        let head = numbers(&self.head_pose, 3, "head_pose")?;
        if look[..3].iter().all(|&v| v == 0.0) || high[0] <= low[0] {
            return Err(Error::data(
                "its description has no gaze direction or no eye",
            ));
        }
        let middle = |low: [f64; 2], high: [f64; 2]| {
            // Heights are counted from the bottom of the image.
            [
                (low[0] + high[0]) / 2.0,
                image_height - (low[1] + high[1]) / 2.0,
            ]
        };
        Ok(Eye {
            centre: middle(low, high),
            width: high[0] - low[0],
            iris: middle(iris_low, iris_high),
            gaze: gaze_angle::pitch_yaw([look[0], -look[1], look[2]]),
            head: [
                -wrapped(head[0]),
                -wrapped(head[1] - 180.0),
                wrapped(head[2]),
            ],
            pupil_size: match &self.eye_details.pupil_size {
                serde_json::Value::String(text) => numbers(text, 1, "eye_details.pupil_size")?[0],
                value => value.as_f64().unwrap_or(0.0),
            },
        })
    }
}

impl Eye {
    fn crop_size(&self) -> (f64, f64) {
        let width = EYE_WIDTHS * self.width;
        (width, width / ASPECT)
    }

    /// The box round the eye; pixels outside the image repeat its edge.
    fn crop(&self, image: &DynamicImage) -> Result<DynamicImage> {
        let (width, height) = self.crop_size();
        let left = (self.centre[0] - width / 2.0).round() as i64;
        let top = (self.centre[1] - height / 2.0).round() as i64;
        // An eye cannot be wider than a few images; a damaged description can.
        let fits = |length: f64, image: u32| length <= 4.0 * f64::from(image);
        if !fits(width, image.width()) || !fits(height, image.height()) || width * height > MAX_CROP
        {
            return Err(Error::data(format!(
                "its eye is too wide for it: {width:e}x{height:e} pixels would be cut out"
            )));
        }
        let side = |length: f64| (length.round() as u32).max(1);
        let (columns, rows) = (side(width), side(height));
        let inside = |at: i64, length: u32| at.clamp(0, i64::from(length) - 1) as u32;
        let crop = RgbImage::from_fn(columns, rows, |x, y| {
            let x = inside(left.saturating_add(i64::from(x)), image.width());
            let y = inside(top.saturating_add(i64::from(y)), image.height());
            let [red, green, blue, _] = image.get_pixel(x, y).0;
            image::Rgb([red, green, blue])
        });
        Ok(DynamicImage::ImageRgb8(crop))
    }

    /// The fields below [`HEADER`], without the file.
    fn labels(&self) -> String {
        let (width, height) = self.crop_size();
        let iris_x = 0.5 + (self.iris[0] - self.centre[0]) / width;
        let iris_y = 0.5 + (self.iris[1] - self.centre[1]) / height;
        let ([pitch, yaw], [head_pitch, head_yaw, head_roll]) = (self.gaze, self.head);
        format!(
            "{pitch:.6},{yaw:.6},{head_pitch:.6},{head_yaw:.6},{head_roll:.6},{:.6},{iris_x:.6},{iris_y:.6}",
            self.pupil_size
        )
    }
}

/// Smallest and largest x and y of a list of points.
fn bounds(points: &[String], key: &str) -> Result<([f64; 2], [f64; 2])> {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for point in points {
        let point = numbers(point, 2, key)?;
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    if points.is_empty() {
        return Err(Error::data(format!(
            "its description has no points in {key}"
        )));
    }
    Ok((low, high))
}

/// The numbers of `"(1.5, 2.5, 3.5)"`, or with decimal commas `"(1,5, 2,5, 3,5)"`: at least `least`.
fn numbers(text: &str, least: usize, key: &str) -> Result<Vec<f64>> {
    let inner = text.trim().trim_start_matches('(').trim_end_matches(')');
    // Numbers are separated by ", "; a comma inside one is decimal.
    let parts: Vec<&str> = match inner.contains(", ") {
        true => inner.split(", ").collect(),
        false if inner.contains('.') => inner.split(',').collect(),
        false if least > 1 => inner.split(',').collect(),
        false => vec![inner],
    };
    let numbers: Option<Vec<f64>> = parts
        .iter()
        .map(|part| {
            part.trim()
                .replace(',', ".")
                .parse()
                .ok()
                .filter(|v: &f64| v.is_finite())
        })
        .collect();
    numbers
        .filter(|numbers| numbers.len() >= least)
        .ok_or_else(|| {
            Error::data(format!(
                "its description has `{text}` for {key}, not {least} numbers or more"
            ))
        })
}

/// Degrees as radians in (-pi, pi].
fn wrapped(degrees: f64) -> f64 {
    let turned = degrees.rem_euclid(360.0);
    (if turned > 180.0 {
        turned - 360.0
    } else {
        turned
    })
    .to_radians()
}
