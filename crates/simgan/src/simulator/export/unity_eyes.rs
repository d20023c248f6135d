//! The layout of UnityEyes' own export: `1.jpg` beside `1.json`, image `index` being number `index + 1`.
//!
//! Conventions are those that the reader ([`datasets::unity_eyes`](crate::datasets::unity_eyes)) documents: points are
//! `"(x, y, z)"` with y counted from the bottom of the image, `look_vec` has y upwards, and the head pose is in degrees
//! 0..360 with 180 for a yaw of 0. Depths are not known here and written as 0; `pupil_size` is the diameter of the pupil
//! over that of the iris, `iris_size` is in millimetres, `iris_texture` names the person. The shape of the face and the
//! lighting do not follow UnityEyes' models: these two are empty.

use std::io::Cursor;
use std::path::Path;

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use serde_json::{Value, json};

use super::Export;
use crate::datasets::targets::gaze_vector;
use crate::simulator::eye::{EyeLabels, Point};
use crate::{Error, Result, disk};

/// Quality of the images, of 100.
const JPEG_QUALITY: u8 = 95;

/// Writes all images and their descriptions into `folder`.
pub(super) fn write(
    export: &Export,
    folder: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<()> {
    let make = |index: u64| {
        let (image, labels) = export.scene.sample(index);
        let number = index + 1;
        disk::write(&folder.join(format!("{number}.jpg")), jpeg(&image)?)?;
        let text = format!("{:#}\n", description(&labels, image.height() as f32));
        disk::write(&folder.join(format!("{number}.json")), text)
    };
    export.for_each(make, Ok, progress)
}

fn jpeg(image: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(vec![]);
    image
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))
        .map_err(|e| Error::data(format!("an image cannot be written as JPEG: {e}")))?;
    Ok(bytes.into_inner())
}

/// What UnityEyes says of an image `height` pixels high.
fn description(labels: &EyeLabels, height: f32) -> Value {
    let points = |points: &[Point]| -> Vec<String> {
        points
            .iter()
            .map(|[x, y]| vector(&[*x, height - y, 0.0]))
            .collect()
    };
    json!({
        "interior_margin_2d": points(&labels.interior_margin),
        "caruncle_2d": points(&labels.caruncle),
        "iris_2d": points(&labels.iris_outline),
        "eye_details": {
            "look_vec": look_vector(labels.gaze),
            "pupil_size": format!("{:.6}", labels.pupil_size),
            "iris_size": format!("{:.4}", labels.iris_size),
            "iris_texture": format!("person_{}", labels.person),
        },
        "lighting_details": {},
        "eye_region_details": { "pca_shape_coeffs": [] },
        "head_pose": head_pose(labels.head),
    })
}

/// `"(x, y, z, 0.0000)"` with y upwards.
fn look_vector([pitch, yaw]: [f32; 2]) -> String {
    let [x, y, z] = gaze_vector(pitch, yaw);
    vector(&[x, -y, z, 0.0])
}

/// `"(pitch, yaw, roll)"` in degrees 0..360.
fn head_pose([pitch, yaw, roll]: [f32; 3]) -> String {
    // Rounded first, so that what is just below 0 does not become 360.
    let turned = |degrees: f32| ((degrees * 1e4).round() / 1e4).rem_euclid(360.0);
    vector(&[
        turned(-pitch.to_degrees()),
        turned(180.0 - yaw.to_degrees()),
        turned(roll.to_degrees()),
    ])
}

/// `"(1.0000, 2.0000, 3.0000)"`.
fn vector(values: &[f32]) -> String {
    // Adding 0 turns -0 into 0.
    let text = |value: &f32| format!("{:.4}", value + 0.0);
    let texts: Vec<String> = values.iter().map(text).collect();
    format!("({})", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::{Dataset, OpenOptions, Preprocessing};
    use crate::simulator::eye::{EyeConfig, EyeSimulator};

    /// Eyes that look and turn in all directions.
    fn eyes(config: &EyeConfig) -> Vec<EyeLabels> {
        let simulator = EyeSimulator::new(config.clone(), 1).unwrap();
        let signs =
            |index: u64| [0, 1, 2].map(|bit| if index >> bit & 1 == 0 { 1.0 } else { -1.0 });
        let turned = |index| {
            let [a, b, c] = signs(index);
            EyeLabels {
                gaze: [0.3 * a, 0.4 * b],
                head: [0.2 * c, 0.5 * a, 0.1 * b],
                ..simulator.labels(index)
            }
        };
        (0..8).map(turned).collect()
    }

    #[test]
    fn labels_survive_the_projects_own_reader() {
        let dir = tempfile::tempdir().unwrap();
        let config = EyeConfig {
            width: 640,
            height: 480,
            ..Default::default()
        };
        let eyes = eyes(&config);
        let image = jpeg(&RgbImage::new(640, 480)).unwrap();
        for (number, labels) in (1..).zip(&eyes) {
            let text = description(labels, 480.0).to_string();
            fs_err::write(dir.path().join(format!("{number}.json")), text).unwrap();
            fs_err::write(dir.path().join(format!("{number}.jpg")), &image).unwrap();
        }
        let options = OpenOptions {
            cache_dir: Some(dir.path().join("cache")),
            ..Default::default()
        };
        let source = dir.path().display().to_string();
        let chain = Preprocessing::default();
        let dataset = Dataset::open(&source, &chain, &options).unwrap();
        let column = |name: &str| dataset.column(name).unwrap();
        for (name, truth) in [
            ("gaze_pitch", (|eye| eye.gaze[0]) as fn(&EyeLabels) -> f32),
            ("gaze_yaw", |eye| eye.gaze[1]),
            ("head_pitch", |eye| eye.head[0]),
            ("head_yaw", |eye| eye.head[1]),
            ("head_roll", |eye| eye.head[2]),
            ("pupil_size", |eye| eye.pupil_size),
        ] {
            for (read, eye) in column(name).into_iter().zip(&eyes) {
                assert!(
                    (read - truth(eye)).abs() < 1e-3,
                    "{name}: {read} {}",
                    truth(eye)
                );
            }
        }
        let iris = column("iris_x").into_iter().zip(column("iris_y"));
        for ((x, y), eye) in iris.zip(&eyes) {
            let [[left, right], [top, bottom]] = [0, 1].map(|axis| {
                let values = eye.interior_margin.map(|point| point[axis]);
                [
                    values.into_iter().fold(f32::INFINITY, f32::min),
                    values.into_iter().fold(f32::NEG_INFINITY, f32::max),
                ]
            });
            // The reader cuts a box of 1.75 x the eye's width and 4:2.5, which becomes 55 x 35.
            let width = 1.75 * (right - left);
            let crop_x = 55.0 * (0.5 + (eye.iris_centre[0] - (left + right) / 2.0) / width);
            let crop_y = 35.0 * (0.5 + (eye.iris_centre[1] - (top + bottom) / 2.0) / (width / 1.6));
            assert!((55.0 * x - crop_x).abs() < 0.5, "{x} {crop_x}");
            assert!((35.0 * y - crop_y).abs() < 0.5, "{y} {crop_y}");
        }
    }

    #[test]
    fn angles_keep_their_signs() {
        assert_eq!(look_vector([0.0, 0.0]), "(0.0000, 0.0000, -1.0000, 0.0000)");
        let up_and_left = look_vector([0.5, 0.25]);
        assert_eq!(up_and_left, "(-0.2171, 0.4794, -0.8503, 0.0000)");
        let pose = head_pose([0.1, -0.2, 0.3]);
        assert_eq!(pose, "(354.2704, 191.4592, 17.1887)");
    }

    #[test]
    fn angles_beside_zero_stay_beside_zero() {
        assert_eq!(head_pose([1e-9, 0.0, -1e-9]), "(0.0000, 180.0000, 0.0000)");
    }
}
