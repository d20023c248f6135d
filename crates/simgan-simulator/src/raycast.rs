//! Rays against spheres, refraction, and the rotations of the camera frame.

use glam::{Mat3A, Vec3A};

/// A half-line; `direction` has length 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ray {
    pub(super) origin: Vec3A,
    pub(super) direction: Vec3A,
}

impl Ray {
    pub(super) fn at(&self, distance: f32) -> Vec3A {
        self.origin + self.direction * distance
    }

    /// Distance to where the ray first enters a sphere, if it does.
    pub(super) fn enter_sphere(&self, centre: Vec3A, radius: f32) -> Option<f32> {
        let to_centre = centre - self.origin;
        let along = to_centre.dot(self.direction);
        // From the closest point, not from the discriminant: it stays exact for far cameras.
        let aside = (to_centre - self.direction * along).length_squared();
        let half_chord = radius * radius - aside;
        (half_chord >= 0.0).then(|| along - half_chord.sqrt())
    }
}

/// Direction behind a surface whose `normal` faces the ray, for a ratio of refractive indices before / behind.
pub(super) fn refract(direction: Vec3A, normal: Vec3A, ratio: f32) -> Vec3A {
    let cosine = -direction.dot(normal);
    let behind = 1.0 - ratio * ratio * (1.0 - cosine * cosine);
    direction * ratio + normal * (ratio * cosine - behind.max(0.0).sqrt())
}

/// Mirror direction.
pub(super) fn reflect(direction: Vec3A, normal: Vec3A) -> Vec3A {
    direction - normal * (2.0 * direction.dot(normal))
}

/// Unit vector of a pitch and a yaw in radians: `(-cos p sin y, -sin p, -cos p cos y)` in the camera frame
/// (x right, y down, z forward), MPIIGaze's convention.
pub(super) fn direction(pitch: f32, yaw: f32) -> Vec3A {
    let (sin_pitch, cos_pitch) = pitch.sin_cos();
    let (sin_yaw, cos_yaw) = yaw.sin_cos();
    -Vec3A::new(cos_pitch * sin_yaw, sin_pitch, cos_pitch * cos_yaw)
}

/// Pitch and yaw of a direction: the inverse of [`direction`].
pub(super) fn angles(direction: Vec3A) -> [f32; 2] {
    let d = direction.normalize();
    [(-d.y).asin(), (-d.x).atan2(-d.z)]
}

/// Rotation that turns (0, 0, -1) to [`direction`]`(pitch, yaw)`, after a turn by `roll` in the image,
/// clockwise if positive. Radians.
pub(super) fn rotation(pitch: f32, yaw: f32, roll: f32) -> Mat3A {
    // Columns are the turned axes. A positive pitch lifts the forward axis, which points at the camera.
    Mat3A::from_rotation_y(yaw) * Mat3A::from_rotation_x(-pitch) * Mat3A::from_rotation_z(roll)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(a: Vec3A, b: Vec3A) -> bool {
        (a - b).length() < 1e-5
    }

    proptest! {
        #[test]
        fn rotations_turn_the_forward_axis(pitch in -1.2f32..1.2, yaw in -1.2f32..1.2, roll in -1.0f32..1.0) {
            let turned = rotation(pitch, yaw, roll) * Vec3A::NEG_Z;
            prop_assert!(close(turned, direction(pitch, yaw)));
            let [p, y] = angles(turned);
            prop_assert!((p - pitch).abs() < 1e-4 && (y - yaw).abs() < 1e-4);
        }

        #[test]
        fn spheres_are_met_on_their_surface(x in -0.9f32..0.9, y in -0.4f32..0.4) {
            let ray = Ray { origin: Vec3A::new(x, y, -600.0), direction: Vec3A::Z };
            let met = ray.at(ray.enter_sphere(Vec3A::ZERO, 1.0).unwrap());
            prop_assert!((met.length() - 1.0).abs() < 1e-3 && met.z <= 0.0);
        }

        #[test]
        fn refraction_follows_snell(angle in 0.0f32..1.2) {
            let into = Vec3A::new(angle.sin(), 0.0, angle.cos());
            let out = refract(into, Vec3A::NEG_Z, 1.0 / 1.336);
            prop_assert!((out.length() - 1.0).abs() < 1e-5);
            prop_assert!((out.x * 1.336 - into.x).abs() < 1e-5);
        }
    }

    #[test]
    fn a_miss_is_none_and_mirrors_mirror() {
        let ray = Ray {
            origin: Vec3A::new(1.1, 0.0, -5.0),
            direction: Vec3A::Z,
        };
        assert!(ray.enter_sphere(Vec3A::ZERO, 1.0).is_none());
        assert_eq!(reflect(Vec3A::Z, Vec3A::NEG_Z), Vec3A::NEG_Z);
    }

    #[test]
    fn a_positive_roll_is_clockwise_in_the_image() {
        // y points down, so the right side of the head sinks.
        assert!((rotation(0.0, 0.0, 0.3) * Vec3A::X).y > 0.0);
    }
}
