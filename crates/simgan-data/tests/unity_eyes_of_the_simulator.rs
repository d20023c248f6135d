//! Simulated eyes in UnityEyes' format, as this crate reads them.

#![allow(clippy::unwrap_used)]

use image::RgbImage;
use simgan_data::{Dataset, OpenOptions, Preprocessing};
use simgan_simulator::export::unity_eyes::jpeg;
use simgan_simulator::eye::{EyeConfig, EyeLabels, EyeSimulator, unity_eyes};

/// Eyes that look and turn in all directions.
fn eyes(config: &EyeConfig) -> Vec<EyeLabels> {
    let simulator = EyeSimulator::new(config.clone(), 1).unwrap();
    let signs = |index: u64| [0, 1, 2].map(|bit| if index >> bit & 1 == 0 { 1.0 } else { -1.0 });
    let turned = |index| {
        let [a, b, c] = signs(index);
        EyeLabels {
            gaze: [0.3 * a, 0.4 * b],
            head: [0.2 * c, 0.5 * a, 0.1 * b],
            ..simulator.labels(index)
        }
    };
    (0..8).map(turned).collect()
}

#[test]
fn labels_survive_the_projects_own_reader() {
    let dir = tempfile::tempdir().unwrap();
    let config = EyeConfig {
        width: 640,
        height: 480,
        ..Default::default()
    };
    let eyes = eyes(&config);
    let image = jpeg(&RgbImage::new(640, 480)).unwrap();
    for (number, labels) in (1..).zip(&eyes) {
        let text = unity_eyes::description(labels, 480.0).to_string();
        fs_err::write(dir.path().join(format!("{number}.json")), text).unwrap();
        fs_err::write(dir.path().join(format!("{number}.jpg")), &image).unwrap();
    }
    let options = OpenOptions {
        cache_dir: Some(dir.path().join("cache")),
        ..Default::default()
    };
    let source = dir.path().display().to_string();
    let chain = Preprocessing::default();
    let dataset = Dataset::open(&source, &chain, &options).unwrap();
    let column = |name: &str| dataset.column(name).unwrap();
    for (name, truth) in [
        ("gaze_pitch", (|eye| eye.gaze[0]) as fn(&EyeLabels) -> f32),
        ("gaze_yaw", |eye| eye.gaze[1]),
        ("head_pitch", |eye| eye.head[0]),
        ("head_yaw", |eye| eye.head[1]),
        ("head_roll", |eye| eye.head[2]),
        ("pupil_size", |eye| eye.pupil_size),
    ] {
        for (read, eye) in column(name).into_iter().zip(&eyes) {
            assert!(
                (read - truth(eye)).abs() < 1e-3,
                "{name}: {read} {}",
                truth(eye)
            );
        }
    }
    let iris = column("iris_x").into_iter().zip(column("iris_y"));
    for ((x, y), eye) in iris.zip(&eyes) {
        let [[left, right], [top, bottom]] = [0, 1].map(|axis| {
            let values = eye.interior_margin.map(|point| point[axis]);
            [
                values.into_iter().fold(f32::INFINITY, f32::min),
                values.into_iter().fold(f32::NEG_INFINITY, f32::max),
            ]
        });
        // The reader cuts a box of 1.75 x the eye's width and 4:2.5, which becomes 55 x 35.
        let width = 1.75 * (right - left);
        let crop_x = 55.0 * (0.5 + (eye.iris_centre[0] - (left + right) / 2.0) / width);
        let crop_y = 35.0 * (0.5 + (eye.iris_centre[1] - (top + bottom) / 2.0) / (width / 1.6));
        assert!((55.0 * x - crop_x).abs() < 0.5, "{x} {crop_x}");
        assert!((35.0 * y - crop_y).abs() < 0.5, "{y} {crop_y}");
    }
}
