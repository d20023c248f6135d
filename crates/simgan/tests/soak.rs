//! A long training: memory and open files do not grow. `SIMGAN_SOAK_STEPS` says how long.

#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

use burn::tensor::Device;
use simgan::discriminator::{DiscriminatorConfig, Layer};
use simgan::refiner::RefinerConfig;
use simgan::training::{Config, RunDir, train};
use simgan_data::Dataset;

const SHAPE: [usize; 3] = [1, 14, 18];
/// Samples of memory and open files.
const SAMPLES: usize = 100;

fn images(count: usize, slope: usize) -> Dataset {
    let len = SHAPE.iter().product::<usize>();
    let pixels = (0..count * len).map(|i| (9 * (i / len) + slope * (i % 18)) as u8);
    let names = (0..count).map(|i| format!("{i}.png")).collect();
    Dataset::from_memory(names, SHAPE, pixels.collect(), None).unwrap()
}

/// Everything is written often: a log line every 5 steps, 40 checkpoints and grids.
fn config(steps: usize) -> Config {
    let mut config = Config {
        refiner: RefinerConfig {
            feature_maps: 2,
            blocks: 1,
            ..RefinerConfig::eyes()
        },
        discriminator: DiscriminatorConfig {
            layers: vec![Layer::Convolution {
                feature_maps: 2,
                kernel_size: 3,
                stride: 2,
            }],
            ..DiscriminatorConfig::eyes()
        },
        ..Config::default()
    };
    let training = &mut config.training;
    (training.refiner_warmup, training.discriminator_warmup) = (1, 1);
    (training.steps, training.batch_size) = (steps, 4);
    training.checkpoint_every = steps.div_ceil(40);
    training.images_every = steps.div_ceil(40);
    training.log_every = 5;
    training.average_decay = 0.99;
    config.history.size = 32;
    [config.preprocessing.height, config.preprocessing.width] = [SHAPE[1], SHAPE[2]];
    config
}

/// Resident memory in bytes, and open files of this process.
fn sample() -> (f64, usize) {
    let status = fs_err::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: f64 = line
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let open = fs_err::read_dir("/proc/self/fd").unwrap().count();
    (kilobytes * 1024.0, open)
}

/// How much the line through `values` rises from the first to the last, as a part of their mean.
fn growth(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let middle = (count - 1.0) / 2.0;
    let offsets = || (0..values.len()).map(|i| i as f64 - middle);
    let rise: f64 = offsets().zip(values).map(|(x, y)| x * (y - mean)).sum();
    let squares: f64 = offsets().map(|x| x * x).sum();
    rise / squares * (count - 1.0) / mean
}

#[test]
fn memory_and_open_files_do_not_grow() {
    let steps = std::env::var("SIMGAN_SOAK_STEPS").map_or(1000, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let config = config(steps);
    let run = RunDir::create(&dir.path().join("run"), &config).unwrap();
    let (synthetic, real) = (images(21, 2), images(17, 7));
    let (mut memory, mut open, mut seen) = (Vec::new(), Vec::new(), 0);
    let mut observer = |_: Option<&_>, _| {
        seen += 1;
        if seen % (steps / SAMPLES).max(1) == 0 {
            let (bytes, files) = sample();
            memory.push(bytes);
            open.push(files);
        }
    };
    let device = Device::default();
    train(&config, &synthetic, &real, &run, &device, &mut observer).unwrap();
    let half = memory.len() / 2;
    let growth = growth(&memory[half..]);
    println!(
        "{steps} steps: {:.1} MB at half, {:.1} MB at the end, slope {:.3} % over the second half, {:?} files open",
        memory[half] / 1e6,
        memory[memory.len() - 1] / 1e6,
        100.0 * growth,
        open[open.len() - 1],
    );
    assert!(
        growth < 0.01,
        "memory grows by {:.2} %: {memory:?}",
        100.0 * growth
    );
    assert!(
        open[half..].iter().all(|files| *files == open[half]),
        "{open:?}"
    );
}

#[test]
fn growth_is_that_of_the_line_through_the_values() {
    assert!((growth(&[1.0, 1.0, 1.0, 1.0])).abs() < 1e-12);
    assert!((growth(&[99.0, 100.0, 101.0]) - 0.02).abs() < 1e-12);
}
