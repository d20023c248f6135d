//! `advise`: what it asks for, and what it says.

use crate::pipeline::{SMALL, SMALL_ESTIMATOR};
use crate::support::Scratch;

fn trained() -> Scratch {
    let scratch = Scratch::new();
    scratch.succeed(&["simulate", "eyes", "--count", "12", "--out", "synthetic"]);
    scratch.succeed(&["simulate", "camera", "--count", "8", "--out", "real"]);
    let train = [
        "train",
        "--synthetic",
        "synthetic",
        "--real",
        "real",
        "--out",
        "run",
    ];
    let held = [
        "--set",
        "task_consistency.watch=true",
        "--set",
        "training.images_every=1",
    ];
    scratch.succeed(&[&train[..], &SMALL, &SMALL_ESTIMATOR, &held].concat());
    scratch
}

/// The labels allow many tasks; the run has an estimator of one.
#[test]
fn the_advice_comes_with_its_evidence() {
    let scratch = trained();
    let advise = [
        "advise",
        "--run",
        "run",
        "--synthetic",
        "synthetic",
        "--real",
        "real",
    ];
    let text = scratch.succeed(&[&advise[..], &SMALL_ESTIMATOR].concat());
    assert!(text.starts_with("Use "), "{text}");
    assert!(text.contains("answer") && text.contains("deg"), "{text}");
    let json = scratch.succeed(&[&advise[..], &SMALL_ESTIMATOR, &["--json"]].concat());
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(["refined", "both", "versions", "raw"].contains(&found["advice"].as_str().unwrap()));
    assert_eq!(found["evidence"]["real_images"], 8);
    assert!(found["evidence"]["task_shift"]["refined"]["mean"].is_number());
    // The run kept two checkpoints.
    assert!(found["evidence"]["versions"].is_number());
}

#[test]
fn what_is_advised_can_be_compared() {
    let scratch = trained();
    let compare = [
        "compare",
        "gaze",
        "--run",
        "run",
        "--synthetic",
        "synthetic",
        "--real-test",
        "real",
        "--out",
        "compared",
        "--seeds",
        "1",
        "--both",
        "--versions",
        "--json",
    ];
    let json = scratch.succeed(&[&compare[..], &SMALL_ESTIMATOR].concat());
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    for arm in ["synthetic", "refined", "both", "versions"] {
        assert!(found[arm]["mean_deg"].is_number(), "{arm}: {json}");
    }
    let checkpoints = std::fs::read_dir(scratch.path("run/checkpoints")).unwrap();
    let mut checkpoints: Vec<_> = checkpoints.map(|entry| entry.unwrap().path()).collect();
    checkpoints.sort();
    assert_eq!(checkpoints.len(), 2, "{checkpoints:?}");
    std::fs::remove_dir_all(&checkpoints[0]).unwrap();
    let again: Vec<&str> = (compare.iter())
        .map(|&arg| if arg == "compared" { "again" } else { arg })
        .collect();
    let text = scratch.run(&[&again[..], &SMALL_ESTIMATOR].concat());
    assert!(
        text.contains("exit code: 5") && text.contains("the run kept one"),
        "{text}"
    );
    assert!(!scratch.path("again").exists());
}

#[test]
fn the_runs_own_estimator_judges_and_can_be_evaluated() {
    let scratch = trained();
    let judge = [
        "judge",
        "--run",
        "run",
        "--synthetic",
        "synthetic",
        "--real",
        "real",
        "--seeds",
        "1",
        "--json",
    ];
    // Eight real images are too few for the other judges.
    let text = scratch.run(&judge);
    assert!(text.contains("too few"), "{text}");
    let scores = scratch.succeed(&[
        "evaluate",
        "--model",
        "run/estimator",
        "--data",
        "synthetic",
    ]);
    assert!(scores.contains("bias of yaw"), "{scores}");
    let log = std::fs::read_to_string(scratch.path("run/events.jsonl")).unwrap();
    assert!(log.contains("\"task_shift\""), "{log}");
    assert!(!scratch.succeed(&["verify", "run"]).contains("not sound"));
    let weights = scratch.path("run/estimator/estimator.safetensors");
    let mut bytes = std::fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&weights, bytes).unwrap();
    let text = scratch.run(&["verify", "run"]);
    assert!(text.contains("estimator.safetensors"), "{text}");
}

#[test]
fn one_seed_is_refused() {
    let scratch = Scratch::new();
    let text = scratch.run(&[
        "advise",
        "--run",
        "run",
        "--synthetic",
        "a",
        "--real",
        "b",
        "--seeds",
        "1",
    ]);
    assert!(text.starts_with("exit code: 2"), "{text}");
}
