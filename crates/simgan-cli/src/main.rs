//! The `simgan` command.
//!
//! Results go to stdout, everything else to stderr; [`errors::ExitCode`] lists the exit codes.

mod args;
mod commands;
mod console;
mod data;
mod device;
mod errors;
mod kernels;
mod output;
mod progress;
mod report;
mod signals;

use std::process;

use clap::Parser;

use args::Cli;
use console::Console;
use simgan_kernels::allocator::Allocator;

/// Tells when there is no more memory.
#[global_allocator]
static ALLOCATOR: Allocator = Allocator::new(errors::out_of_memory);

fn main() -> process::ExitCode {
    errors::catch_panics();
    let cli = Cli::parse();
    let console = Console::new(&cli.global);
    let outcome = errors::without_panic(|| {
        kernels::check_environment()?;
        args::start_threads(cli.global.threads)?;
        commands::run(cli.command, &cli.global, &console)
    });
    match outcome {
        Ok(()) => errors::ExitCode::Success.into(),
        Err(error) => errors::report(&error, &console).into(),
    }
}
