//! `simgan fit`: an estimator from labelled images.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;

use crate::args::{DataOptions, SettingsOptions, Task};
use crate::console::Console;

/// Options of `fit`.
#[derive(Debug, Args)]
pub struct FitArgs {
    /// What to estimate
    pub task: Task,
    /// Labelled images: raw synthetic, refined or real
    #[arg(long, value_name = "DIR")]
    pub data: String,
    /// Folder of the model: new or empty
    #[arg(long, value_name = "MODEL")]
    pub out: PathBuf,
    /// Label columns to estimate [default: the gaze vector]
    #[arg(long, value_name = "COL,COL", value_delimiter = ',')]
    pub target: Vec<String>,
    /// Seed of weights, batches and the held-out part
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Take the preprocessing of this run
    #[arg(long, value_name = "RUN")]
    pub run: Option<PathBuf>,
    #[command(flatten)]
    pub settings: SettingsOptions,
    #[command(flatten)]
    pub data_options: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Fits and tells the held-out error.
pub fn run(_args: &FitArgs, _device: &Device, _console: &Console) -> anyhow::Result<()> {
    anyhow::bail!("not wired yet")
}
