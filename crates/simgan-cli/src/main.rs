//! The `simgan` command.

fn main() {}
