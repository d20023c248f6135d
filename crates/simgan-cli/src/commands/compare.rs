//! `simgan compare`: raw against refined, by the estimators trained on them.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use simgan::tasks::Comparison;
use simgan_workflow::compare::{CompareRequest, compare};

use crate::args::{DataOptions, SettingsOptions, TaskOptions};
use crate::console::Console;
use crate::examples;
use crate::output;

/// Options of `compare`.
#[derive(Debug, Args)]
#[command(after_help = examples::COMPARE)]
pub struct CompareArgs {
    #[command(flatten)]
    pub task: TaskOptions,
    /// Folder of the trained run
    #[arg(long, value_name = "RUN")]
    pub run: PathBuf,
    /// Labelled synthetic images
    #[arg(long, value_name = "DIR")]
    pub synthetic: String,
    /// Labelled real images, not used in training
    #[arg(long, value_name = "DIR")]
    pub real_test: String,
    /// Folder for the refined images and comparison.json: new or empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Estimators fitted on each side, with seeds 0, 1, ...
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub seeds: u32,
    /// Images labelled with a screen point: fit the affine map from gaze to screen on N of them, score the rest
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub calibrate: usize,
    /// Also fit on raw and on refined images under plain augmentation (estimator.augmentation)
    #[arg(long)]
    pub augmented: bool,
    /// Also fit on raw and refined images together: each time, one of an image's two versions is drawn
    #[arg(long)]
    pub both: bool,
    /// Also fit on raw images and those of every checkpoint that the run kept, together
    #[arg(long)]
    pub versions: bool,
    /// Also fit on these labelled real images, as an upper bound; none of them may be in --real-test
    #[arg(long, value_name = "DIR")]
    pub real_training: Option<String>,
    /// Label columns to estimate, as --task column:COL,COL
    #[arg(
        long,
        value_name = "COL,COL",
        value_delimiter = ',',
        conflicts_with = "task"
    )]
    pub target: Vec<String>,
    #[command(flatten)]
    pub settings: SettingsOptions,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

impl CompareArgs {
    fn request(&self) -> CompareRequest {
        CompareRequest {
            task: self.task.choice(),
            run: self.run.clone(),
            synthetic: self.synthetic.clone(),
            real_test: self.real_test.clone(),
            out: self.out.clone(),
            seeds: self.seeds,
            calibrate: self.calibrate,
            augmented: self.augmented,
            both: self.both,
            versions: self.versions,
            real_training: self.real_training.clone(),
            target: self.target.clone(),
            settings: self.settings.settings(),
            open: self.data.open_options(),
        }
    }
}

/// Compares and prints the table.
pub fn run(args: &CompareArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    compared(args, device, console).map(drop)
}

/// The same. Returns the comparison itself.
pub fn compared(
    args: &CompareArgs,
    device: &Device,
    console: &Console,
) -> anyhow::Result<Comparison> {
    let comparison = compare(&args.request(), device, console)?;
    match args.json {
        true => output::json(Comparison::SHAPE, &comparison)?,
        false => output::line(comparison.to_markdown().trim_end())?,
    }
    Ok(comparison)
}
