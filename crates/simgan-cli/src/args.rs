//! The command line: global options and the groups of options that several commands share.
//! The options of a command stand with the command in `commands/`.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use simgan_data::{OnBadImage, OpenOptions};

use crate::commands::{
    compare, completions, demo, evaluate, fit, frame, inspect, judge, man, refine, report,
    simulate, train, verify,
};
use crate::device::DeviceChoice;
use crate::errors::EXIT_CODES;

/// Make synthetic images look real with unlabelled real ones, labels kept (SimGAN, CVPR 2017).
#[derive(Debug, Parser)]
#[command(name = "simgan", version, after_help = EXIT_CODES)]
#[command(max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: GlobalOptions,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Render labelled images into a folder
    Simulate(simulate::SimulateArgs),
    /// Say how to show real images in the size of the synthetic ones
    Frame(frame::FrameArgs),
    /// Train a refiner (Algorithm 1 of the paper)
    Train(train::TrainArgs),
    /// Refine a folder of synthetic images with a trained run; labels and names are carried over
    Refine(refine::RefineArgs),
    /// Fit an estimator on labelled images
    Fit(fit::FitArgs),
    /// Score an estimator on labelled images
    Evaluate(evaluate::EvaluateArgs),
    /// Fit the same estimator on raw and on refined images and score both on real ones
    Compare(compare::CompareArgs),
    /// Measure how far refining moves labels, and how well refined images can be told from real ones
    Judge(judge::JudgeArgs),
    /// Write one self-contained HTML file about a run
    Report(report::ReportArgs),
    /// Say what a data set, run or model is, and whether it is sound
    Inspect(inspect::InspectArgs),
    /// Check every byte of a run, estimator or refined set against the hashes written with it
    Verify(verify::VerifyArgs),
    /// The whole experiment on simulated eyes: simulate, train, refine, compare, report
    Demo(demo::DemoArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print the man page, or write one for every command
    Man(man::ManArgs),
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalOptions {
    /// Compute device: cpu, cuda, rocm, metal, vulkan or webgpu, and which one (`cuda:1`)
    #[arg(long, global = true, value_name = "KIND[:N]", default_value = "cpu")]
    pub device: DeviceChoice,
    /// Threads to compute with [default: one a core]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log more; twice for details (`RUST_LOG` goes further)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Colour what goes to stderr
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    // On a terminal.
    Auto,
    // Always.
    Always,
    // Never.
    Never,
}

/// Options of every command that reads images.
#[derive(Debug, Args)]
pub struct DataOptions {
    /// An image that cannot be used is left out (and named), or ends the command
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    pub on_bad_image: BadImageChoice,
    /// Folder for decoded images [default: the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Of an MPIIGaze folder, use the images of its evaluation lists only
    #[arg(long)]
    pub evaluation_list: bool,
}

/// What to do with an image that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BadImageChoice {
    // Leave it out and say so.
    Skip,
    // Stop.
    Fail,
}

impl DataOptions {
    /// Options that leave unusable images out.
    pub fn skipping(cache_dir: Option<PathBuf>) -> OpenOptions {
        OpenOptions {
            on_bad_image: OnBadImage::Skip,
            cache_dir,
            ..OpenOptions::default()
        }
    }

    /// As the library takes them.
    pub fn open_options(&self) -> OpenOptions {
        OpenOptions {
            on_bad_image: match self.on_bad_image {
                BadImageChoice::Skip => OnBadImage::Skip,
                BadImageChoice::Fail => OnBadImage::Fail,
            },
            cache_dir: self.cache_dir.clone(),
            evaluation_list: self.evaluation_list,
        }
    }
}

/// Where settings come from.
#[derive(Debug, Args)]
pub struct SettingsOptions {
    /// Configuration file (TOML) [default: the run's where there is one, else the built-in]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set one configuration key (`training.lambda=0.5`); may be repeated, wins over the file
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// What an estimator estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Task {
    // Direction of gaze, or the label columns of --target.
    Gaze,
}

/// Sets up the worker threads that decoding and computing share.
///
/// # Errors
/// The operating system gives no threads.
pub fn start_threads(threads: Option<u16>) -> anyhow::Result<()> {
    let Some(threads) = threads else {
        return Ok(());
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.into())
        .build_global()
        .context("worker threads cannot be started")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
