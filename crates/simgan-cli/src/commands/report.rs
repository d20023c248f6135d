//! `simgan report`: one HTML file about a run, or about several.

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use clap::Args;
use simgan::training::RunDir;
use simgan_workflow::UsageError;

use crate::console::Console;
use crate::examples;
use crate::output;

/// Seconds between two reports with `--watch`.
const EVERY: u64 = 10;
/// The page about several runs, where `--out` does not say.
const TOGETHER: &str = "runs.html";

/// Options of `report`.
#[derive(Debug, Default, Args)]
#[command(after_help = examples::REPORT)]
pub struct ReportArgs {
    /// Folder of the run; of 2 to 6 runs: one page that compares them
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// The file to write [default: RUN/report.html; of several runs: runs.html]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Also write every chart as SVG and CSV, and tables as Markdown and LaTeX, into DIR: new or empty
    #[arg(long, value_name = "DIR")]
    pub export: Option<PathBuf>,
    /// Write the report anew every 10 seconds until the training has finished; the page reloads itself
    #[arg(long)]
    pub watch: bool,
}

/// Writes the report and prints its path.
pub fn run(args: &ReportArgs, console: &Console) -> anyhow::Result<()> {
    let path = match (&args.out, &args.runs[..]) {
        (Some(path), _) => path.clone(),
        (None, [run]) => RunDir::at(run).report_file(),
        (None, _) => PathBuf::from(TOGETHER),
    };
    match &args.runs[..] {
        [run] => one(args, run, &path, console)?,
        runs if args.export.is_none() && !args.watch => simgan_report::write_together(runs, &path)?,
        _ => {
            return Err(UsageError {
                message: "--export and --watch take one run".into(),
                hint: "give one run, or leave the option out".into(),
            }
            .into());
        }
    }
    output::line(&path.display().to_string())
}

fn one(args: &ReportArgs, run: &Path, path: &Path, console: &Console) -> anyhow::Result<()> {
    if args.watch {
        console.say(&format!(
            "{} is written every {EVERY} seconds until the training has finished; Ctrl-C stops it",
            path.display()
        ));
        while simgan_report::write_live(run, path, EVERY)? {
            sleep(Duration::from_secs(EVERY));
        }
    } else {
        simgan_report::write(run, path)?;
    }
    if let Some(folder) = &args.export {
        simgan_report::export(run, folder)?;
    }
    Ok(())
}
