//! README and tutorial as a reader follows them: every command of a page, in its order, in one folder. Only how much is done
//! is cut down: images, steps, the size of networks.

use std::path::Path;

use crate::documentation::commands;
use crate::pipeline::{SMALL, SMALL_ESTIMATOR};
use crate::support::Scratch;

/// Words of commands and what stands in their place: fewer images.
const FEWER: [(&str, &str); 3] = [
    ("3000", "24"),
    ("photographs[:2000]", "photographs[:12]"),
    ("photographs[2000:]", "photographs[12:]"),
];

/// The command, doing less.
fn reduced(command: &[String]) -> Vec<&str> {
    let mut words: Vec<&str> = command[1..]
        .iter()
        .map(|word| {
            let fewer = FEWER.iter().find(|(from, _)| word == from);
            fewer.map_or(word.as_str(), |(_, to)| to)
        })
        .collect();
    match words[0] {
        "train" => {
            words.extend(SMALL);
            words.extend(SMALL_ESTIMATOR);
            words.extend(["--set", "keypoints.steps=2"]);
        }
        "advise" | "compare" | "fit" => words.extend(SMALL_ESTIMATOR),
        _ => {}
    }
    words
}

/// The commands of `page`; none in a package of this crate alone.
fn of_page(page: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(page);
    std::fs::read_to_string(path).map_or_else(|_| Vec::new(), |text| commands(&text))
}

fn follow(scratch: &Scratch, commands: &[Vec<String>]) {
    for command in commands {
        scratch.succeed(&reduced(command));
    }
}

#[test]
fn the_tutorial_can_be_followed() {
    let scratch = Scratch::new();
    let commands = of_page("docs/tutorial.md");
    follow(&scratch, &commands);
    if !commands.is_empty() {
        assert!(commands.len() >= 10, "{commands:?}");
        assert!(scratch.path("run/report.html").is_file());
        assert!(scratch.path("comparison/comparison.json").is_file());
    }
}

/// The readme's own folders are the reader's: simulated here.
#[test]
fn the_readme_can_be_followed() {
    let scratch = Scratch::new();
    let commands = of_page("README.md");
    if commands.is_empty() {
        return;
    }
    for (kind, folder) in [("eyes", "SYNTHETIC"), ("camera", "REAL")] {
        scratch.succeed(&["simulate", kind, "--count", "24", "--out", folder]);
    }
    follow(&scratch, &commands);
    let labels = |folder: &str| std::fs::read(scratch.path(folder).join("labels.csv")).unwrap();
    assert_eq!(labels("SYNTHETIC"), labels("REFINED"));
}
