//! `simgan report`: one HTML file about a run.

use std::path::PathBuf;

use clap::Args;
use simgan::training::RunDir;

use crate::console::Console;
use crate::examples;
use crate::output;

/// Options of `report`.
#[derive(Debug, Args)]
#[command(after_help = examples::REPORT)]
pub struct ReportArgs {
    /// Folder of the run
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The file to write [default: RUN/report.html]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Writes the report and prints its path.
pub fn run(args: &ReportArgs, _console: &Console) -> anyhow::Result<()> {
    let path = args
        .out
        .clone()
        .unwrap_or_else(|| RunDir::at(&args.run).report_file());
    simgan_report::write(&args.run, &path)?;
    output::line(&path.display().to_string())
}
