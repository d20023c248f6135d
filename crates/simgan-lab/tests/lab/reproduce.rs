//! A table measured row by row, stopped and gone on with.

use serde_json::Value;

use crate::support::Scratch;

const TABLE: &str = r#"
title = "A tiny table"
synthetic = "synthetic"
real = "real[:6]"
test = "real[6:]"
seeds = [0, 1]
set = [
    "estimator.kind=knn", "estimator.k=2", "training.steps=2", "training.batch_size=4", "training.refiner_warmup=1",
    "training.discriminator_warmup=1", "history.size=8", "refiner.feature_maps=4", "refiner.blocks=1",
]

[[row]]
name = "synthetic"
kind = "synthetic"

[[row]]
name = "real labels"
kind = "real"

[[row]]
name = "refined"

[[row]]
name = "lambda: 0"
set = ["training.lambda=0"]
"#;

const REPRODUCE: [&str; 6] = ["reproduce", "table.toml", "--data", ".", "--out", "results"];

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 12);
    scratch.labelled("real", 10);
    std::fs::write(scratch.path("table.toml"), TABLE).unwrap();
    scratch
}

fn measured(scratch: &Scratch, more: &[&str]) -> Value {
    let text = scratch.succeed(&[&REPRODUCE, more, &["--json"]].concat());
    let mut result: Value = serde_json::from_str(&text).unwrap();
    result["rows"].take()
}

#[test]
fn rows_are_measured_once_and_all_are_told() {
    let scratch = scratch();
    let part = measured(&scratch, &["--row", "refined", "--seeds", "1"]);
    assert_eq!(part.as_object().unwrap().len(), 2);
    let file = scratch.path("results/refined/seed-0.json");
    let before = std::fs::metadata(&file).unwrap().modified().unwrap();
    let whole = measured(&scratch, &[]);
    assert_eq!(
        std::fs::metadata(&file).unwrap().modified().unwrap(),
        before
    );
    assert_eq!(whole["refined"][0], part["refined"][0]);
    for row in ["synthetic", "real labels", "refined", "lambda: 0"] {
        assert_eq!(whole[row].as_array().unwrap().len(), 2, "{row}");
    }
    let change = |row: &str| {
        whole[row][0]["last"]["pixel_change"]
            .as_f64()
            .unwrap_or(0.0)
    };
    assert!(change("refined") > 0.0 && change("synthetic") == 0.0);
    assert!(whole["lambda: 0"][0]["judged"]["kernel_distance"]["refined"]["mean"].is_number());
    // Runs and refined images are gone, results stay.
    assert!(!scratch.path("results/refined/seed-0").exists());
    let text = scratch.run(&REPRODUCE);
    assert!(
        text.contains("| lambda: 0 ") && text.contains("of 2 |"),
        "{text}"
    );
}

#[test]
fn processes_may_share_a_table() {
    let scratch = scratch();
    let args = [&REPRODUCE[..], &["--json"]].concat();
    let all: Vec<Value> = std::thread::scope(|scope| {
        let processes: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| scratch.succeed(&args)))
            .collect();
        let texts = processes.into_iter().map(|p| p.join().unwrap());
        texts
            .map(|text| serde_json::from_str(&text).unwrap())
            .collect()
    });
    // Seconds, too: nothing was measured twice.
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    for entry in std::fs::read_dir(scratch.path("results/refined")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name.ends_with(".json"), "{name}");
    }
}

#[test]
fn changed_settings_are_measured_again_and_a_stopped_training_goes_on() {
    let scratch = scratch();
    let more = ["--row", "refined", "--seeds", "1", "--keep"];
    let first = measured(&scratch, &more);
    let run = scratch.path("results/refined/seed-0/run");
    assert!(run.join("config.toml").is_file());
    // As if stopped after training: the result is missing, the run is there.
    std::fs::remove_file(scratch.path("results/refined/seed-0.json")).unwrap();
    let again = measured(&scratch, &more);
    assert_eq!(
        first["refined"][0]["evaluation"],
        again["refined"][0]["evaluation"]
    );
    let other = TABLE.replace("training.steps=2", "training.steps=3");
    std::fs::write(scratch.path("table.toml"), other).unwrap();
    let changed = measured(&scratch, &more);
    assert_ne!(
        first["refined"][0]["settings"],
        changed["refined"][0]["settings"]
    );
    assert_eq!(first["synthetic"][0], changed["synthetic"][0]);
}

#[test]
fn wrong_tables_and_rows_are_named() {
    let scratch = scratch();
    insta::assert_snapshot!(
        "unknown_table",
        scratch.run(&["reproduce", "no-table", "--data", ".", "--out", "o"])
    );
    let unknown = [&REPRODUCE[..], &["--row", "refind"]].concat();
    insta::assert_snapshot!("unknown_row", scratch.run(&unknown));
    std::fs::write(
        scratch.path("table.toml"),
        TABLE.replace("kind = \"real\"", "kind = \"rael\""),
    )
    .unwrap();
    insta::assert_snapshot!("unknown_kind", scratch.run(&REPRODUCE));
}
