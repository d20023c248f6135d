//! Wrong command lines and wrong configuration.

use std::process::{Command, Stdio};

use crate::support::Scratch;

const TRAIN: [&str; 7] = ["train", "--synthetic", "s", "--real", "r", "--out", "run"];

fn train(more: &[&str]) -> String {
    Scratch::new().run(&[&TRAIN, more].concat())
}

/// Trains with a configuration file of this text.
fn train_with_file(text: &str) -> String {
    let scratch = Scratch::new();
    std::fs::write(scratch.path("c.toml"), text).unwrap();
    scratch.run(&[&TRAIN[..], &["--config", "c.toml"]].concat())
}

#[test]
fn unknown_option() {
    insta::assert_snapshot!(train(&["--stepz", "5"]));
}

#[test]
fn missing_option() {
    insta::assert_snapshot!(Scratch::new().run(&["train", "--synthetic", "s"]));
}

#[test]
fn unknown_task() {
    insta::assert_snapshot!(Scratch::new().run(&["fit", "hands", "--data", "d", "--out", "m"]));
}

#[test]
fn unknown_device() {
    insta::assert_snapshot!(train(&["--device", "gpu"]));
}

#[cfg(not(feature = "cuda"))]
#[test]
fn device_that_is_not_compiled_in() {
    insta::assert_snapshot!(train(&["--device", "cuda:1"]));
}

#[test]
fn quiet_and_verbose() {
    insta::assert_snapshot!(train(&["-q", "-v"]));
}

#[test]
fn missing_configuration_file() {
    insta::assert_snapshot!(train(&["--config", "none.toml"]));
}

#[test]
fn unknown_key() {
    insta::assert_snapshot!(train(&["--set", "training.lamda=1"]));
}

#[test]
fn unknown_key_in_a_file() {
    insta::assert_snapshot!(train_with_file("[training]\nstepz = 5\n"));
}

#[test]
fn file_that_is_not_toml() {
    insta::assert_snapshot!(train_with_file("[training\n"));
}

#[test]
fn value_of_the_wrong_type() {
    insta::assert_snapshot!(train(&["--set", "training.batch_size=many"]));
}

#[test]
fn value_out_of_range() {
    insta::assert_snapshot!(train(&["--set", "training.batch_size=0"]));
}

#[test]
fn set_without_equals() {
    insta::assert_snapshot!(train(&["--set", "training.lambda"]));
}

#[test]
fn colours_only_where_they_are_wanted() {
    assert!(!train(&["--config", "none.toml"]).contains('\x1b'));
    let text = train(&["--config", "none.toml", "--color", "always"]);
    assert!(text.contains("\x1b[1;31merror:\x1b[0m"), "{text}");
}

#[test]
fn usage_errors_are_coloured_as_asked() {
    let scratch = Scratch::new();
    // Whoever sets this asks every program for colours, also in files.
    let said = |choice: &str| {
        let mut command = scratch.command(&["--color", choice, "train", "--stepz"]);
        let output = command.env("CLICOLOR_FORCE", "1").output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said("always").contains('\x1b'));
    assert!(!said("never").contains('\x1b'));
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_simgan"))
        .args(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
