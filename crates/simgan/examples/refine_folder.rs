//! Refines a folder of synthetic images with a trained run; names and labels are carried over:
//!
//! ```sh
//! cargo run --release --example refine_folder -- RUN SYNTHETIC REFINED
//! ```

use std::path::Path;

use burn::tensor::Device;
use simgan::data::OpenOptions;
use simgan::refine::TrainedRefiner;
use simgan::training::RunDir;
use simgan::{Error, Result};

/// Images that may wait to be refined or written.
const BATCH_SIZE: usize = 64;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [run, synthetic, refined] = arguments.as_slice() else {
        return Err(Error::config(
            "give a run, a folder of synthetic images and one for the refined images",
        ));
    };
    // The newest checkpoint, with the moving average of the weights where the run has one.
    let run = RunDir::open(Path::new(run))?;
    let refiner = TrainedRefiner::load(&run, None, true, &Device::default())?;
    let images = refiner.open(synthetic, &OpenOptions::default(), &|_, _| {})?;
    let summary = refiner.refine(
        &images,
        Path::new(refined),
        BATCH_SIZE,
        &mut |done, total| {
            eprint!("\r{done}/{total}");
        },
    )?;
    eprintln!(
        "\r{} images in {refined}, mean change {:.1} grey levels",
        summary.images, summary.mean_absolute_change
    );
    Ok(())
}
