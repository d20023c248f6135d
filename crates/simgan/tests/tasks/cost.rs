//! What the paper's full network costs on this machine. Not run by default:
//! `cargo test --release -p simgan --test estimators cost -- --ignored --nocapture`.

use std::time::Instant;

use burn::tensor::Device;
use simgan::tasks::{EstimatorConfig, FitOptions, fit};
use simgan_data::{Dataset, Labels};

/// `count` images of 35x55 without meaning.
fn images(count: usize) -> Dataset {
    let mut csv = String::from("file,gaze_pitch,gaze_yaw\n");
    for i in 0..count {
        csv += &format!(
            "{i}.png,{},{}\n",
            0.01 * (i % 40) as f64,
            -0.01 * (i % 30) as f64
        );
    }
    let pixels = (0..count * 35 * 55)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 7) as u8)
        .collect();
    let labels = Labels::parse(csv.into_bytes(), "labels in memory").unwrap();
    let names = (0..count).map(|i| format!("{i}.png")).collect();
    Dataset::from_memory(names, [1, 35, 55], pixels, Some(labels)).unwrap()
}

#[test]
#[ignore = "a measurement"]
fn seconds_per_step_and_images_per_second() {
    let data = images(256);
    let config = EstimatorConfig {
        steps: 8,
        validation_fraction: 0.0,
        ..EstimatorConfig::default()
    };
    let mut times = vec![Instant::now()];
    let mut told = |_| times.push(Instant::now());
    let (estimator, _) = fit(
        &data,
        &config,
        &FitOptions::default(),
        &Device::default(),
        &mut told,
    )
    .unwrap();
    let steps: Vec<f64> = times
        .windows(2)
        .skip(1)
        .map(|pair| (pair[1] - pair[0]).as_secs_f64())
        .collect();
    let fastest = steps.iter().copied().fold(f64::INFINITY, f64::min);
    println!("training, batch 64: {fastest:.3} s a step at best of {steps:.3?}");
    let start = Instant::now();
    estimator.predict(&data).unwrap();
    println!(
        "forward: {:.0} images a second",
        256.0 / start.elapsed().as_secs_f64()
    );
}
