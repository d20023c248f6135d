//! Every kernel at the sizes of the paper's nets: `cargo bench -p simgan-kernels`.
//!
//! `SIMGAN_KERNELS=avx2` and `RAYON_NUM_THREADS=1` measure other paths and numbers of threads.
#![allow(missing_docs, clippy::unwrap_used)]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use simgan_kernels::convolution::{self, After};
use simgan_kernels::geometry::Geometry;
use simgan_kernels::linear::{self, Linear};
use simgan_kernels::pool::{self, Pool};

fn main() {
    divan::main();
}

/// Convolutions by name: batch 32 in the refiner and the gaze CNN, 64 in the discriminator.
const LAYERS: [&str; 9] = [
    "refiner_first",
    "refiner_block",
    "refiner_last",
    "discriminator_1",
    "discriminator_2",
    "discriminator_3",
    "gaze_3",
    "gaze_5",
    "hands_block",
];

fn layer(name: &str) -> Geometry {
    let (batch, height, width, inputs, outputs, kernel, stride, padding) = match name {
        "refiner_first" => (32, 35, 55, 1, 64, 3, 1, 1),
        "refiner_block" => (32, 35, 55, 64, 64, 3, 1, 1),
        "refiner_last" => (32, 35, 55, 64, 1, 1, 1, 0),
        "discriminator_1" => (64, 35, 55, 1, 96, 3, 2, 1),
        "discriminator_2" => (64, 18, 28, 96, 64, 3, 2, 1),
        "discriminator_3" => (64, 9, 14, 64, 32, 3, 1, 1),
        "gaze_3" => (32, 31, 51, 32, 64, 3, 1, 0),
        "gaze_5" => (32, 12, 22, 80, 192, 3, 1, 0),
        _ => (1, 224, 224, 64, 64, 7, 1, 3),
    };
    Geometry {
        batch,
        height,
        width,
        inputs,
        outputs,
        kernel,
        stride,
        padding,
    }
}

/// Values of both signs.
fn values(len: usize) -> Vec<f32> {
    (0..len)
        .map(|i| ((i * 7919) % 1000) as f32 / 500.0 - 1.0)
        .collect()
}

/// Throughput in multiplications and additions of a direct convolution.
fn operations(g: &Geometry) -> ItemsCount {
    ItemsCount::new(g.operations() as u64)
}

#[divan::bench(args = LAYERS, sample_count = 20)]
fn forward(bencher: Bencher, name: &str) {
    let g = layer(name);
    let (x, w) = (values(g.input_len()), values(g.weight_len()));
    bencher
        .counter(operations(&g))
        .bench(|| convolution::forward(&g, black_box(&x), &w, After::default()));
}

#[divan::bench(args = LAYERS, sample_count = 20)]
fn data_gradient(bencher: Bencher, name: &str) {
    let g = layer(name);
    let (dy, w) = (values(g.output_len()), values(g.weight_len()));
    bencher
        .counter(operations(&g))
        .bench(|| convolution::data_gradient(&g, black_box(&dy), &w, After::default()));
}

#[divan::bench(args = LAYERS, sample_count = 20)]
fn weight_gradient(bencher: Bencher, name: &str) {
    let g = layer(name);
    let (x, dy) = (values(g.input_len()), values(g.output_len()));
    bencher
        .counter(operations(&g))
        .bench(|| convolution::weight_gradient(&g, black_box(&x), &dy));
}

const FULLY_CONNECTED: Linear = Linear {
    batch: 32,
    inputs: 9600,
    outputs: 1000,
};

#[divan::bench(sample_count = 20)]
fn linear_forward(bencher: Bencher) {
    let l = FULLY_CONNECTED;
    let (x, w) = (values(l.batch * l.inputs), values(l.inputs * l.outputs));
    bencher.bench(|| linear::forward(&l, black_box(&x), &w, None, true));
}

#[divan::bench(sample_count = 20)]
fn linear_data_gradient(bencher: Bencher) {
    let l = FULLY_CONNECTED;
    let (dy, w) = (values(l.batch * l.outputs), values(l.inputs * l.outputs));
    bencher.bench(|| linear::data_gradient(&l, black_box(&dy), &w));
}

#[divan::bench(sample_count = 20)]
fn linear_weight_gradient(bencher: Bencher) {
    let l = FULLY_CONNECTED;
    let (x, dy) = (values(l.batch * l.inputs), values(l.batch * l.outputs));
    bencher.bench(|| linear::weight_gradient(&l, black_box(&x), &dy));
}

const POOL: Pool = Pool {
    batch: 32,
    height: 29,
    width: 49,
    channels: 64,
    kernel: 3,
    stride: 2,
    padding: 0,
};

#[divan::bench(sample_count = 20)]
fn max_pool_forward(bencher: Bencher) {
    let x = values(32 * 29 * 49 * 64);
    bencher.bench(|| pool::forward(&POOL, black_box(&x)));
}

#[divan::bench(sample_count = 20)]
fn max_pool_backward(bencher: Bencher) {
    let (y, positions) = pool::forward(&POOL, &values(32 * 29 * 49 * 64));
    bencher.bench(|| pool::backward(&POOL, black_box(&y), &positions));
}
