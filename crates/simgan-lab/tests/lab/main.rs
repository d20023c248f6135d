//! The command line as whoever measures sees it.

#![allow(clippy::unwrap_used)]

/// The program under test.
const PROGRAM: &str = "simgan-lab";
/// What is demanded of results as JSON: nothing, for these are not published.
const CHECK_JSON: fn(&str) = |_| {};

mod bench;
mod help;
mod reproduce;
#[path = "../../../simgan-cli/tests/cli/support.rs"]
#[allow(dead_code, reason = "shared with the tests of the other program")]
mod support;
