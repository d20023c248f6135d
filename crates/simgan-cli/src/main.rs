//! The `simgan` command; `simgan_cli` has its parts.

use std::process::ExitCode;

use simgan_cli::cli::{self, Cli};
use simgan_cli::{color, errors, program};
use simgan_kernels::allocator::Allocator;

/// Tells when there is no more memory.
#[global_allocator]
static ALLOCATOR: Allocator = Allocator::new(errors::out_of_memory);

fn main() -> ExitCode {
    errors::catch_panics();
    let Cli { global, command } = color::parse();
    program::run(&global, |device, console| {
        cli::run(command, device, console)
    })
}
