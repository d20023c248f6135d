//! Between points of the scene and pixels.

use glam::{Mat3A, Vec3A};

use crate::eye::labels::Point;
use crate::raycast::Ray;

/// A pinhole camera that looks along the z axis of the camera frame, whose origin is the eyeball's middle.
#[derive(Clone, Debug)]
pub(super) struct View {
    position: Vec3A,
    /// Pixels a tangent.
    focal: f32,
    /// Where the optical axis meets the image.
    middle: Point,
}

impl View {
    /// A camera `distance` before `target`, which appears at `middle`, `scale` pixels a millimetre there.
    pub(super) fn new(target: Vec3A, distance: f32, scale: f32, middle: Point) -> Self {
        Self {
            position: target - Vec3A::Z * distance,
            focal: scale * distance,
            middle,
        }
    }

    /// Where a point appears.
    pub(super) fn project(&self, point: Vec3A) -> Point {
        let p = point - self.position;
        let scale = self.focal / p.z;
        [self.middle[0] + p.x * scale, self.middle[1] + p.y * scale]
    }

    /// The rays of pixels, in a frame whose axes are the columns of `axes`.
    pub(super) fn rays(&self, axes: Mat3A) -> Rays {
        let to_frame = axes.transpose();
        let across = to_frame * Vec3A::X / self.focal;
        let down = to_frame * Vec3A::Y / self.focal;
        Rays {
            origin: to_frame * self.position,
            corner: to_frame * Vec3A::Z - across * self.middle[0] - down * self.middle[1],
            across,
            down,
        }
    }

    /// Direction from the scene's middle to the camera.
    pub(super) fn towards_camera(&self) -> Vec3A {
        self.position.normalize()
    }

    /// Where the camera is.
    pub(super) fn position(&self) -> Vec3A {
        self.position
    }

    /// Pixels a millimetre at the eye.
    pub(super) fn scale(&self) -> f32 {
        self.focal / -self.position.z
    }
}

/// Rays through pixels in some frame.
#[derive(Clone, Debug)]
pub(super) struct Rays {
    origin: Vec3A,
    corner: Vec3A,
    across: Vec3A,
    down: Vec3A,
}

impl Rays {
    /// A direction of any length through a point of the image.
    #[inline]
    fn direction(&self, x: f32, y: f32) -> Vec3A {
        self.corner + self.across * x + self.down * y
    }

    /// The ray through a point of the image.
    #[inline]
    pub(super) fn through(&self, x: f32, y: f32) -> Ray {
        Ray {
            origin: self.origin,
            direction: self.direction(x, y).normalize(),
        }
    }

    /// The ray as points (x, y) by height before the plane z = 0: the point at height 0, and the way
    /// of one millimetre of height.
    #[inline]
    pub(super) fn by_height(&self, x: f32, y: f32) -> [Point; 2] {
        let direction = self.direction(x, y);
        let per_depth = 1.0 / direction.z;
        let (dx, dy) = (direction.x * per_depth, direction.y * per_depth);
        let start = [
            self.origin.x - self.origin.z * dx,
            self.origin.y - self.origin.z * dy,
        ];
        [start, [-dx, -dy]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raycast::rotation;

    #[test]
    fn rays_hit_what_is_projected_there() {
        let target = Vec3A::new(1.0, 0.5, -10.0);
        let view = View::new(target, 600.0, 1.4, [27.0, 18.0]);
        assert!((view.project(target)[1] - 18.0).abs() < 1e-3);
        let axes = rotation(0.2, -0.3, 0.1);
        let point = Vec3A::new(-6.0, 4.0, -3.0);
        let [x, y] = view.project(axes * point);
        let rays = view.rays(axes);
        let ray = rays.through(x, y);
        let miss = (point - ray.origin).cross(ray.direction).length();
        assert!(miss < 2e-3, "{miss}");
        let [start, way] = rays.by_height(x, y);
        assert!((start[0] + 3.0 * way[0] - point.x).abs() < 2e-3);
        assert!((start[1] + 3.0 * way[1] - point.y).abs() < 2e-3);
    }
}
