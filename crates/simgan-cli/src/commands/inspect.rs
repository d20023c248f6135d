//! `simgan inspect`: what a path holds, and whether it is sound.

use std::path::PathBuf;

use clap::Args;

/// Options of `inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A data set, run, model or refined set
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints what it is; fails if it is not sound.
pub fn run(_args: &InspectArgs) -> anyhow::Result<()> {
    anyhow::bail!("not wired yet")
}
