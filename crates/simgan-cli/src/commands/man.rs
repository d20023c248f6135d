//! `simgan man`: manual pages.

use std::path::PathBuf;

use clap::Args;
use clap_mangen::Man;

use crate::console::Console;
use crate::examples;
use crate::output;
use simgan_base::files::disk;

/// Options of `man`.
#[derive(Debug, Args)]
#[command(after_help = examples::MAN)]
pub struct ManArgs {
    /// Write a page for every command into this folder instead of printing the main one
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints `simgan.1`, or writes all pages.
pub fn run(args: &ManArgs, program: clap::Command, console: &Console) -> anyhow::Result<()> {
    match &args.out {
        Some(folder) => {
            disk::create_dir_all(folder)?;
            clap_mangen::generate_to(program, folder)?;
            console.say(&format!("manual pages written to {}", folder.display()));
            Ok(())
        }
        None => {
            let mut page = Vec::new();
            Man::new(program).render(&mut page)?;
            output::bytes(&page)
        }
    }
}
