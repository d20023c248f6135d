//! The command line as a user sees it: exit code, stdout and stderr of every kind of call.

#![allow(clippy::unwrap_used)]

/// The program under test.
const PROGRAM: &str = "simgan";
/// What is demanded of results as JSON.
const CHECK_JSON: fn(&str) = json::check;

mod advise;
mod attacks;
mod config;
mod configuration_page;
mod data;
mod degrees;
mod disk;
mod documentation;
mod export;
mod frame;
mod help;
mod hold;
mod init;
mod json;
mod kernels;
mod keypoints;
mod large;
mod memory;
mod model;
mod pipeline;
mod predict;
mod reproducibility;
mod resume;
mod shards;
mod simulate;
mod sizes;
mod support;
mod tars;
mod task;
mod turing;
mod usage;
mod verify;
mod versions;
mod walkthrough;
mod warnings;
