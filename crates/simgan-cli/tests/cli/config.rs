//! The built-in configurations: listed, printed, and used by name.

use crate::support::{Scratch, TRAIN};

#[test]
fn all_are_listed() {
    insta::assert_snapshot!(Scratch::new().run(&["config"]));
}

#[test]
fn one_is_printed_byte_for_byte() {
    let printed = Scratch::new().succeed(&["config", "gaze"]);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../configs");
    let file = std::fs::read_to_string(format!("{folder}/gaze.toml")).unwrap();
    assert_eq!(printed, file);
}

#[test]
fn the_schema_is_printed() {
    let printed = Scratch::new().succeed(&["config", "--schema"]);
    let schema: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let optimizer = &schema["properties"]["training"]["properties"]["optimizer"];
    assert_eq!(optimizer["default"], "adam");
}

#[test]
fn unknown_name() {
    insta::assert_snapshot!(Scratch::new().run(&["config", "gazes"]));
}

#[test]
fn a_name_is_as_good_as_its_file_and_a_file_of_that_name_wins() {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 6);
    scratch.images("real", 4);
    let few = [
        "--steps",
        "1",
        "--set",
        "training.batch_size=2",
        "--set",
        "refiner.blocks=1",
    ];
    let train = |option: &str, value: &str, out: &str| {
        let args = [&TRAIN[..6], &[out, option, value], &few].concat();
        scratch.succeed(&args);
        std::fs::read_to_string(scratch.path(out).join("config.toml")).unwrap()
    };
    let by_name = train("--config", "gaze", "by-name");
    assert!(by_name.contains("match_exposure = true"), "{by_name}");
    assert_eq!(train("--preset", "gaze", "by-preset"), by_name);
    std::fs::write(scratch.path("gaze"), "[training]\nlambda = 0.7\n").unwrap();
    assert!(train("--config", "gaze", "by-file").contains("lambda = 0.7"));
}

#[test]
fn a_file_of_the_repository_that_is_not_here_is_built_in() {
    let text = Scratch::new().run(&[&TRAIN[..], &["--config", "configs/gaze.toml"]].concat());
    assert!(text.contains("hint: --config gaze is built in"), "{text}");
}
