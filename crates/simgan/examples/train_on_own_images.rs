//! Trains a refiner on two folders of images, whatever their size, for a hundred iterations:
//!
//! ```sh
//! cargo run --release --example train_on_own_images -- SYNTHETIC REAL RUN
//! ```
//!
//! `simgan refine --run RUN`, `simgan report RUN` and the example `refine_folder` go on from there.

use std::path::Path;

use burn::tensor::Device;
use simgan::data::{Dataset, OpenOptions, Preprocessing};
use simgan::refiner::RefinerConfig;
use simgan::training::{Config, RunDir, train};
use simgan::{Error, Result};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [synthetic, real, run] = arguments.as_slice() else {
        return Err(Error::config(
            "give a folder of synthetic images, one of real images and one for the run",
        ));
    };
    let config = config(image_size(synthetic)?);
    let open = |source: &str| Dataset::open(source, &config.preprocessing, &OpenOptions::default());
    let (synthetic, real) = (open(synthetic)?, open(real)?);
    let run = RunDir::create(Path::new(run), &config)?;
    let summary = train(
        &config,
        &synthetic,
        &real,
        &run,
        &Device::default(),
        &mut |_, progress| {
            eprint!(
                "\r{}: {}/{}   ",
                progress.label(),
                progress.done,
                progress.total
            );
        },
    )?;
    eprintln!("\r{} iterations in {:.0} s", summary.steps, summary.seconds);
    Ok(())
}

/// Width and height of the most frequent size of a folder's images.
fn image_size(source: &str) -> Result<[usize; 2]> {
    let any = Preprocessing {
        allow_mixed_sizes: true,
        ..Preprocessing::default()
    };
    let images = Dataset::open(source, &any, &OpenOptions::default())?;
    match images.original_sizes() {
        [(width, height, _), ..] => Ok([*width as usize, *height as usize]),
        [] => Err(Error::data(format!("{source} has no images of a size"))),
    }
}

/// A small refiner of images of that size, in colour; all other settings are the defaults.
fn config([width, height]: [usize; 2]) -> Config {
    let mut config = Config {
        refiner: RefinerConfig {
            feature_maps: 16,
            ..RefinerConfig::eyes()
        },
        preprocessing: Preprocessing {
            width,
            height,
            channels: 3,
            equalize: false,
            ..Preprocessing::default()
        },
        ..Config::default()
    };
    config.training.steps = 100;
    config.training.batch_size = 16;
    config
}
