//! Where the points of a scene appear in its image: the labels.

use std::f32::consts::TAU;

use glam::Vec3A;

use crate::eye::eyeball::RATIO;
use crate::eye::labels::{EyeLabels, Point};
use crate::eye::scene::Scene;
use crate::raycast::{Ray, refract};

/// Labels of the eye that `scene` shows.
pub(super) fn labels(scene: &Scene) -> EyeLabels {
    let labels = left_eye(scene);
    match scene.right_eye {
        true => labels.mirrored(scene.size[0] as f32),
        false => labels,
    }
}

/// Labels of the left eye that `scene` holds.
fn left_eye(scene: &Scene) -> EyeLabels {
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
    EyeLabels {
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
