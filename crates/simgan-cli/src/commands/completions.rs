//! `simgan completions`: completion scripts.

use clap::Args;
use clap_complete::Shell;

use crate::examples;
use crate::output;

/// Options of `completions`.
#[derive(Debug, Args)]
#[command(after_help = examples::COMPLETIONS)]
pub struct CompletionsArgs {
    /// Shell to complete in
    shell: Shell,
}

/// Prints the script of `program` to stdout.
pub fn run(args: &CompletionsArgs, mut program: clap::Command) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "simgan", &mut script);
    output::bytes(&script)
}
