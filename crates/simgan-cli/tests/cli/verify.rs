//! Verifying runs, refined sets and estimators: what is whole passes, what is damaged is named.

use std::fs;

use crate::support::{REFINE, Scratch, TRAIN, small, with};

/// A run of two iterations with a checkpoint of each.
fn trained() -> Scratch {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 6);
    scratch.images("real", 6);
    let often = [
        "--set",
        "training.checkpoint_every=1",
        "--set",
        "training.images_every=1",
    ];
    scratch.succeed(&[with(&TRAIN, &small(2)), often.to_vec()].concat());
    scratch
}

fn verify(scratch: &Scratch) -> serde_json::Value {
    let output = scratch
        .command(&["verify", "run", "--json"])
        .output()
        .unwrap();
    let mut found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    found["code"] = output.status.code().into();
    found
}

#[test]
fn a_whole_run_is_sound_and_not_touched() {
    let scratch = trained();
    let listing = || {
        let mut files: Vec<_> = fs::read_dir(scratch.path("run"))
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                (entry.path(), entry.metadata().unwrap().modified().unwrap())
            })
            .collect();
        files.sort();
        files
    };
    let before = listing();
    let found = verify(&scratch);
    assert_eq!((&found["code"], &found["sound"]), (&0.into(), &true.into()));
    assert_eq!(found["kind"], "run");
    // Two checkpoints, configuration, manifest, log, image grids.
    assert!(found["files"].as_u64().unwrap() > 15, "{found}");
    assert!(
        found["notes"].to_string().contains("that of step 2"),
        "{found}"
    );
    assert_eq!(before, listing());
}

#[test]
fn every_damaged_file_is_named() {
    let scratch = trained();
    let files = [
        "config.toml",
        "run.json",
        "events.jsonl",
        "checkpoints/step_00000001/state.json",
        "checkpoints/step_00000002/history.safetensors",
    ];
    for name in files {
        let path = scratch.path("run").join(name);
        let whole = fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        damaged[whole.len() / 3] = 0;
        fs::write(&path, damaged).unwrap();
        let found = verify(&scratch);
        assert_eq!(found["code"], 5, "{name}");
        assert!(found["problems"].to_string().contains(name), "{found}");
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(verify(&scratch)["sound"], true);
}

#[test]
fn what_an_ended_process_left_is_noted_and_no_damage() {
    let scratch = trained();
    fs::create_dir(scratch.path("run/checkpoints/.step_00000003.partial")).unwrap();
    let log = scratch.path("run/events.jsonl");
    let mut text = fs::read_to_string(&log).unwrap();
    text += "{\"event\":";
    fs::write(&log, text).unwrap();
    let found = verify(&scratch);
    let notes = found["notes"].to_string();
    assert!(
        notes.contains("is not finished") && notes.contains("was cut off"),
        "{notes}"
    );
    assert_eq!(found["code"], 0);
}

#[test]
fn other_folders_are_refused() {
    let scratch = trained();
    for (path, code, part) in [
        ("none", 7, "path not found"),
        ("real", 4, "is no run, estimator or refined set"),
    ] {
        let text = scratch.run(&["verify", path]);
        assert!(
            text.starts_with(&format!("exit code: {code}")) && text.contains(part),
            "{text}"
        );
    }
}

/// Flips a bit in the middle of a file.
fn damage(path: &std::path::Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn refined_sets_and_estimators_are_verified_too() {
    let scratch = trained();
    scratch.succeed(&REFINE);
    let fit = [
        "fit", "gaze", "--run", "run", "--data", "refined", "--out", "model",
    ];
    scratch.succeed(&[&fit[..], &["--set", "estimator.steps=1"]].concat());
    for (path, kind, code, file) in [
        ("refined", "refined set", 4, "refined/3.png"),
        ("model", "estimator", 5, "model/estimator.toml"),
        ("model", "estimator", 5, "model/estimator.safetensors"),
    ] {
        let text = scratch.run(&["verify", path]);
        assert!(
            text.starts_with("exit code: 0") && text.contains(kind),
            "{text}"
        );
        let file = scratch.path(file);
        let whole = fs::read(&file).unwrap();
        damage(&file);
        let text = scratch.run(&["verify", path]);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(
            text.starts_with(&format!("exit code: {code}")) && text.contains(name),
            "{text}"
        );
        fs::write(&file, whole).unwrap();
    }
}

#[test]
fn a_changed_estimator_is_not_used() {
    let scratch = Scratch::new();
    scratch.labelled("data", 6);
    let fit = ["fit", "gaze", "--data", "data", "--out", "model"];
    scratch.succeed(&[&fit[..], &["--set", "estimator.steps=1"]].concat());
    damage(&scratch.path("model/estimator.safetensors"));
    let text = scratch.run(&["evaluate", "gaze", "--model", "model", "--data", "data"]);
    assert!(
        text.starts_with("exit code: 5") && text.contains("its SHA-256 differs"),
        "{text}"
    );
}
