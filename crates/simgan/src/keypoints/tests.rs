use std::ops::ControlFlow;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::*;
use crate::nets::image_tensor;
use crate::nets::optimizer::{Optimizer, Rule};
use simgan_base::ErrorKind;
use simgan_data::preprocessing::{Crop, CropKind};
use simgan_data::{Dataset, Labels, OpenOptions, PointUnit, Preprocessing};

const SHAPE: [usize; 3] = [1, 20, 28];

/// Dark discs on grey, at places that the labels tell.
fn discs(count: usize) -> Dataset {
    let [_, height, width] = SHAPE;
    let mut pixels = Vec::new();
    let mut labels = String::from("file,iris_x,iris_y,name\n");
    for image in 0..count {
        let (x, y) = (6 + 5 * image % 17, 5 + 3 * image % 10);
        labels.push_str(&format!("{image}.png,{x}.5,{y}.5,a\n"));
        for (row, column) in (0..height).flat_map(|r| (0..width).map(move |c| (r, c))) {
            let inside = row.abs_diff(y).pow(2) + column.abs_diff(x).pow(2) <= 9;
            pixels.push(if inside { 30 } else { 150 });
        }
    }
    let names = (0..count).map(|i| format!("{i}.png")).collect();
    let labels = Labels::parse(labels.into_bytes(), "labels.csv").unwrap();
    Dataset::from_memory(names, SHAPE, pixels, Some(labels)).unwrap()
}

fn chain() -> Preprocessing {
    Preprocessing {
        width: SHAPE[2],
        height: SHAPE[1],
        equalize: false,
        ..Preprocessing::default()
    }
}

fn config(steps: usize) -> KeypointConfig {
    KeypointConfig {
        points: vec!["iris".to_owned()],
        steps,
        ..KeypointConfig::default()
    }
}

fn places(data: &Dataset, config: &KeypointConfig) -> Places {
    Places::of(data, config).unwrap()
}

fn fitted(data: &Dataset, steps: usize, seed: u64) -> KeypointNetwork {
    let mut told = |_, _| ControlFlow::Continue(());
    let device = Device::default();
    let places = places(data, &config(steps));
    let fitted = fit(data, &places, steps, seed, &device, &mut told);
    fitted.unwrap().unwrap()
}

fn tensor(data: &Dataset, device: &Device) -> Tensor<4> {
    let all: Vec<usize> = (0..data.len()).collect();
    image_tensor::from_values(data.batch(&all), data.image_shape(), device)
}

/// The images with their content `pixels` farther right.
fn moved_right(images: Tensor<4>, pixels: usize) -> Tensor<4> {
    let width = images.dims()[3];
    let edge = images.clone().slice_dim(3, 0..pixels);
    let rest = images.slice_dim(3, 0..width - pixels);
    Tensor::cat(vec![edge, rest], 3)
}

const RADIUS: f32 = 3.0;

/// Values of images, of what a refiner made of them and of the same held, and every pixel's distance from its image's
/// point in radii.
struct Held {
    images: Vec<f32>,
    refined: Vec<f32>,
    held: Vec<f32>,
    away: Vec<f32>,
}

fn held(refine: impl Fn(Tensor<4>) -> Tensor<4>) -> Held {
    let data = discs(12);
    let network = fitted(&data, 150, 0);
    let images = tensor(&data, &Device::default());
    let refined = refine(images.clone());
    let held = Hold::new(&network, f64::from(RADIUS)).apply(images.clone(), refined.clone());
    let [_, height, width] = SHAPE;
    let mut away = Vec::new();
    for [x, y] in network.valid().find(images.clone()) {
        let pixels = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
        away.extend(pixels.map(|(row, column)| (column as f32 - x).hypot(row as f32 - y) / RADIUS));
    }
    let [images, refined, held] = [images, refined, held].map(image_tensor::to_values);
    Held {
        images,
        refined,
        held,
        away,
    }
}

#[test]
fn a_hold_lets_nothing_move_around_points_and_changes_nothing_elsewhere() {
    let seen = held(|images| moved_right(images, 2) * 0.8 + 0.1);
    let area = SHAPE[1] * SHAPE[2];
    let mut near = 0;
    for image in (0..seen.away.len()).step_by(area) {
        let at = image..image + area;
        let inside: Vec<usize> = at.clone().filter(|at| seen.away[*at] <= 1.0).collect();
        near += inside.len();
        let [dark, light] = [f32::min, f32::max].map(|choose| {
            let values = inside.iter().map(|at| seen.images[*at]);
            values.reduce(choose).unwrap()
        });
        let level = |grey: f32| {
            let same = inside.iter().filter(|at| seen.images[**at] == grey);
            let values: Vec<f32> = same.map(|at| seen.held[*at]).collect();
            assert!(values.iter().all(|value| (value - values[0]).abs() < 1e-6));
            values[0]
        };
        assert!(level(dark) <= level(light));
        for at in at.filter(|at| seen.away[*at] >= 2.0) {
            assert!((seen.held[at] - seen.refined[at]).abs() < 1e-6);
        }
    }
    assert!(near > 12 * 9, "{near}");
}

#[test]
fn a_hold_lets_light_and_contrast_change() {
    let seen = held(|images| images * 0.8 + 0.1);
    for (held, refined) in seen.held.iter().zip(&seen.refined) {
        assert!((held - refined).abs() < 1e-4, "{held} {refined}");
    }
}

#[test]
fn points_are_found_kept_and_only_points() {
    let data = discs(60);
    let device = Device::default().autodiff();
    let keypoints = Keypoints {
        network: fitted(&data, 150, 0),
        weight: 10.0,
        radius: 0.0,
    };
    let places = places(&data, &config(1));
    let all: Vec<usize> = (0..data.len()).collect();
    let errors = fit::errors(&keypoints.network, &data, &all, &places);
    let worst = errors[0].iter().copied().fold(0.0, f64::max);
    assert!(worst < 1.0, "{worst} px");

    let images = tensor(&data, &device);
    let loss =
        |refined: Tensor<4>| -> f32 { keypoints.loss(refined, images.clone()).into_scalar() };
    assert!(loss(images.clone()).abs() < 1e-6);
    let moved = loss(moved_right(images.clone(), 2));
    let lighter = loss(images.clone() * 0.8 + 0.1);
    assert!(moved > 2.0 * lighter, "moved {moved}, lighter {lighter}");
}

#[test]
fn the_loss_moves_images_and_not_the_network() {
    let data = discs(12);
    let device = Device::default().autodiff();
    let keypoints = Keypoints {
        network: fitted(&data, 20, 0),
        weight: 1.0,
        radius: 0.0,
    };
    let images = tensor(&data, &device);
    let refined = (images.clone() * 0.9).require_grad();
    let loss = keypoints.loss(refined.clone(), images);
    let gradients = loss.backward();
    let gradient = refined.grad(&gradients).unwrap().abs().sum();
    assert!(gradient.into_scalar::<f32>() > 0.0);

    // An optimizer finds no gradient of the network.
    let mut network = keypoints.network.clone();
    let before = network.forward(tensor(&data, &device)).into_data();
    let mut optimizer = Optimizer::new(Rule::Sgd { momentum: 0.0 }, 0.0);
    let again = (tensor(&data, &device) * 0.9).require_grad();
    let loss = keypoints.loss(again, tensor(&data, &device));
    optimizer.step(&mut network, &loss, 1.0).unwrap();
    assert_eq!(network.forward(tensor(&data, &device)).into_data(), before);
}

#[test]
fn equal_seeds_give_equal_networks_and_a_fit_ends_when_told() {
    let data = discs(20);
    let images = tensor(&data, &Device::default().autodiff());
    let maps = |seed| fitted(&data, 5, seed).forward(images.clone()).into_data();
    assert_eq!(maps(1), maps(1));
    assert_ne!(maps(1), maps(2));

    let mut steps = Vec::new();
    let mut told = |done, all| {
        steps.push((done, all));
        match done {
            3 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    };
    let device = Device::default();
    let ended = fit(&data, &places(&data, &config(9)), 9, 0, &device, &mut told).unwrap();
    assert!(ended.is_none());
    assert_eq!(steps, [(1, 9), (2, 9), (3, 9)]);
}

/// A folder with one image of `discs`' size, and what `chain` makes of it.
fn opened(labels: &str, framing: &str, chain: &Preprocessing) -> Dataset {
    let dir = tempfile::tempdir().unwrap();
    let image = image::GrayImage::new(28, 20);
    image.save(dir.path().join("a.png")).unwrap();
    fs_err::write(dir.path().join("labels.csv"), labels).unwrap();
    let options = OpenOptions {
        cache_dir: Some(dir.path().join("cache")),
        ..OpenOptions::default()
    };
    let source = format!("{}{framing}", dir.path().display());
    Dataset::open(&source, chain, &options).unwrap()
}

#[test]
fn places_follow_unit_crop_and_size() {
    // The middle of pixel (6, 5) is 6.5, 5.5.
    let plain = places(&discs(3), &config(1));
    assert_eq!(plain.places[0], [[6.0, 5.0], [11.0, 8.0], [16.0, 11.0]]);

    // The middle 14x10 of an image, twice as large: the first pixel that is kept, 7, becomes 0 and 1, their middle 0.5.
    let doubled = Preprocessing {
        crop: Crop {
            kind: CropKind::Centre,
            width: 0.5,
            height: 0.5,
            ..Crop::default()
        },
        ..chain()
    };
    let text = "file,iris_x,iris_y\na.png,11.5,8.5\n";
    let cropped = places(&opened(text, "", &doubled), &config(1));
    assert_eq!(
        cropped.places[0],
        [[2.0 * (11.0 - 7.0) + 0.5, 2.0 * (8.0 - 5.0) + 0.5]]
    );

    // Half as large: the image's middle, 13.5, stays.
    let text = "file,iris_x,iris_y\na.png,18,10\n";
    let framed = opened(text, "@zoom=0.5", &chain());
    assert_eq!(places(&framed, &config(1)).places[0], [[15.5, 9.5]]);

    // A point that nobody named stays where it was, which is not where it is.
    let text = "file,nose_x,nose_y\na.png,18,10\n";
    let framed = opened(text, "@zoom=0.5", &chain());
    let nose = KeypointConfig {
        points: vec!["nose".into()],
        ..config(1)
    };
    let error = Places::of(&framed, &nose).unwrap_err();
    assert!(
        error.to_string().contains("does not move with the pixels"),
        "{error}"
    );

    let labels = "file,iris_x,iris_y\na.png,0.5,0.25\n";
    let labels = Labels::parse(labels.into(), "labels.csv").unwrap();
    let pixels = vec![0; SHAPE.iter().product()];
    let data = Dataset::from_memory(vec!["a.png".into()], SHAPE, pixels, Some(labels)).unwrap();
    for unit in [PointUnit::Fraction, PointUnit::Auto] {
        let config = KeypointConfig { unit, ..config(1) };
        assert_eq!(places(&data, &config).places[0], [[13.5, 4.5]]);
    }
}

#[test]
fn wrong_labels_are_named() {
    let data = discs(4);
    let refused = |point: &str, unit| {
        let mut config = KeypointConfig {
            points: vec![point.to_owned()],
            unit,
            ..config(1)
        };
        let error = Places::of(&data, &config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data);
        config.optional = true;
        let found = places(&data, &config);
        assert!(found.points.is_empty() && found.left_out.len() == 1);
        format!("{error} | {}", error.hint().unwrap())
    };
    let text = refused("pupil", PointUnit::Auto);
    assert!(
        text.contains("no column `pupil_x`") && text.contains("iris_x"),
        "{text}"
    );
    let text = refused("iris", PointUnit::Fraction);
    assert!(
        text.contains("0 of 4 images") && text.contains("keypoints.unit=pixels"),
        "{text}"
    );
    let bare = data.with_pixels(vec![0; 4 * 20 * 28]).unwrap();
    let error = Places::of(&bare, &config(1)).unwrap_err();
    assert!(error.to_string().contains("has none"), "{error}");
    let none = places(&bare, &KeypointConfig::default());
    assert!(none.points.is_empty());
}

#[test]
fn ranges_are_checked() {
    for config in [
        KeypointConfig {
            steps: 0,
            ..config(1)
        },
        KeypointConfig {
            weight: -1.0,
            ..config(1)
        },
        KeypointConfig {
            weight: f64::NAN,
            ..config(1)
        },
        KeypointConfig {
            radius: -0.5,
            ..config(1)
        },
        KeypointConfig {
            weight: 0.0,
            ..config(1)
        },
    ] {
        let error = config.validate().unwrap_err();
        assert!(error.to_string().contains("keypoints."), "{error}");
    }
}
