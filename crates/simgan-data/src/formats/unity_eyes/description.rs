//! What UnityEyes' description of an image says of its eye.
//!
//! **Gaze.** `look_vec` is (x, y, z) with x to the image's right, y *up* and z away from the camera, so (0, 0, -1)
//! looks into the camera. With y turned down it is the camera frame of this library, hence
//! `pitch = asin(y)` and `yaw = atan2(-x, -z)` of the unit vector.
//!
//! **UnityEyes2** describes what several cameras see. Its `look_vec` belongs to whichever camera was shown last. Each
//! camera has a `gaze_vector`, which is no direction: it is 0.01 (c + d), with y turned, where c is the camera's
//! `iris_center` and d the unit vector of the gaze. Hence d = (100 x - c_x, -100 y - c_y, 100 z - c_z).
//!
//! **Head.** `head_pose` is (pitch, yaw, roll) in degrees, 0..360, and a frontal head has yaw 180. As in public
//! loaders, `head_pitch = -pitch` and `head_yaw = -(yaw - 180)`, wrapped to -180..180, in radians.

use std::collections::HashMap;

#[cfg(any(test, feature = "testing"))]
use image::DynamicImage;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::formats::unity_eyes::eye::Eye;
use simgan_base::metrics::gaze_angle;
use simgan_base::{Error, Result};

/// How far the length of a unit vector may be off that was written with six decimals and multiplied by 100.
const ROUNDING: f64 = 0.01;
/// Reads the description of an image of this height in pixels; `name` is what errors call it.
///
/// UnityEyes2 describes several cameras: `camera` says which.
///
/// # Errors
/// The sentence starts with "its".
pub(super) fn describe(
    text: &[u8],
    name: &str,
    camera: Option<&str>,
    image_height: f64,
) -> Result<Eye> {
    let malformed = |e| Error::data(format!("its {name} is malformed: {e}"));
    let Some(camera) = camera else {
        let one: OneView = serde_json::from_slice(text).map_err(malformed)?;
        let gaze = direction(&one.eye_details.look_vec)?;
        return one.view.eye(&one.eye_details, gaze, image_height);
    };
    let mut several: SeveralViews = serde_json::from_slice(text).map_err(malformed)?;
    let count = several.cameras.len();
    let view = several.cameras.remove(camera);
    let view = view.ok_or_else(|| Error::data(format!("its {name} has no camera `{camera}`")))?;
    let gaze = match &view.ground_truth {
        Some(truth) => truth.direction()?,
        // The only camera is the one that was shown.
        None if count == 1 => direction(&several.eye_details.look_vec)?,
        None => {
            let what = format!("its {name} has no gaze direction of the camera `{camera}`");
            return Err(Error::data(what));
        }
    };
    view.eye(&several.eye_details, gaze, image_height)
}

/// Whether `text` is sound JSON that describes something else than an eye of UnityEyes.
pub(super) fn is_foreign(text: &[u8]) -> bool {
    let members = serde_json::from_slice::<HashMap<String, IgnoredAny>>(text);
    match members {
        Ok(members) => !members.contains_key("eye_details"),
        Err(_) => serde_json::from_slice::<IgnoredAny>(text).is_ok(),
    }
}

/// Reads a description, and cuts the eye out of an image.
#[cfg(any(test, feature = "testing"))]
pub(super) fn describe_and_crop(text: &[u8]) -> Result<String> {
    let image = DynamicImage::new_rgb8(64, 48);
    let read = |camera| {
        let eye = describe(text, "1.json", camera, 48.0)?;
        eye.crop(&image)?;
        Ok(eye.labels())
    };
    read(None).or_else(|_: Error| read(Some("cam0")))
}

/// A description of UnityEyes, as far as it is used.
#[derive(Deserialize)]
struct OneView {
    eye_details: EyeDetails,
    #[serde(flatten)]
    view: View,
}

/// A description of UnityEyes2.
#[derive(Deserialize)]
struct SeveralViews {
    eye_details: EyeDetails,
    #[serde(default)]
    cameras: HashMap<String, View>,
}

/// What a camera sees.
#[derive(Deserialize)]
struct View {
    interior_margin_2d: Vec<String>,
    #[serde(default)]
    iris_2d: Vec<String>,
    head_pose: String,
    ground_truth: Option<GroundTruth>,
}

/// Where the iris is and where it looks, as a camera of UnityEyes2 sees it.
#[derive(Deserialize)]
struct GroundTruth {
    iris_center: String,
    gaze_vector: String,
}

#[derive(Deserialize)]
struct EyeDetails {
    look_vec: String,
    /// A number, or its text, with a decimal point or comma.
    #[serde(default)]
    pupil_size: serde_json::Value,
}

impl View {
    /// `gaze` is a direction with y up, as `look_vec`.
    fn eye(&self, details: &EyeDetails, gaze: [f64; 3], image_height: f64) -> Result<Eye> {
        let (low, high) = bounds(&self.interior_margin_2d, "interior_margin_2d")?;
        let (iris_low, iris_high) = match self.iris_2d.is_empty() {
            true => (low, high),
            false => bounds(&self.iris_2d, "iris_2d")?,
        };
        let head = numbers(&self.head_pose, 3, "head_pose")?;
        if gaze.iter().all(|&v| v == 0.0) || high[0] <= low[0] {
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
            gaze: gaze_angle::pitch_yaw([gaze[0], -gaze[1], gaze[2]]),
            head: [
                -wrapped(head[0]),
                -wrapped(head[1] - 180.0),
                wrapped(head[2]),
            ],
            pupil_size: match &details.pupil_size {
                serde_json::Value::String(text) => numbers(text, 1, "eye_details.pupil_size")?[0],
                value => value.as_f64().unwrap_or(0.0),
            },
        })
    }
}

impl GroundTruth {
    /// The unit vector of the gaze, with y up.
    fn direction(&self) -> Result<[f64; 3]> {
        let centre = numbers(&self.iris_center, 3, "ground_truth.iris_center")?;
        let point = numbers(&self.gaze_vector, 3, "ground_truth.gaze_vector")?;
        let direction = [
            100.0 * point[0] - centre[0],
            -100.0 * point[1] - centre[1],
            100.0 * point[2] - centre[2],
        ];
        let length = direction.iter().map(|v| v * v).sum::<f64>().sqrt();
        if (length - 1.0).abs() > ROUNDING {
            return Err(Error::data(format!(
                "its ground_truth.gaze_vector `{}` is no gaze from the iris_center `{}`: they are {length:.3} apart, not 1",
                self.gaze_vector, self.iris_center
            )));
        }
        Ok(direction)
    }
}

/// The direction in `look_vec`, with y up.
fn direction(look_vec: &str) -> Result<[f64; 3]> {
    let look = numbers(look_vec, 3, "eye_details.look_vec")?;
    Ok([look[0], look[1], look[2]])
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
