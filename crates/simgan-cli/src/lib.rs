//! The `simgan` command as a library that `simgan-lab` shares its options and its voice with; no part of the interface.
//!
//! Results go to stdout, everything else to stderr; [`errors::ExitCode`] lists the exit codes.

#![allow(
    missing_docs,
    reason = "its items are for the programs of this workspace only"
)]
#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "comments on options are help texts"
)]

pub mod args;
pub mod cli;
pub mod color;
pub mod commands;
pub mod console;
pub mod device;
mod error_report;
pub mod errors;
mod examples;
mod listener;
#[cfg(feature = "mpi")]
mod mpi;
pub mod output;
pub mod processes;
pub mod program;
pub mod progress;
pub mod signals;
