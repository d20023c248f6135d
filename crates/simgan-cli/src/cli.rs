//! The command line: every command, with the options of all.

use burn::tensor::Device;
use clap::{CommandFactory, Parser, Subcommand};

use crate::args::GlobalOptions;
use crate::commands::{
    advise, compare, completions, config, demo, evaluate, export, fit, frame, init, inspect, judge,
    man, predict, refine, report, simulate, train, turing, verify,
};
use crate::console::Console;
use crate::errors::EXIT_CODES;

/// Make synthetic images look real with unlabelled real ones, labels kept (SimGAN, CVPR 2017).
#[derive(Debug, Parser)]
#[command(name = "simgan", version, after_help = EXIT_CODES)]
#[command(max_term_width = 100)]
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
    /// Look at both sets of images and write a configuration that fits them
    Init(init::InitArgs),
    /// Find the zoom at which real images show things as large as the synthetic ones do
    Frame(frame::FrameArgs),
    /// Train a refiner (Algorithm 1 of the paper)
    Train(train::TrainArgs),
    /// Refine a folder of synthetic images with a trained run; labels and names are carried over
    Refine(refine::RefineArgs),
    /// Fit an estimator on labelled images
    Fit(fit::FitArgs),
    /// Score an estimator on labelled images
    Evaluate(evaluate::EvaluateArgs),
    /// Write an estimator's answers to any images as a table
    Predict(predict::PredictArgs),
    /// Fit the same estimator on raw and on refined images and score both on real ones
    Compare(compare::CompareArgs),
    /// Measure how far refining moves labels, and how well refined images can be told from real ones
    Judge(judge::JudgeArgs),
    /// Let people try to tell refined images from real ones (the visual Turing test of the paper)
    Turing(turing::TuringArgs),
    /// Say, without labels of real images, whether to learn from refined images, raw ones or both
    Advise(advise::AdviseArgs),
    /// Write a refiner or an estimator for other programs: ONNX, PyTorch, a web page
    Export(export::ExportArgs),
    /// List the built-in configurations, or print one to be edited
    Config(config::ConfigArgs),
    /// Write one self-contained HTML file about a run, or about several
    Report(report::ReportArgs),
    /// Say what a data set, run or model is, and whether it is sound
    Inspect(inspect::InspectArgs),
    /// Check every byte of a run, estimator or refined set against the hashes written with it
    Verify(verify::VerifyArgs),
    /// The whole experiment on simulated eyes: simulate, train, compare, judge, report
    Demo(demo::DemoArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print the man page, or write one for every command
    Man(man::ManArgs),
}

/// Runs `command`.
///
/// # Errors
/// Whatever stopped it; `error_report::report` tells it and finds the exit code.
pub fn run(command: Command, device: &Device, console: &Console) -> anyhow::Result<()> {
    match command {
        Command::Simulate(args) => simulate::run(&args, console),
        Command::Train(args) => train::run(&args, device, console),
        Command::Refine(args) => refine::run(&args, device, console),
        Command::Init(args) => init::run(&args, console),
        Command::Frame(args) => frame::run(&args, console),
        Command::Fit(args) => fit::run(&args, device, console),
        Command::Evaluate(args) => evaluate::run(&args, device, console),
        Command::Predict(args) => predict::run(&args, device, console),
        Command::Compare(args) => compare::run(&args, device, console),
        Command::Judge(args) => judge::run(&args, device, console),
        Command::Turing(args) => turing::run(&args, device, console),
        Command::Advise(args) => advise::run(&args, device, console),
        Command::Export(args) => export::run(&args, device, console),
        Command::Report(args) => report::run(&args, console),
        Command::Inspect(args) => inspect::run(&args, console),
        Command::Verify(args) => verify::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Demo(args) => demo::run(&args, device, console),
        Command::Completions(args) => completions::run(&args, Cli::command()),
        Command::Man(args) => man::run(&args, Cli::command(), console),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
