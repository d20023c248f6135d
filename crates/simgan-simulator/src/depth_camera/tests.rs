//! Statistics of the whole camera.

use super::*;

const FOCAL: f32 = 588.03;
const SIZE: usize = 96;

fn camera(change: impl FnOnce(&mut DepthCameraConfig)) -> DepthCamera {
    let mut config = DepthCameraConfig::neutral();
    change(&mut config);
    DepthCamera::new(config).unwrap()
}

/// A picture of depths by column and row.
fn scene(depth: impl Fn(usize, usize) -> f32) -> Depths {
    Depths {
        width: SIZE,
        height: SIZE,
        values: (0..SIZE * SIZE)
            .map(|i| depth(i % SIZE, i / SIZE))
            .collect(),
    }
}

/// A bar 20 pixels wide before a wall.
fn bar(near: f32, far: f32) -> Depths {
    scene(|x, _| if (40..60).contains(&x) { near } else { far })
}

fn measured(camera: &DepthCamera, depths: &Depths) -> Depths {
    camera.measured(depths, FOCAL, 1, 2)
}

/// Share of pixels of some columns at which nothing is measured.
fn holes(depths: &Depths, columns: std::ops::Range<usize>) -> f32 {
    let count = columns.len() * SIZE;
    let lost = columns.flat_map(|x| (0..SIZE).map(move |y| (x, y)));
    let lost = lost.filter(|&(x, y)| depths.at(x, y).is_infinite()).count();
    lost as f32 / count as f32
}

#[test]
fn a_picture_follows_from_seed_and_index() {
    let camera = DepthCamera::new(DepthCameraConfig::default()).unwrap();
    let depths = bar(700.0, 800.0);
    let first = camera.measured(&depths, FOCAL, 1, 2);
    assert_eq!(first, camera.clone().measured(&depths, FOCAL, 1, 2));
    assert_ne!(first, camera.measured(&depths, FOCAL, 1, 3));
    assert_ne!(first, camera.measured(&depths, FOCAL, 2, 2));
}

#[test]
fn a_neutral_camera_measures_what_is_there() {
    let mut depths = scene(|x, y| 700.0 + x as f32 + 0.5 * y as f32);
    depths.values[5] = f32::INFINITY;
    let found = measured(&camera(|_| ()), &depths);
    for (a, b) in found.values.iter().zip(&depths.values) {
        assert!(a == b || (a - b).abs() < 1e-3, "{a} {b}");
    }
}

#[test]
fn noise_grows_with_the_square_of_distance() {
    let noisy = camera(|c| {
        c.baseline = [75.0; 2];
        c.disparity_noise = [0.0628; 2];
    });
    let deviation = |depth: f32| {
        let values = measured(&noisy, &scene(|_, _| depth)).values;
        let square = |v: &f32| (v - depth).powi(2);
        (values.iter().map(square).sum::<f32>() / values.len() as f32).sqrt()
    };
    for depth in [600.0f32, 900.0, 1800.0] {
        // Khoshelham and Elberink 2012, in millimetres.
        let expected = 1.425e-6 * depth * depth;
        let found = deviation(depth);
        assert!(
            (found / expected - 1.0).abs() < 0.05,
            "{depth}: {found} {expected}"
        );
    }
}

#[test]
fn disparities_are_multiples_of_the_step() {
    let stepped = camera(|c| {
        c.baseline = [75.0; 2];
        c.disparity_step = [0.125; 2];
    });
    let found = measured(&stepped, &scene(|x, _| 700.0 + x as f32));
    let product = FOCAL * 75.0;
    let mut levels: Vec<f32> = found.values.iter().map(|v| product / v).collect();
    for level in &levels {
        assert!(
            (level * 8.0 - (level * 8.0).round()).abs() < 1e-2,
            "{level}"
        );
    }
    levels.sort_by(f32::total_cmp);
    levels.dedup_by(|a, b| (*a - *b).abs() < 0.01);
    // From 700 to 795 mm are 7.53 pixels of disparity.
    assert!((59..=62).contains(&levels.len()), "{}", levels.len());
}

#[test]
fn a_shadow_falls_to_the_left_of_what_is_near() {
    let lit = camera(|c| c.baseline = [75.0; 2]);
    let found = measured(&lit, &bar(600.0, 900.0));
    // The bar's columns are 40..60; 588.03 * 75 * (1/600 - 1/900) is 24.5 pixels.
    assert_eq!(holes(&found, 16..35), 1.0);
    assert_eq!(holes(&found, 0..15), 0.0);
    assert_eq!(holes(&found, 36..SIZE), 0.0);
}

#[test]
fn there_are_holes_at_edges_and_none_within_surfaces() {
    let matching = camera(|c| {
        c.dots = [0.3; 2];
        c.window = [0.75; 2];
        c.same_surface = [1.0; 2];
        c.baseline = [20.0; 2];
        c.spread = [2.0; 2];
    });
    let found = measured(&matching, &bar(600.0, 900.0));
    let (edge, middle) = (holes(&found, 58..62), holes(&found, 75..95));
    assert!(edge > 0.25 && middle < 0.02, "{edge} {middle}");
}

#[test]
fn borders_are_ragged_by_lateral_noise() {
    let ragged = camera(|c| c.lateral_noise = [0.8; 2]);
    let near = |depths: &Depths, x: usize| {
        (0..SIZE).filter(|&y| depths.at(x, y) < 700.0).count() as f32 / SIZE as f32
    };
    let found = measured(&ragged, &bar(600.0, 900.0));
    let shares = [38, 39, 40, 41, 45].map(|x| near(&found, x));
    assert!(
        shares.is_sorted() && shares[0] < 0.2 && shares[4] == 1.0,
        "{shares:?}"
    );
    assert!((0.1..0.45).contains(&shares[1]), "{shares:?}");
}

#[test]
fn far_and_grazing_surfaces_are_lost() {
    let fading = camera(|c| c.lost_dots = [0.1; 2]);
    let lost = |depth: f32| holes(&measured(&fading, &scene(|_, _| depth)), 0..SIZE);
    assert!((lost(1000.0) - 0.1).abs() < 0.02 && (lost(2000.0) - 0.4).abs() < 0.03);
    let grazing = camera(|c| c.grazing = [0.2; 2]);
    // Depths that grow by the same share from pixel to pixel: 45 and 83 degrees everywhere.
    let lost = |share: f32| {
        let slanted = scene(|x, _| 500.0 * (1.0 + share).powi(x as i32));
        holes(&measured(&grazing, &slanted), 0..SIZE - 1)
    };
    assert_eq!([lost(1.0 / FOCAL), lost(8.2 / FOCAL)], [0.0, 1.0]);
}
