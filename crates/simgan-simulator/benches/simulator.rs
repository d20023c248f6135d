//! Labelled images a second of the simulators: `cargo bench -p simgan-simulator --bench simulator`.

use divan::counter::ItemsCount;
use rayon::prelude::*;
use simgan_base::settings::Layers;
use simgan_simulator::{KINDS, Kind, Simulator, eye, hand, kinds};

/// Images of a sample.
const IMAGES: u64 = 1024;

fn main() {
    divan::main();
}

fn simulator(kind: &Kind, size: [usize; 2]) -> Box<dyn Simulator> {
    let overrides = [
        format!("{}={}", kind.key("width"), size[0]),
        format!("{}={}", kind.key("height"), size[1]),
    ];
    let layers = Layers {
        file: None,
        overrides: &overrides,
        origin: "bench",
    };
    (kind.load)(&layers, 1).unwrap_or_else(|error| panic!("{error}"))
}

/// 55x35 images with labels on all cores.
#[divan::bench(args = KINDS.iter().map(|kind| kind.name), sample_count = 9, sample_size = 1)]
fn images(bencher: divan::Bencher, kind: &str) {
    let kind = kinds::find(kind).unwrap_or_else(|error| panic!("{error}"));
    let simulator = simulator(kind, [55, 35]);
    bencher.counter(ItemsCount::new(IMAGES)).bench_local(|| {
        (0..IMAGES).into_par_iter().for_each(|i| {
            divan::black_box(simulator.sample(i));
        });
    });
}

/// Depth images of hands with labels, 128x128, on all cores.
#[divan::bench(sample_count = 9, sample_size = 1)]
fn hands_of_128x128(bencher: divan::Bencher) {
    let simulator = simulator(&hand::KIND, [128, 128]);
    bencher.counter(ItemsCount::new(IMAGES)).bench_local(|| {
        (0..IMAGES).into_par_iter().for_each(|i| {
            divan::black_box(simulator.sample(i));
        });
    });
}

/// One large image.
#[divan::bench(sample_count = 9)]
fn image_of_1024x768() {
    simulator(&eye::KIND, [1024, 768]).sample(1);
}
