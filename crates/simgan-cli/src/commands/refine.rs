//! `simgan refine`: a whole folder through a trained refiner.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::Args;
use simgan::Error;
use simgan::datasets::Dataset;
use simgan::refine::{RefineSummary, TrainedRefiner};
use simgan::training::RunDir;

use crate::args::DataOptions;
use crate::console::Console;
use crate::data;
use crate::output::{self, thousands};
use crate::progress::{Progress, duration};

/// Options of `refine`.
#[derive(Debug, Args)]
pub struct RefineArgs {
    /// Folder of the trained run
    #[arg(long, value_name = "RUN")]
    pub run: PathBuf,
    /// Synthetic images
    #[arg(long, value_name = "DIR")]
    pub input: String,
    /// Folder for the refined images: new or empty
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Iteration whose checkpoint is used [default: the last]
    #[arg(long, value_name = "STEP")]
    pub checkpoint: Option<usize>,
    /// Use the moving average of the refiner's weights [default: where the run has one]
    #[arg(long, overrides_with = "no_average")]
    pub average: bool,
    /// Use the refiner's own weights
    #[arg(long)]
    pub no_average: bool,
    /// Images that may wait to be refined or written; accelerators refine as many at a time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub batch_size: u32,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Refines and tells how many images and how fast.
pub fn run(args: &RefineArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    let run = RunDir::open(&args.run)?;
    data::require_free(&args.output, "--output")?;
    if args.average {
        require_average(&run, args.checkpoint)?;
    }
    let refiner = TrainedRefiner::load(&run, args.checkpoint, !args.no_average, device)?;
    let preprocessing = &refiner.config().preprocessing;
    let images = data::open(
        &args.input,
        preprocessing,
        &args.data.open_options(),
        console,
    )?;
    let summary = refine(&refiner, &images, &args.output, args.batch_size, console)?;
    if args.json {
        return output::json(&summary);
    }
    output::line(&output::table(&[
        ("refined images", args.output.display().to_string()),
        ("images", thousands(summary.images)),
        ("left out", thousands(summary.skipped)),
        (
            "mean change",
            format!("{:.2} grey levels of 255", summary.mean_absolute_change),
        ),
        ("time", duration(summary.seconds)),
        ("of which", split(&summary)),
        ("rate", format!("{:.0} images/s", summary.images_per_second)),
    ]))
}

/// For how long each stage worked. They run side by side.
fn split(summary: &RefineSummary) -> String {
    format!(
        "net {:.1} s, reading {:.1} s, writing {:.1} s (side by side)",
        summary.net_seconds, summary.reading_seconds, summary.writing_seconds
    )
}

/// Refines `images` into `output` with progress; warns where the refiner did nothing.
///
/// # Errors
/// Those of [`TrainedRefiner::refine`].
pub fn refine(
    refiner: &TrainedRefiner,
    images: &Dataset,
    output: &Path,
    batch_size: u32,
    console: &Console,
) -> simgan::Result<RefineSummary> {
    let progress = Progress::new(console, "refining");
    let mut update = |done, total| progress.update(done, total, "");
    let summary = refiner.refine(images, output, batch_size as usize, &mut update)?;
    drop(progress);
    if summary.unchanged > 0 {
        console.warn(&format!(
            "{} of {} images came out exactly as they went in: the refiner does nothing to them",
            thousands(summary.unchanged),
            thousands(summary.images)
        ));
    }
    Ok(summary)
}

/// A run without a moving average silently uses the refiner itself, unless the average is asked for.
fn require_average(run: &RunDir, checkpoint: Option<usize>) -> simgan::Result<()> {
    let (step, folder) = run.checkpoint(checkpoint)?;
    if folder.join("refiner_average.safetensors").is_file() {
        return Ok(());
    }
    let message = format!("--average: the checkpoint of step {step} has no moving average");
    Err(Error::model(message).with_hint("train with --set training.average_decay=0.999"))
}
