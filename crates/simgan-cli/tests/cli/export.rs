//! Exports from the command line.

use serde_json::Value;

use crate::support::{Scratch, TRAIN, small, with};

/// A scratch folder with a run.
fn trained() -> Scratch {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 4);
    scratch.images("real", 4);
    scratch.succeed(&with(&TRAIN, &small(1)));
    scratch
}

#[test]
fn a_run_is_exported_with_its_card() {
    let scratch = trained();
    assert!(
        scratch.path("run/MODEL_CARD.md").is_file(),
        "training keeps a card"
    );
    let export = [
        "export", "--run", "run", "--format", "onnx", "--out", "refiner",
    ];
    let text = scratch.run(&export);
    assert_eq!(
        text,
        "exit code: 0\n--- stdout\nexport  refiner\n\
         files   MODEL_CARD.md, refiner.onnx, samples.safetensors, SHA256SUMS\n--- stderr\n"
    );
    // A second time: the folder is taken.
    insta::assert_snapshot!("exported_already", scratch.run(&export));
    let own = [
        "export",
        "--run",
        "run",
        "--format",
        "pytorch",
        "--out",
        "torch",
        "--samples",
        "synthetic[:3]",
        "--json",
    ];
    let told: Value = serde_json::from_str(&scratch.succeed(&own)).unwrap();
    assert_eq!(told["format"], "pytorch");
    assert_eq!(told["description"]["step"], 1);
    assert_eq!(told["files"][2], "refiner.py");
}

#[test]
fn what_is_missing_is_asked_for() {
    let scratch = trained();
    insta::assert_snapshot!(
        "neither_run_nor_model",
        scratch.run(&["export", "--format", "onnx", "--out", "out"])
    );
    insta::assert_snapshot!(
        "page_without_its_runtime",
        scratch.run(&["export", "--run", "run", "--format", "web", "--out", "out"])
    );
    insta::assert_snapshot!(
        "samples_from_nowhere",
        scratch.run(&[
            "export",
            "--run",
            "run",
            "--format",
            "onnx",
            "--out",
            "out",
            "--samples",
            "none"
        ])
    );
    assert!(!scratch.path("out").exists());
}

#[test]
fn a_model_is_exported() {
    let scratch = Scratch::new();
    scratch.labelled("data", 4);
    let fit = [
        "fit",
        "gaze",
        "--data",
        "data",
        "--out",
        "model",
        "--set",
        "estimator.steps=1",
        "--set",
        "estimator.batch_size=2",
        "--set",
        "estimator.feature_maps=[2,2,2,2,2]",
        "--set",
        "estimator.hidden=2",
    ];
    scratch.succeed(&fit);
    scratch.succeed(&[
        "export", "--model", "model", "--format", "onnx", "--out", "out",
    ]);
    assert!(scratch.path("out/estimator.onnx").is_file());
    let knn = [
        "fit",
        "gaze",
        "--data",
        "data",
        "--out",
        "knn",
        "--set",
        "estimator.kind=knn",
    ];
    scratch.succeed(&knn);
    insta::assert_snapshot!(
        "neighbours_have_no_network",
        scratch.run(&[
            "export", "--model", "knn", "--format", "onnx", "--out", "other"
        ])
    );
}
