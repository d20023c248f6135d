//! `simgan refine`: a whole folder through a trained refiner.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;

use crate::args::DataOptions;
use crate::console::Console;

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
    /// Images at a time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub batch_size: u32,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Refines and tells how many images and how fast.
pub fn run(_args: &RefineArgs, _device: &Device, _console: &Console) -> anyhow::Result<()> {
    anyhow::bail!("not wired yet")
}
