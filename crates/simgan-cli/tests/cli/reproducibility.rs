//! The same training gives the same bytes: in another process, with another number of threads, with every kind of kernels.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::Scratch;

const SIDES: [&str; 4] = [
    "--synthetic",
    "sim:eyes?count=24",
    "--real",
    "sim:camera?count=24",
];

/// Every file of the newest checkpoint, and the log but for times.
fn outcome(run: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let checkpoint = run.join("checkpoints/step_00000004");
    let entries = std::fs::read_dir(checkpoint).unwrap();
    let mut files: BTreeMap<_, _> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().into(),
                std::fs::read(path).unwrap(),
            )
        })
        .collect();
    let log = std::fs::read_to_string(run.join("events.jsonl")).unwrap();
    let lines = log.lines().map(|line| {
        let mut event: serde_json::Value = serde_json::from_str(line).unwrap();
        event.as_object_mut().unwrap().remove("seconds");
        format!("{event}\n")
    });
    files.insert("events.jsonl".into(), lines.collect::<String>().into());
    files
}

/// Trains with everything on that draws or sums; layers as the paper's, so that their kernels are those of a real training.
fn train(
    scratch: &Scratch,
    kernels: &str,
    name: &str,
    threads: &str,
) -> BTreeMap<PathBuf, Vec<u8>> {
    let keys = [
        "training.batch_size=8",
        "training.refiner_warmup=1",
        "training.discriminator_warmup=1",
        "training.log_every=1",
        "training.average_decay=0.9",
        "training.gradient_penalty=1.0",
        "training.instance_noise=0.1",
        "discriminator.spectral_norm=true",
        // Burn is slower.
        match kernels {
            "burn" => "refiner.blocks=1",
            _ => "refiner.blocks=4",
        },
    ];
    let mut args = vec![
        "train",
        "--out",
        name,
        "--threads",
        threads,
        "--steps",
        "4",
        "--deterministic",
    ];
    args.extend(SIDES);
    args.extend(keys.iter().flat_map(|key| ["--set", key]));
    let mut command = scratch.command(&args);
    let output = command.env("SIMGAN_KERNELS", kernels).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    outcome(&scratch.path(name))
}

fn equal(kernels: &str) {
    let scratch = Scratch::new();
    let first = train(&scratch, kernels, "first", "1");
    assert_eq!(first.len(), 9);
    for (name, threads) in [("again", "1"), ("two", "2"), ("five", "5")] {
        let other = train(&scratch, kernels, name, threads);
        for (file, bytes) in &first {
            assert!(
                other.get(file) == Some(bytes),
                "{}, {threads} threads",
                file.display()
            );
        }
        println!("kernels `{kernels}`: one thread and {threads}: equal");
    }
}

#[test]
fn the_same_training_gives_the_same_bytes_on_the_fastest_kernels() {
    equal("");
}

#[test]
fn the_same_training_gives_the_same_bytes_on_portable_kernels() {
    equal("portable");
}

#[test]
fn the_same_training_gives_the_same_bytes_on_those_of_burn() {
    equal("burn");
}

#[test]
fn other_kernels_are_refused_in_a_deterministic_run_and_warned_of_in_others() {
    let scratch = Scratch::new();
    let begin = [
        "train",
        "--out",
        "run",
        "--steps",
        "1",
        "--set",
        "training.batch_size=2",
    ];
    let tiny = [
        "--set",
        "refiner.feature_maps=2",
        "--set",
        "training.refiner_warmup=1",
    ];
    scratch.succeed(&[&begin[..], &SIDES, &tiny, &["--deterministic"]].concat());
    let manifest = std::fs::read_to_string(scratch.path("run/run.json")).unwrap();
    assert!(manifest.contains("\"deterministic\": true"), "{manifest}");
    let resume = |more: &[&str]| {
        let args = [&["train", "--out", "run", "--resume", "--steps", "2"], more].concat();
        let mut command = scratch.command(&args);
        let output = command.env("SIMGAN_KERNELS", "burn").output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, told) = resume(&[]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("was begun with the kernels"), "{told}");
    let (code, told) = resume(&["--set", "training.deterministic=false"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("not to the bit"), "{told}");
}
