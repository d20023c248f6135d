//! Gaze directions: unit vector and (pitch, yaw), and the angle between two of them.
//!
//! Camera frame as in MPIIGaze: x right, y down, z forward. A person looking straight into the
//! camera has pitch = yaw = 0, the vector (0, 0, -1):
//!
//! ```text
//! g(pitch, yaw) = (-cos pitch sin yaw, -sin pitch, -cos pitch cos yaw)
//! pitch = asin(-g_y), yaw = atan2(-g_x, -g_z)
//! ```

use num_traits::Float;

/// Unit gaze vector of `pitch` and `yaw` (radians).
pub fn vector<T: Float>(pitch: T, yaw: T) -> [T; 3] {
    [
        -pitch.cos() * yaw.sin(),
        -pitch.sin(),
        -pitch.cos() * yaw.cos(),
    ]
}

/// `[pitch, yaw]` (radians) of a gaze vector of any positive length.
///
/// Pitch is in [-pi/2, pi/2], yaw in [-pi, pi]. The vector need not be a unit vector: the network
/// of the paper (section 3.1) regresses three free numbers. The zero vector gives `[0, 0]`.
pub fn pitch_yaw(gaze: [f64; 3]) -> [f64; 2] {
    let [x, y, z] = gaze;
    if gaze == [0.0; 3] {
        return [0.0, 0.0];
    }
    // atan2 instead of asin: exact where |y| is near the length, and no division by the length.
    [(-y).atan2(x.hypot(z)), (-x).atan2(-z)]
}

/// Angle between two vectors in degrees, 0..=180; 90 where one of them is zero.
///
/// `atan2(|a x b|, a . b)` is accurate at every angle; `acos(a . b)` loses half of the digits near 0.
pub fn angular_error_degrees(a: [f64; 3], b: [f64; 3]) -> f64 {
    let cross = [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ];
    let sine = dot(cross, cross).sqrt();
    let cosine = dot(a, b);
    if sine == 0.0 && cosine == 0.0 {
        return 90.0;
    }
    sine.atan2(cosine).to_degrees()
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frontal_gaze_looks_along_minus_z() {
        let [x, y, z] = vector(0.0, 0.0);
        assert_eq!((x.abs(), y.abs(), z), (0.0, 0.0, -1.0));
        // Looking up: y (down) is negative. Positive yaw: x is negative.
        assert!(vector(0.1, 0.0)[1] < 0.0 && vector(0.0, 0.1)[0] < 0.0);
    }

    #[test]
    fn tiny_angles_are_exact() {
        let error = angular_error_degrees(vector(0.0, 0.0), vector(1e-9, 0.0));
        assert!((error.to_radians() - 1e-9).abs() < 1e-18, "{error}");
        assert_eq!(
            angular_error_degrees(vector(0.3, 0.4), vector(0.3, 0.4)),
            0.0
        );
    }

    #[test]
    fn large_and_degenerate_angles() {
        assert!((angular_error_degrees([0.0, 0.0, 1.0], [0.0, 0.0, -2.0]) - 180.0).abs() < 1e-12);
        assert_eq!(angular_error_degrees([0.0; 3], [0.0, 0.0, -1.0]), 90.0);
        assert_eq!(pitch_yaw([0.0; 3]), [0.0, 0.0]);
        assert!((pitch_yaw([0.0, -3.0, 0.0])[0] - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn pitch_and_yaw_survive_the_vector(pitch in -1.5..1.5, yaw in -3.1..3.1, length in 0.01..10.0) {
            let [p, y] = pitch_yaw(vector::<f64>(pitch, yaw).map(|v| v * length));
            prop_assert!((p - pitch).abs() < 1e-9 && (y - yaw).abs() < 1e-9);
        }

        #[test]
        fn a_pure_pitch_difference_is_the_error(pitch in -1.0..1.0, difference in -0.5..0.5, yaw in -3.0..3.0) {
            let error = angular_error_degrees(vector(pitch, yaw), vector(pitch + difference, yaw));
            prop_assert!((error - f64::abs(difference).to_degrees()).abs() < 1e-9);
        }
    }
}
