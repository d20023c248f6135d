//! `simgan train`: Algorithm 1.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;

use crate::args::{DataOptions, SettingsOptions};
use crate::console::Console;

/// Options of `train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Labelled synthetic images: a folder, or a part of one (`DIR[:1000]`, `DIR[50%:]`)
    #[arg(long, value_name = "DIR")]
    pub synthetic: String,
    /// Unlabelled real images
    #[arg(long, value_name = "DIR")]
    pub real: String,
    /// Folder of the run: new or empty
    #[arg(long, value_name = "RUN")]
    pub out: PathBuf,
    /// Iterations of Algorithm 1, T (`training.steps`)
    #[arg(long, value_name = "N")]
    pub steps: Option<usize>,
    /// Seed of every random choice (`training.seed`)
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    #[command(flatten)]
    pub settings: SettingsOptions,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

impl TrainArgs {
    /// `--set` and the options that stand for a key; these win.
    fn overrides(&self) -> Vec<String> {
        let mut overrides = self.settings.set.clone();
        overrides.extend(self.steps.map(|n| format!("training.steps={n}")));
        overrides.extend(self.seed.map(|s| format!("training.seed={s}")));
        overrides
    }
}

/// Trains and tells where the run lies.
pub fn run(args: &TrainArgs, _device: &Device, _console: &Console) -> anyhow::Result<()> {
    let _ = args.overrides();
    anyhow::bail!("not wired yet")
}
