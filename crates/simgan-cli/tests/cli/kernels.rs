//! The same training on every path of the kernels and on Burn's own operations.

use crate::support::{Scratch, TRAIN};

/// The losses of both players in 100 iterations, computed with `kernels`.
fn losses(kernels: &str) -> Vec<f64> {
    let scratch = Scratch::new();
    scratch.labelled("synthetic", 12);
    scratch.labelled("real", 10);
    let settings = [
        "training.steps=100",
        "training.batch_size=4",
        "training.refiner_warmup=2",
        "training.discriminator_warmup=2",
        "training.log_every=1",
        // Adam divides by small gradients and so magnifies rounding.
        "training.optimizer=sgd",
        "history.size=16",
        "refiner.feature_maps=16",
        "refiner.blocks=1",
    ];
    let mut args = TRAIN.to_vec();
    args.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let mut command = scratch.command(&args);
    command.env("SIMGAN_KERNELS", kernels);
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{kernels}: {stderr}");
    let events = std::fs::read_to_string(scratch.path("run").join("events.jsonl")).unwrap();
    let mut losses = Vec::new();
    for line in events.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        for name in ["refiner_loss", "discriminator_loss"] {
            losses.extend(event[name].as_f64());
        }
    }
    losses
}

#[test]
fn a_hundred_iterations_follow_burns_own_operations() {
    let expected = losses("burn");
    assert!(expected.len() >= 200, "{} losses", expected.len());
    let moved = (expected[0] - expected[expected.len() - 2]).abs();
    assert!(moved > 0.01, "the training hardly moved: {moved}");
    let available = simgan_kernels::simd::Path::ALL
        .into_iter()
        .filter(|path| path.is_available());
    for path in available {
        let actual = losses(path.name());
        assert_eq!(actual.len(), expected.len());
        for (step, (a, e)) in actual.iter().zip(&expected).enumerate() {
            let difference = (a - e).abs();
            assert!(difference <= 1e-3, "{path:?}, value {step}: {a} and {e}");
        }
    }
}

#[test]
fn unknown_kernels_are_refused() {
    let scratch = Scratch::new();
    let mut command = scratch.command(&["inspect", "."]);
    let output = command.env("SIMGAN_KERNELS", "sse9").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr));
}
