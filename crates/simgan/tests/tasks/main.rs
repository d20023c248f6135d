//! Estimators from end to end on small data sets drawn in memory.

#![allow(clippy::unwrap_used)] // helpers of tests may fail like tests

mod behaviour;
mod cost;
mod golden;
mod points;
mod real_data;
mod saving;
mod versions;

use burn::tensor::Device;
use simgan::tasks::{Estimator, EstimatorConfig, FitOptions, FitReport, fit};
use simgan_data::{Dataset, Labels};

/// `count` eyes of 24x20 pixels: a dark disc whose place follows the gaze, on a ground of `grey`.
/// The columns are `gaze_pitch, gaze_yaw` (radians), the disc's place `u, v` (pixels) and a linear `screen_x, screen_y`.
pub fn eyes(count: usize, grey: u8, gaze_labels: bool) -> Dataset {
    let mut pixels = Vec::new();
    let gaze = if gaze_labels {
        "gaze_pitch,gaze_yaw"
    } else {
        "a,b"
    };
    let mut csv = format!("file,{gaze},u,v,screen_x,screen_y\n");
    for i in 0..count {
        // Halton-like sequences: spread evenly, the same on every machine.
        let (x, y) = (
            (i as f64 * 0.618_034).fract(),
            (i as f64 * 0.414_214).fract(),
        );
        let (pitch, yaw) = (0.5 - y, x - 0.5);
        let (u, v) = (5.0 + 14.0 * x, 5.0 + 10.0 * y);
        for (row, column) in (0..20).flat_map(|row| (0..24).map(move |column| (row, column))) {
            let distance = (f64::from(column) - u).hypot(f64::from(row) - v);
            let dark = (4.0 - distance).clamp(0.0, 1.0);
            pixels.push((f64::from(grey) * (1.0 - dark)) as u8);
        }
        let (screen_x, screen_y) = (1440.0 * x, 900.0 * y);
        csv += &format!("{i:04}.png,{pitch},{yaw},{u},{v},{screen_x},{screen_y}\n");
    }
    let names = (0..count).map(|i| format!("{i:04}.png")).collect();
    let labels = Labels::parse(csv.into_bytes(), "labels in memory").unwrap();
    Dataset::from_memory(names, [1, 20, 24], pixels, Some(labels)).unwrap()
}

/// A network that learns [`eyes`] in seconds.
pub fn small() -> EstimatorConfig {
    EstimatorConfig {
        steps: 250,
        batch_size: 16,
        learning_rate: 0.003,
        feature_maps: [8, 8, 12, 12, 24],
        hidden: 64,
        validate_every: 25,
        ..EstimatorConfig::default()
    }
}

/// Fits on `data` with `seed`, on the CPU.
pub fn fitted(data: &Dataset, config: &EstimatorConfig, seed: u64) -> (Estimator, FitReport) {
    let options = FitOptions {
        seed,
        ..FitOptions::default()
    };
    fit(data, config, &options, &Device::default(), &mut |_| {}).unwrap()
}
