//! The commands, one file each: options, and what happens.

pub mod bench;
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
pub mod reproduce;
pub mod simulate;
pub mod train;
pub mod verify;

use crate::args::{Command, GlobalOptions};
use crate::console::Console;

/// Runs `command`.
///
/// # Errors
/// Whatever stopped it; `errors::report` tells it and finds the exit code.
pub fn run(command: Command, global: &GlobalOptions, console: &Console) -> anyhow::Result<()> {
    let device = global.device.open()?;
    match command {
        Command::Simulate(args) => simulate::run(&args, console),
        Command::Train(args) => train::run(&args, &device, console),
        Command::Refine(args) => refine::run(&args, &device, console),
        Command::Frame(args) => frame::run(&args, console),
        Command::Fit(args) => fit::run(&args, &device, console),
        Command::Evaluate(args) => evaluate::run(&args, &device, console),
        Command::Compare(args) => compare::run(&args, &device, console),
        Command::Judge(args) => judge::run(&args, &device, console),
        Command::Report(args) => report::run(&args, console),
        Command::Inspect(args) => inspect::run(&args, console),
        Command::Verify(args) => verify::run(&args),
        Command::Demo(args) => demo::run(&args, &device, console),
        Command::Reproduce(args) => reproduce::run(&args, &device, console),
        Command::Bench(args) => bench::run(&args, global, &device, console),
        Command::BenchWorker(args) => bench::worker::run(&args, &device),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args, console),
    }
}
