//! `simgan compare`: raw against refined, by the estimators trained on them.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;

use crate::args::{DataOptions, SettingsOptions, Task};
use crate::console::Console;

/// Options of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// What to estimate
    pub task: Task,
    /// Folder of the trained run
    #[arg(long, value_name = "RUN")]
    pub run: PathBuf,
    /// Labelled synthetic images
    #[arg(long, value_name = "DIR")]
    pub synthetic: String,
    /// Labelled real images, not used in training
    #[arg(long, value_name = "DIR")]
    pub real_test: String,
    /// Folder for models, refined images and comparison.json
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Estimators fitted on each side, with seeds 0, 1, ...
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub seeds: u32,
    /// Images labelled with a screen point: fit the affine map from gaze to screen on N of them, score the rest
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub calibrate: usize,
    /// Label columns to estimate [default: the gaze vector]
    #[arg(long, value_name = "COL,COL", value_delimiter = ',')]
    pub target: Vec<String>,
    #[command(flatten)]
    pub settings: SettingsOptions,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Compares and prints the table.
pub fn run(_args: &CompareArgs, _device: &Device, _console: &Console) -> anyhow::Result<()> {
    anyhow::bail!("not wired yet")
}
