//! Properties of the whole chain.

use proptest::prelude::*;

use super::*;
use crate::camera::testing::{centroid, disc};

/// A camera that does nothing but what `change` switches on.
fn camera(change: impl FnOnce(&mut CameraConfig)) -> Camera {
    let mut config = CameraConfig::neutral();
    change(&mut config);
    Camera::new(config).unwrap()
}

/// Colours of all kinds, brighter than white as well.
fn colours(width: usize, height: usize) -> Picture {
    let level = |i: usize, step: usize| (i * step % 97) as f32 / 90.0;
    Picture {
        width,
        height,
        pixels: (0..width * height)
            .map(|i| [level(i, 7), level(i, 13), level(i, 29)])
            .collect(),
    }
}

#[test]
fn a_photograph_follows_from_seed_and_index() {
    let camera = Camera::new(CameraConfig::default()).unwrap();
    let picture = colours(55, 35);
    let first = camera.photograph(&picture, 1, 2);
    assert_eq!(first, camera.clone().photograph(&picture, 1, 2));
    assert_ne!(first, camera.photograph(&picture, 1, 3));
    assert_ne!(first, camera.photograph(&picture, 2, 2));
}

#[test]
fn a_neutral_camera_delivers_the_picture_in_srgb() {
    let camera = camera(|_| ());
    for (width, height) in [(55, 35), (1, 1), (200, 3)] {
        let picture = colours(width, height);
        let (photograph, plain) = (camera.photograph(&picture, 5, 6), picture.to_srgb());
        let furthest = photograph
            .iter()
            .zip(plain.iter())
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        assert!(furthest <= Some(1), "{furthest:?}");
    }
}

#[test]
fn equalisation_flattens_the_histogram() {
    let dark = disc(55, 35, [27.0, 17.0], 12.0, 0.01, 0.05);
    let noisy = |c: &mut CameraConfig| c.read_noise = [0.005; 2];
    let plain = camera(noisy).photograph(&dark, 0, 0);
    let equal = camera(|c| {
        noisy(c);
        c.equalize_probability = 1.0;
    })
    .photograph(&dark, 0, 0);
    // Share of pixels in the fullest quarter of the levels; a quarter if flat.
    let fullest = |image: &RgbImage| {
        let mut quarters = [0usize; 4];
        image
            .pixels()
            .for_each(|p| quarters[usize::from(p[1] / 64)] += 1);
        quarters.into_iter().max().unwrap() as f64 / (55.0 * 35.0)
    };
    assert!(
        fullest(&plain) > 0.6 && fullest(&equal) < 0.35,
        "{} {}",
        fullest(&plain),
        fullest(&equal)
    );
}

#[test]
fn the_same_optics_blur_the_same_share_of_a_larger_picture() {
    let camera = camera(|c| {
        c.defocus = [1.5; 2];
        c.motion_blur = [2.0; 2];
    });
    let small = camera.photograph(&disc(55, 35, [27.5, 17.5], 8.0, 0.1, 0.6), 3, 0);
    let large = camera.photograph(&disc(550, 350, [275.0, 175.0], 80.0, 0.1, 0.6), 3, 0);
    for x in 0..55 {
        let [a, b] = [
            small.get_pixel(x, 17)[1],
            large.get_pixel(10 * x + 5, 175)[1],
        ];
        assert!(a.abs_diff(b) < 16, "column {x}: {a} {b}");
    }
}

#[test]
fn labels_stay_true_on_average() {
    let camera = Camera::new(CameraConfig::default()).unwrap();
    let place = [26.3, 18.2];
    let picture = disc(55, 35, place, 8.0, 0.02, 0.2);
    let count = 300;
    let mut shift = [0.0; 2];
    for index in 0..count {
        let found = place_of_dark(&camera.photograph(&picture, 9, index));
        (0..2).for_each(|axis| shift[axis] += (found[axis] - place[axis]) / count as f32);
    }
    assert!(shift.iter().all(|s| s.abs() < 0.05), "{shift:?}");
}

/// Centroid of what is dark, counting pixels about midway between dark and bright in part, for an edge in the
/// middle of a pixel is no step.
fn place_of_dark(image: &RgbImage) -> [f32; 2] {
    let mut picture = dequantized(image);
    let mut sorted: Vec<f32> = picture.pixels.iter().map(|p| p[1]).collect();
    sorted.sort_by(f32::total_cmp);
    let (dark, bright) = (sorted[sorted.len() / 50], sorted[sorted.len() * 49 / 50]);
    for pixel in &mut picture.pixels {
        let level = (pixel[1] - dark) / (bright - dark);
        *pixel = [((0.65 - level) / 0.3).clamp(0.0, 1.0); 3];
    }
    // A vignetted corner may be dark as well; the centroid counts from the first pixel.
    picture.pixels[0] = [0.0; 3];
    centroid(&picture)
}

#[test]
fn what_is_no_light_does_no_harm() {
    let camera = Camera::new(CameraConfig::default()).unwrap();
    let mut picture = colours(20, 10);
    picture.pixels[3] = [f32::NAN, f32::INFINITY, -1.0];
    let odd = camera.photograph(&picture, 0, 0);
    assert!(odd.iter().any(|&v| v != odd.as_raw()[0]));
    picture.pixels.truncate(50);
    assert_eq!(camera.photograph(&picture, 0, 0).dimensions(), (20, 10));
    assert_eq!(
        camera.photograph(&Picture::new(0, 0), 0, 0).dimensions(),
        (0, 0)
    );
    assert_eq!(
        camera.photograph(&Picture::new(4, 0), 0, 0).dimensions(),
        (4, 0)
    );
}

#[test]
fn wrong_configurations_are_refused() {
    let config = CameraConfig {
        defocus: [0.0, 9.0],
        ..CameraConfig::default()
    };
    assert!(
        Camera::new(config)
            .unwrap_err()
            .to_string()
            .contains("`camera.defocus`")
    );
}

#[test]
fn large_pictures_are_photographed() {
    let camera = Camera::new(CameraConfig::default()).unwrap();
    assert_eq!(
        camera.photograph(&colours(1024, 768), 0, 0).dimensions(),
        (1024, 768)
    );
}

/// Two values within limits, in order.
fn range(least: f32, most: f32) -> impl Strategy<Value = Range> {
    (least..=most, least..=most).prop_map(|(a, b)| [a.min(b), a.max(b)])
}

fn optics() -> impl Strategy<Value = CameraConfig> {
    (
        range(0.0, 8.0),
        range(0.0, 16.0),
        range(0.0, 0.9),
        range(8.0, 1024.0),
        range(0.0, 1.0),
    )
        .prop_map(
            |(defocus, motion_blur, vignetting, frame_width, metering)| CameraConfig {
                defocus,
                motion_blur,
                vignetting,
                frame_width,
                metering,
                ..CameraConfig::neutral()
            },
        )
}

fn sensor() -> impl Strategy<Value = CameraConfig> {
    let light = (
        range(0.005, 1.0),
        range(-4.0, 4.0),
        range(0.25, 4.0),
        range(0.25, 4.0),
    );
    let noise = (
        range(1.0, 64.0),
        range(0.0, 0.5),
        range(0.0, 0.2),
        range(0.0, 0.6),
    );
    (optics(), light, noise).prop_map(|(optics, light, noise)| CameraConfig {
        exposure_target: light.0,
        exposure_error: light.1,
        red_balance: light.2,
        blue_balance: light.3,
        gain: noise.0,
        shot_noise: noise.1,
        read_noise: noise.2,
        noise_correlation: noise.3,
        ..optics
    })
}

fn any_config() -> impl Strategy<Value = CameraConfig> {
    let curve = (
        range(0.25, 4.0),
        range(-1.0, 1.0),
        range(-0.2, 0.3),
        range(0.0, 4.0),
    );
    (
        sensor(),
        curve,
        range(1.0, 100.0),
        0.0f32..=1.0,
        0.0f32..=1.0,
    )
        .prop_map(
            |(sensor, curve, jpeg_quality, jpeg_probability, equalize_probability)| CameraConfig {
                gamma: curve.0,
                contrast: curve.1,
                black_level: curve.2,
                sharpening: curve.3,
                jpeg_quality,
                jpeg_probability,
                equalize_probability,
                ..sensor
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_valid_camera_delivers_the_picture_s_size(
        config in any_config(), width in 1usize..90, height in 1usize..60, seed in any::<u64>(), index in any::<u64>(),
    ) {
        let photograph = Camera::new(config).unwrap().photograph(&colours(width, height), seed, index);
        prop_assert_eq!(photograph.dimensions(), (width as u32, height as u32));
    }
}
