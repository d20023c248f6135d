//! `simgan evaluate`: an estimator on labelled images.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;

use crate::args::{DataOptions, Task};
use crate::console::Console;

/// Options of `evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// What is estimated
    pub task: Task,
    /// Folder of the fitted model
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// Labelled images
    #[arg(long, value_name = "DIR")]
    pub data: String,
    /// Images labelled with a screen point: fit the affine map from gaze to screen on N of them, score the rest
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub calibrate: usize,
    #[command(flatten)]
    pub data_options: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Scores and prints the table.
pub fn run(_args: &EvaluateArgs, _device: &Device, _console: &Console) -> anyhow::Result<()> {
    anyhow::bail!("not wired yet")
}
