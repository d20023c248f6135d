//! What is known of a simulated eye. Pixels are counted from the image's upper left corner, so that the
//! middle of the first pixel is at (0.5, 0.5).

use std::f32::consts::TAU;

use glam::Vec3A;

use crate::eye::eyeball::RATIO;
use crate::eye::scene::Scene;
use crate::raycast::{Ray, refract};

/// A point of the image in pixels (x to the right, y down).
pub type Point = [f32; 2];

/// The truth about one image. Angles in radians in the camera frame (x right, y down, z forward):
/// a gaze of pitch p and yaw y is the direction (-cos p sin y, -sin p, -cos p cos y).
#[derive(Clone, Debug, PartialEq)]
pub struct EyeLabels {
    /// Gaze pitch and yaw.
    pub gaze: [f32; 2],
    /// Head pitch, yaw and roll: pitch and yaw of the direction the face looks, by the same formula as the gaze's;
    /// roll is clockwise in the image.
    pub head: [f32; 3],
    /// Centre of the iris' outline (the limbus).
    pub iris_centre: Point,
    /// Centre of the pupil as it is seen through the cornea.
    pub pupil_centre: Point,
    /// The iris' outline, whether lids cover it or not.
    pub iris_outline: [Point; 32],
    /// The pupil's outline as seen through the cornea, whether lids cover it or not.
    pub pupil_outline: [Point; 32],
    /// Corner beside the nose.
    pub inner_corner: Point,
    /// Corner beside the temple.
    pub outer_corner: Point,
    /// Edge of the lids: 0 is the inner corner, then along the lower lid to 8, the outer corner,
    /// and back along the upper lid.
    pub interior_margin: [Point; 16],
    /// Outline of the caruncle, the flesh in the inner corner.
    pub caruncle: [Point; 7],
    /// Diameter of the pupil over that of the iris.
    pub pupil_size: f32,
    /// Diameter of the iris in millimetres.
    pub iris_size: f32,
    /// Which person, 0..persons.
    pub person: u32,
}

impl EyeLabels {
    /// Labels of the left eye that `scene` holds.
    pub(super) fn of(scene: &Scene) -> Self {
        let parameters = &scene.parameters;
        let project = |p: Vec3A| scene.view.project(scene.head * p);
        let on_face = |x: f32, y: f32| project(Vec3A::new(x, y, -scene.face().height(x, y)));
        let (lids, globe) = (&scene.lids, &scene.globe);
        let pupil = globe.pupil(parameters);
        let iris_outline = std::array::from_fn(|i| project(on_circle(scene, globe.iris_radius, i)));
        let pupil_outline =
            std::array::from_fn(|i| project(through_cornea(scene, on_circle(scene, pupil, i))));
        let margin = |i: usize| {
            let share = if i <= 8 { i } else { 16 - i } as f32 / 8.0;
            let x = lids.inner[0] + share * (lids.outer[0] - lids.inner[0]);
            let edges = lids.edges(x);
            on_face(x, if i <= 8 { edges.lower } else { edges.upper })
        };
        Self {
            gaze: parameters.gaze,
            head: parameters.head,
            iris_centre: middle(&iris_outline),
            pupil_centre: middle(&pupil_outline),
            iris_outline,
            pupil_outline,
            inner_corner: on_face(lids.inner[0], lids.inner[1]),
            outer_corner: on_face(lids.outer[0], lids.outer[1]),
            interior_margin: std::array::from_fn(margin),
            caruncle: std::array::from_fn(|i| caruncle(scene, i)).map(|[x, y]| on_face(x, y)),
            pupil_size: pupil / globe.iris_radius,
            iris_size: 2.0 * globe.iris_radius,
            person: parameters.person,
        }
    }

    /// Labels of the mirror image, `width` pixels wide. Outlines run the other way round.
    #[must_use]
    pub fn mirrored(&self, width: f32) -> Self {
        let flip = |[x, y]: Point| [width - x, y];
        Self {
            gaze: [self.gaze[0], -self.gaze[1]],
            head: [self.head[0], -self.head[1], -self.head[2]],
            iris_centre: flip(self.iris_centre),
            pupil_centre: flip(self.pupil_centre),
            iris_outline: self.iris_outline.map(flip),
            pupil_outline: self.pupil_outline.map(flip),
            inner_corner: flip(self.inner_corner),
            outer_corner: flip(self.outer_corner),
            interior_margin: self.interior_margin.map(flip),
            caruncle: self.caruncle.map(flip),
            ..*self
        }
    }
}

/// Point `index` of 32 on a circle of the iris' plane, in the head's frame.
fn on_circle(scene: &Scene, radius: f32, index: usize) -> Vec3A {
    let (sin, cos) = (TAU * index as f32 / 32.0).sin_cos();
    scene.eyeball * Vec3A::new(radius * cos, radius * sin, -scene.globe.iris_depth)
}

/// Point of the cornea at which a point behind it appears.
///
/// The ray from the camera that meets `point` behind the cornea is found by fixed-point iteration: aim beside
/// the point by as much as the ray before missed it.
fn through_cornea(scene: &Scene, point: Vec3A) -> Vec3A {
    let camera = scene.head.transpose() * scene.view.position();
    let gaze = scene.gaze();
    let centre = scene.globe.cornea(gaze);
    let mut aim = point;
    let mut seen = point;
    for _ in 0..5 {
        let ray = Ray {
            origin: camera,
            direction: (aim - camera).normalize(),
        };
        let Some(distance) = ray.enter_sphere(centre, scene.globe.cornea_radius) else {
            return seen;
        };
        seen = ray.at(distance);
        let normal = (seen - centre) / scene.globe.cornea_radius;
        let inside = refract(ray.direction, normal, RATIO);
        let descent = (scene.globe.iris_depth - seen.dot(gaze)) / inside.dot(gaze);
        aim += point - (seen + inside * descent);
    }
    seen
}

/// Point `index` of 7 round the caruncle, in the front plane of the head.
fn caruncle(scene: &Scene, index: usize) -> Point {
    let lids = &scene.lids;
    // From the upper edge round the corner to the lower one.
    let share = [0.14, 0.08, 0.03, 0.0, 0.03, 0.08, 0.14][index];
    let x = lids.inner[0] + share * (lids.outer[0] - lids.inner[0]);
    let edges = lids.edges(x);
    [x, if index < 3 { edges.upper } else { edges.lower }]
}

fn middle(points: &[Point; 32]) -> Point {
    [0, 1].map(|axis| points.iter().map(|p| p[axis]).sum::<f32>() / 32.0)
}
