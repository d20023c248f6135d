//! What UnityEyes' own export says of an image.
//!
//! Conventions are those that the reader (`simgan_data::unity_eyes`) documents: points are
//! `"(x, y, z)"` with y counted from the bottom of the image, `look_vec` has y upwards, and the head pose is in degrees
//! 0..360 with 180 for a yaw of 0. Depths are not known here and written as 0; `pupil_size` is the diameter of the pupil
//! over that of the iris, `iris_size` is in millimetres, `iris_texture` names the person. The shape of the face and the
//! lighting do not follow UnityEyes' models: these two are empty.

use serde_json::{Value, json};

use crate::eye::labels::{EyeLabels, Point};
use simgan_base::metrics::gaze_angle;

/// What UnityEyes says of an image `height` pixels high.
pub fn description(labels: &EyeLabels, height: f32) -> Value {
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
    let [x, y, z] = gaze_angle::vector(pitch, yaw);
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
