//! Between points of a sign and pixels.

use glam::Vec3A;

use crate::raycast;
use crate::signs::config::SignConfig;
use crate::signs::parameters::SignParameters;

/// A plane that holds a sign, seen by a pinhole camera at the origin of the camera frame (x right,
/// y down, z forward).
///
/// Points of the sign are in half widths of it, from its middle; pixels from the image's upper left
/// corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placement {
    /// Where the optical axis meets the image: in the sign's middle, for the image is a part of a
    /// camera's frame.
    middle: [f32; 2],
    /// Pixels a tangent.
    focal: f32,
    /// The sign's middle, and its axes to the right, down and to the front.
    centre: Vec3A,
    right: Vec3A,
    down: Vec3A,
    front: Vec3A,
}

impl Placement {
    pub(super) fn new(config: &SignConfig, parameters: &SignParameters) -> Self {
        let side = config.width.min(config.height) as f32;
        let scale = parameters.size * side / 2.0;
        let distance = 2.0 * parameters.distance;
        let [pitch, yaw, roll] = parameters.turn;
        let axes = raycast::rotation(pitch, yaw, roll);
        Self {
            middle: [0, 1].map(|axis| {
                let length = [config.width, config.height][axis] as f32;
                length / 2.0 + parameters.shift[axis] * side
            }),
            focal: scale * distance,
            centre: Vec3A::Z * distance,
            right: axes.x_axis,
            down: axes.y_axis,
            front: -axes.z_axis,
        }
    }

    /// Where a point of the sign appears.
    pub(super) fn project(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let point = self.centre + self.right * x + self.down * y;
        let scale = self.focal / point.z;
        [
            self.middle[0] + point.x * scale,
            self.middle[1] + point.y * scale,
        ]
    }

    /// The point of the sign's plane that appears at a pixel; `None` where the plane is behind the
    /// camera or edge-on.
    pub(super) fn point_at(&self, [x, y]: [f32; 2]) -> Option<[f32; 2]> {
        let across = (x - self.middle[0]) / self.focal;
        let along = (y - self.middle[1]) / self.focal;
        let direction = Vec3A::new(across, along, 1.0);
        let distance = self.centre.dot(self.front) / direction.dot(self.front);
        let met = direction * distance - self.centre;
        (distance > 0.0 && distance.is_finite()).then(|| [met.dot(self.right), met.dot(self.down)])
    }
}
