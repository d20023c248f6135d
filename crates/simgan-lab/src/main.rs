//! What this project is measured with: `simgan-lab bench` and `simgan-lab reproduce`.
//!
//! They share the options, the voice and the exit codes of the `simgan` command, and are no part of it.

mod bench;
mod reproduce;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use simgan_cli::args::GlobalOptions;
use simgan_cli::errors::{self, EXIT_CODES};
use simgan_cli::{color, program};
use simgan_kernels::allocator::Allocator;

/// Tells when there is no more memory.
#[global_allocator]
static ALLOCATOR: Allocator = Allocator::new(errors::out_of_memory);

/// Measure how fast this project is, and its tables of results again.
#[derive(Debug, Parser)]
#[command(name = "simgan-lab", version, after_help = EXIT_CODES)]
#[command(max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    global: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure a table of results again, row by row
    Reproduce(reproduce::ReproduceArgs),
    /// Measure how fast this machine trains and refines, beside PyTorch if it is there
    Bench(bench::BenchArgs),
    /// One stage of `bench`, stepped by lines on stdin
    #[command(hide = true)]
    BenchWorker(bench::worker::WorkerArgs),
}

fn main() -> ExitCode {
    errors::catch_panics();
    let Cli { global, command }: Cli = color::parse();
    program::run(&global, |device, console| match command {
        Command::Reproduce(args) => reproduce::run(&args, device, console),
        Command::Bench(args) => bench::run(&args, &global, device, console),
        Command::BenchWorker(args) => bench::worker::run(&args, device),
    })
}
