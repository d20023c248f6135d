//! Help texts.

use crate::support::Scratch;

#[test]
fn help_of_every_command() {
    let scratch = Scratch::new();
    for command in ["reproduce", "bench"] {
        insta::assert_snapshot!(format!("help_{command}"), scratch.run(&[command, "--help"]));
    }
}
