//! `frame`, framings in `DIR` arguments, and what `train` says of images that are shown larger.

use crate::support::{Scratch, TRAIN, small, with};

const EYES: &[&str] = &["--set", "preprocessing.equalize=false"];

/// Simulated eyes, and others of the same kind written twice as large as they are shown.
fn eyes() -> Scratch {
    let scratch = Scratch::new();
    for (folder, seed) in [("synthetic", "1"), ("real", "2")] {
        let args = ["simulate", "eyes", "--count", "60", "--seed", seed];
        scratch.succeed(&[&args[..], &["--out", folder]].concat());
    }
    scratch
}

fn args(real: &str) -> Vec<&str> {
    let args = ["-q", "frame", "--synthetic", "synthetic", "--real", real];
    [&args[..], EYES].concat()
}

#[test]
fn larger_eyes_are_brought_to_the_synthetic_size() {
    insta::assert_snapshot!(eyes().run(&args("real[:50]@zoom=1.6")));
}

#[test]
fn eyes_of_one_size_are_left_alone() {
    let text = eyes().succeed(&[&args("real")[..], &["--shift", "--json"]].concat());
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    let zoom = found["zoom"].as_f64().unwrap();
    assert!((0.9..1.1).contains(&zoom), "{text}");
    assert_eq!(found["notable"], false, "{text}");
}

#[test]
fn training_says_which_framing_fits() {
    let scratch = eyes();
    let train = |real: &str, out: &str| {
        let args = [
            "train",
            "--synthetic",
            "synthetic",
            "--real",
            real,
            "--out",
            out,
        ];
        let sizes = small(1);
        // The sizes of `small` are for images of 18x14; eyes need theirs to have edges that tell.
        let last = [
            "--set",
            "preprocessing.width=55",
            "--set",
            "preprocessing.height=35",
        ];
        scratch.run(&[&with(&args, &sizes)[..], &last, EYES].concat())
    };
    let larger = train("real@zoom=1.6", "larger");
    assert!(larger.contains("exit code: 0"), "{larger}");
    assert!(
        larger.contains("times as large as the synthetic ones"),
        "{larger}"
    );
    assert!(larger.contains("use --real 'real"), "{larger}");
    let alike = train("real", "alike");
    assert!(
        alike.contains("exit code: 0") && !alike.contains("times as large"),
        "{alike}"
    );
    // The run knows how its images were shown.
    let resumed = scratch.run(&["train", "--out", "larger", "--resume", "--steps", "2"]);
    assert!(resumed.contains("exit code: 0"), "{resumed}");
    assert!(resumed.contains("times as large"), "{resumed}");
}

#[test]
fn wrong_framings_are_refused() {
    let scratch = Scratch::new();
    scratch.images("real", 5);
    for (name, source) in [
        ("no_number", "real@zoom=much"),
        ("unknown_shift", "real@zoom=0.5,x=0.1,z=3"),
        ("out_of_range", "real[:2]@zoom=100"),
        ("simulator", "sim:eyes?count=5@zoom=0.5"),
    ] {
        insta::assert_snapshot!(
            format!("wrong_framing_{name}"),
            scratch.run(&["inspect", source])
        );
    }
}

#[test]
fn refined_images_are_not_framed() {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 6);
    scratch.images("real", 5);
    scratch.succeed(&with(&TRAIN, &small(1)));
    scratch.succeed(&[
        "refine",
        "--run",
        "run",
        "--input",
        "synthetic@zoom=0.8",
        "--output",
        "refined",
    ]);
    let text = scratch.run(&["inspect", "refined@zoom=2"]);
    assert!(text.contains("are taken as they are"), "{text}");
}
