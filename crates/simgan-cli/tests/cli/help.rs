//! Help texts, completions and manual pages.

use crate::support::Scratch;

#[test]
fn help_of_the_program() {
    insta::assert_snapshot!(Scratch::new().run(&["--help"]));
}

#[test]
fn help_of_every_command() {
    let scratch = Scratch::new();
    let commands = [
        "simulate",
        "init",
        "train",
        "refine",
        "fit",
        "evaluate",
        "predict",
        "compare",
        "judge",
        "advise",
        "turing",
        "export",
        "report",
        "inspect",
        "demo",
        "completions",
        "man",
    ];
    for command in commands {
        insta::assert_snapshot!(format!("help_{command}"), scratch.run(&[command, "--help"]));
    }
}

#[test]
fn no_command_shows_the_help() {
    let text = Scratch::new().run(&[]);
    assert!(
        text.starts_with("exit code: 2\n--- stdout\n--- stderr\n"),
        "{text}"
    );
    assert!(text.contains("Commands:\n  simulate "), "{text}");
}

#[test]
fn completions_are_scripts_for_the_shell() {
    for (shell, mark) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef simgan"),
        ("fish", "complete -c simgan"),
    ] {
        let text = Scratch::new().run(&["completions", shell]);
        assert!(
            text.starts_with("exit code: 0") && text.contains(mark),
            "{shell}: {text}"
        );
    }
}

#[test]
fn manual_pages_are_printed_and_written() {
    let scratch = Scratch::new();
    let text = scratch.run(&["man"]);
    assert!(text.contains(".TH simgan 1"), "{text}");
    assert!(
        scratch
            .run(&["man", "--out", "pages"])
            .starts_with("exit code: 0")
    );
    for page in ["simgan.1", "simgan-train.1", "simgan-inspect.1"] {
        assert!(scratch.path("pages").join(page).is_file(), "{page}");
    }
}
