//! The image shows what the labels say.

use glam::Vec3A;

use crate::eye::eyeball::Material;
use crate::eye::labelling::labels;
use crate::eye::labels::Point;
use crate::eye::scene::Scene;
use crate::eye::{EyeConfig, EyeParameters, EyeSimulator, Side};
use crate::picture::{Picture, luma};

/// Wide open eyes without lashes, mirror images and blur, so that nothing hides the iris.
fn bare(width: usize) -> EyeConfig {
    EyeConfig {
        width,
        height: width * 35 / 55,
        gaze_pitch: [-8.0, 4.0],
        lid_opening: [1.6, 1.6],
        lashes: [0.0, 0.0],
        highlights: [0.0, 0.0],
        blur: [0.0, 0.0],
        side: Side::Both,
        ..EyeConfig::default()
    }
}

fn render(config: &EyeConfig, parameters: &EyeParameters) -> Picture {
    Scene::new(config, parameters).render()
}

/// Where two pictures differ by more than half of the largest difference, and how far that is from `expected`.
fn miss(a: &Picture, b: &Picture, expected: Point) -> f32 {
    let differences: Vec<f32> = a
        .pixels
        .iter()
        .zip(&b.pixels)
        .map(|(&a, &b)| (luma(a) - luma(b)).abs() / (luma(a) + luma(b)))
        .collect();
    let most = differences.iter().copied().fold(0.0, f32::max);
    let mut sum = [0.0f32; 3];
    for (index, _) in differences
        .iter()
        .enumerate()
        .filter(|(_, d)| **d > most / 2.0)
    {
        let (x, y) = (index % a.width, index / a.width);
        sum = [
            sum[0] + x as f32 + 0.5,
            sum[1] + y as f32 + 0.5,
            sum[2] + 1.0,
        ];
    }
    (sum[0] / sum[2] - expected[0]).hypot(sum[1] / sum[2] - expected[1])
}

/// Whether all of `points` lie between the lids, `margin` pixels or more from them.
fn between_lids(points: &[Point], lids: &[Point; 16], margin: f32) -> bool {
    points.iter().all(|&[x, y]| {
        let bound = |side: &mut dyn Iterator<Item = usize>| {
            let indices: Vec<usize> = side.collect();
            indices.windows(2).find_map(|pair| {
                let ([x0, y0], [x1, y1]) = (lids[pair[0]], lids[pair[1]]);
                let t = (x - x0) / (x1 - x0);
                (0.0..=1.0).contains(&t).then_some(y0 + t * (y1 - y0))
            })
        };
        let lower = bound(&mut (0..=8));
        let upper = bound(&mut (8..=16).map(|i| i % 16));
        matches!((upper, lower), (Some(u), Some(l)) if y > u + margin && y < l - margin)
    })
}

/// Eyes whose iris no lid covers, with their parameters made plain by `change`.
fn whole_irises(config: &EyeConfig, count: usize) -> Vec<EyeParameters> {
    let simulator = EyeSimulator::new(config.clone(), 5).unwrap();
    let found: Vec<EyeParameters> = (0..2000)
        .filter(|&index| {
            let labels = simulator.labels(index);
            between_lids(&labels.iris_outline, &labels.interior_margin, 2.0)
        })
        .map(|index| simulator.parameters(index))
        .take(count)
        .collect();
    assert_eq!(found.len(), count);
    found
}

#[test]
fn the_iris_appears_where_its_label_says() {
    let config = bare(110);
    for parameters in whole_irises(&config, 24) {
        let tinted = |colour: f32| {
            let mut parameters = parameters.clone();
            let iris = &mut parameters.anatomy.iris;
            (iris.inner, iris.outer) = (Vec3A::splat(colour), Vec3A::splat(colour));
            (iris.ring, iris.fibres) = (0.0, 0.0);
            parameters.pupil_radius = 1.0;
            render(&config, &parameters)
        };
        let labels = labels(&Scene::new(&config, &parameters));
        // Only the iris changes with its colour; the pupil in its middle takes nothing from the centre.
        let miss = miss(&tinted(0.02), &tinted(0.6), labels.iris_centre);
        assert!(miss < 0.3, "{miss} pixels: {parameters:?}");
    }
}

#[test]
fn the_pupil_appears_where_its_label_says() {
    let config = bare(110);
    for parameters in whole_irises(&config, 12) {
        let with_pupil = |radius: f32| {
            let mut parameters = parameters.clone();
            parameters.anatomy.iris.fibres = 0.0;
            parameters.anatomy.iris.inner = Vec3A::splat(0.4);
            parameters.pupil_radius = radius;
            parameters
        };
        let large = with_pupil(2.5);
        let labels = labels(&Scene::new(&config, &large));
        let without = render(&config, &with_pupil(0.01));
        let miss = miss(&render(&config, &large), &without, labels.pupil_centre);
        assert!(miss < 0.3, "{miss} pixels: {parameters:?}");
    }
}

#[test]
fn the_opening_has_the_labelled_outline() {
    let config = EyeConfig {
        width: 220,
        height: 140,
        ..EyeConfig::default()
    };
    let simulator = EyeSimulator::new(config.clone(), 9).unwrap();
    for index in 0..40 {
        let scene = Scene::new(&config, &simulator.parameters(index));
        let open = scene
            .materials()
            .iter()
            .filter(|&&material| material != Material::Skin)
            .count() as f32;
        // Shoelace formula.
        let lids = labels(&scene).interior_margin;
        let twice: f32 = (0..16)
            .map(|i| (lids[i], lids[(i + 1) % 16]))
            .map(|([x0, y0], [x1, y1])| x0 * y1 - x1 * y0)
            .sum();
        let area = twice.abs() / 2.0;
        // A polygon of 16 corners cuts off the bulges between them.
        let wrong = (open - area).abs();
        assert!(
            wrong < 0.06 * area + 60.0,
            "{index}: {open} pixels, not {area}"
        );
    }
}

#[test]
fn a_mirrored_scene_gives_the_mirrored_image() {
    let config = EyeConfig {
        side: Side::Both,
        ..EyeConfig::default()
    };
    let simulator = EyeSimulator::new(config, 3).unwrap();
    for index in 0..20 {
        let parameters = simulator.parameters(index);
        let here = simulator.render_parameters(&parameters);
        let there = simulator.render_parameters(&parameters.mirrored());
        let (a, b) = (here.picture.to_srgb(), there.picture.to_srgb());
        let flipped = image::imageops::flip_horizontal(&b);
        let worst = a.iter().zip(flipped.iter()).map(|(a, b)| a.abs_diff(*b));
        assert!(worst.max() <= Some(1), "image {index}");
        let (a, b) = (&here.labels, &there.labels);
        assert_eq!((a.gaze[0], a.gaze[1]), (b.gaze[0], -b.gaze[1]));
        assert_eq!(a.head, [b.head[0], -b.head[1], -b.head[2]]);
        let mirrored = 55.0 - b.iris_centre[0];
        assert!((a.iris_centre[0] - mirrored).abs() < 1e-3);
        assert!((a.inner_corner[0] - (55.0 - b.inner_corner[0])).abs() < 1e-3);
    }
}

#[test]
fn the_iris_follows_gaze_and_head() {
    let at = |gaze_yaw: f32, gaze_pitch: f32, head_yaw: f32| {
        let config = EyeConfig {
            gaze_pitch: [gaze_pitch; 2],
            gaze_yaw: [gaze_yaw; 2],
            head_pitch: [0.0; 2],
            head_yaw: [head_yaw; 2],
            head_roll: [0.0; 2],
            ..EyeConfig::default()
        };
        let labels = EyeSimulator::new(config, 1).unwrap().labels(0);
        let middle = (labels.inner_corner[0] + labels.outer_corner[0]) / 2.0;
        [labels.iris_centre[0] - middle, labels.iris_centre[1]]
    };
    assert!(at(20.0, 0.0, 0.0)[0] < at(-20.0, 0.0, 0.0)[0] - 5.0);
    assert!(at(0.0, 10.0, 0.0)[1] < at(0.0, -20.0, 0.0)[1] - 3.0);
    // A face that turns to the image's left under a fixed gaze leaves the iris on its right.
    assert!(at(0.0, 0.0, 20.0)[0] > at(0.0, 0.0, -20.0)[0] + 3.0);
}

#[test]
fn images_are_a_pure_function_of_seed_and_index() {
    let simulator = |seed| EyeSimulator::new(EyeConfig::default(), seed).unwrap();
    assert_eq!(simulator(1).render(5), simulator(1).render(5));
    assert_eq!(simulator(1).render(5).labels, simulator(1).labels(5));
    assert_ne!(simulator(1).render(5), simulator(1).render(6));
    assert_ne!(simulator(1).render(5), simulator(2).render(5));
}

#[test]
fn a_persons_looks_are_the_same_in_every_image() {
    let config = EyeConfig {
        persons: 2,
        ..EyeConfig::default()
    };
    let simulator = EyeSimulator::new(config, 1).unwrap();
    let all: Vec<EyeParameters> = (0..20).map(|i| simulator.parameters(i)).collect();
    for a in &all {
        for b in &all {
            assert_eq!(a.person == b.person, a.anatomy == b.anatomy);
        }
    }
}

#[test]
fn extreme_configurations_render_numbers() {
    let wild = EyeConfig {
        width: 64,
        height: 48,
        gaze_pitch: [-45.0, 45.0],
        gaze_yaw: [-45.0, 45.0],
        head_pitch: [-40.0, 40.0],
        head_yaw: [-40.0, 40.0],
        head_roll: [-40.0, 40.0],
        eye_width: [0.1, 1.2],
        shift: [-0.5, 0.5],
        camera_distance: [100.0, 5000.0],
        lid_opening: [0.2, 1.6],
        pupil_diameter: [1.0, 8.0],
        key_light: [0.0, 10.0],
        highlights: [0.0, 4.0],
        lid_shadow: [0.0, 2.0],
        lashes: [0.0, 3.0],
        blur: [0.0, 5.0],
        exposure: [0.01, 1.0],
        side: Side::Both,
        persons: 50,
    };
    let simulator = EyeSimulator::new(wild, 7).unwrap();
    for index in 0..200 {
        let sample = simulator.render(index);
        let whole = |v: f32| v.is_finite() && v >= 0.0;
        assert!(
            sample.picture.pixels.iter().flatten().all(|&v| whole(v)),
            "{index}"
        );
        let labels = &sample.labels;
        let points = labels.iris_outline.iter().chain(&labels.pupil_outline);
        assert!(points.flatten().all(|v| v.is_finite()), "{index}");
    }
}
