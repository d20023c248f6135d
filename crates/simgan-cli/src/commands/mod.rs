//! The commands, one file each: options, and what happens.

pub mod compare;
pub mod completions;
pub mod demo;
pub mod evaluate;
pub mod fit;
pub mod frame;
pub mod inspect;
pub mod judge;
pub mod man;
pub mod refine;
pub mod report;
pub mod simulate;
pub mod train;
pub mod verify;

use burn::tensor::Device;

use crate::args::Command;
use crate::console::Console;

/// Runs `command`.
///
/// # Errors
/// Whatever stopped it; `errors::report` tells it and finds the exit code.
pub fn run(command: Command, device: &Device, console: &Console) -> anyhow::Result<()> {
    match command {
        Command::Simulate(args) => simulate::run(&args, console),
        Command::Train(args) => train::run(&args, device, console),
        Command::Refine(args) => refine::run(&args, device, console),
        Command::Frame(args) => frame::run(&args, console),
        Command::Fit(args) => fit::run(&args, device, console),
        Command::Evaluate(args) => evaluate::run(&args, device, console),
        Command::Compare(args) => compare::run(&args, device, console),
        Command::Judge(args) => judge::run(&args, device, console),
        Command::Report(args) => report::run(&args, console),
        Command::Inspect(args) => inspect::run(&args, console),
        Command::Verify(args) => verify::run(&args),
        Command::Demo(args) => demo::run(&args, device, console),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args, console),
    }
}
