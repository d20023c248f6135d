//! Every file of `attacks/` is refused with the sentence that its README has, within a second of computing and 128 MiB.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use simgan::tasks::Standardization;
use simgan::tasks::{EstimatorConfig, EstimatorKind, EstimatorManifest, Target};
use simgan::training::Config;
use simgan_base::settings::to_toml;
use simgan_data::Preprocessing;

use crate::support::{Scratch, TRAIN, write_image};

/// Most memory, in KiB.
const MEMORY: u64 = 128 << 10;
/// Most seconds of computing, of all threads together.
const SECONDS: f64 = 1.0;

fn attacks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../attacks")
}

/// Puts an attack where its kind belongs, and returns the command that reads it.
fn lay_out(scratch: &Scratch, file: &str) -> Vec<String> {
    let (kind, name) = file.split_once('/').unwrap();
    let place = match kind {
        "images" => format!("data/{name}"),
        "labels" => "data/labels.csv".into(),
        "unity_eyes" => "data/1.json".into(),
        "mpiigaze" => "data/p00/day01.mat".into(),
        "tars" => format!("data/{name}"),
        "models" => "model/estimator.safetensors".into(),
        "configs" => name.into(),
        "checkpoints" => "run/checkpoints/step_00000001/manifest.json".into(),
        kind => panic!("what kind is {kind}?"),
    };
    let place = scratch.path(&place);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::copy(attacks().join(file), &place).unwrap();
    let args = match kind {
        "labels" => {
            write_image(&scratch.path("data/1.png"), 20, 20, 1);
            vec!["inspect", "data"]
        }
        "unity_eyes" => {
            write_image(&scratch.path("data/1.jpg"), 64, 48, 1);
            vec!["inspect", "data"]
        }
        "models" => {
            let manifest = estimator(EstimatorKind::Knn, 1);
            std::fs::write(scratch.path("model/estimator.toml"), manifest).unwrap();
            vec!["inspect", "model"]
        }
        "checkpoints" => {
            let config = to_toml(&Config::default()).unwrap();
            std::fs::write(scratch.path("run/config.toml"), config).unwrap();
            vec!["inspect", "run"]
        }
        "configs" => {
            scratch.labelled("synthetic", 4);
            scratch.images("real", 4);
            [&TRAIN[..], &["--config", name]].concat()
        }
        "tars" => return vec!["inspect".into(), format!("data/{name}")],
        _ => vec!["inspect", "data"],
    };
    args.into_iter().map(str::to_owned).collect()
}

fn estimator(kind: EstimatorKind, hidden: usize) -> String {
    let manifest = EstimatorManifest {
        version: "0.1.0".into(),
        seed: 1,
        image_shape: [1, 35, 55],
        images: 10,
        data_fingerprint: "ab".into(),
        step: 5,
        target: Target::Gaze,
        standardization: Standardization {
            mean: vec![0.0; 3],
            scale: vec![1.0; 3],
        },
        preprocessing: Preprocessing::default(),
        config: EstimatorConfig {
            kind,
            hidden,
            ..EstimatorConfig::default()
        },
    };
    to_toml(&manifest).unwrap()
}

/// What a process said and took.
struct Measured {
    code: Option<i32>,
    said: String,
    /// Peak of resident memory, in KiB.
    memory: u64,
    /// Seconds of computing.
    seconds: f64,
}

/// Runs the program in the scratch folder, and watches it where the system tells (Linux).
fn measured(scratch: &Scratch, args: &[String]) -> Measured {
    let output = scratch.path("output");
    let file = std::fs::File::create(&output).unwrap();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("simgan"))
        .current_dir(scratch.path(""))
        .env("SIMGAN_CACHE_DIR", scratch.path("cache"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap();
    let (mut memory, mut seconds) = (0, 0.0f64);
    let status = loop {
        if let Some((peak, used)) = usage(child.id()) {
            (memory, seconds) = (peak.max(memory), used.max(seconds));
        }
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::yield_now(),
        }
    };
    Measured {
        code: status.code(),
        said: std::fs::read_to_string(output).unwrap(),
        memory,
        seconds,
    }
}

/// Peak memory in KiB and seconds of computing so far.
fn usage(process: u32) -> Option<(u64, f64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let peak = peak.split_whitespace().nth(1)?.parse().ok()?;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let ticks = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    // 100 ticks a second, on every Linux that this is likely to meet.
    Some((peak, ticks / 100.0))
}

/// `(file, sentence)` of every row of the table in the README.
fn table() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(attacks().join("README.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let cell = |at: usize| cells[at].trim_matches(['|', ' ', '`']).to_owned();
        (cell(0), cell(2))
    })
    .collect()
}

fn files(folder: &Path, prefix: &str) -> Vec<String> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        match entry.path().is_dir() {
            true => found.extend(files(&entry.path(), &format!("{name}/"))),
            false if name != "README.md" => found.push(name),
            false => {}
        }
    }
    found.sort();
    found
}

#[test]
fn every_attack_is_in_the_table() {
    let mut listed: Vec<String> = table().into_iter().map(|(file, _)| file).collect();
    listed.sort();
    assert_eq!(listed, files(&attacks(), ""));
    for file in &listed {
        let bytes = std::fs::metadata(attacks().join(file)).unwrap().len();
        assert!(bytes < 16 << 10, "{file} has {bytes} bytes");
    }
}

#[test]
fn every_attack_is_refused_at_once_and_in_little_memory() {
    let mut wrong = vec![];
    let (mut most, mut longest) = (0, 0.0f64);
    for (file, sentence) in table() {
        let scratch = Scratch::new();
        let done = measured(&scratch, &lay_out(&scratch, &file));
        (most, longest) = (most.max(done.memory), longest.max(done.seconds));
        println!(
            "{file}: {} KiB, {:.2} s: {}",
            done.memory,
            done.seconds,
            done.said.trim_end()
        );
        // What does no harm may be left out of a sound file.
        let code = if sentence.starts_with("sound") {
            0..=0
        } else {
            3..=5
        };
        let refused = done.code.is_some_and(|c| code.contains(&c)) && done.said.contains(&sentence);
        if !refused || done.memory > MEMORY || done.seconds > SECONDS {
            wrong.push(file);
        }
    }
    println!("at most {most} KiB and {longest:.2} s");
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_network_is_not_built_before_its_file_could_hold_it() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("model")).unwrap();
    let manifest = estimator(EstimatorKind::Cnn, 1 << 40);
    std::fs::write(scratch.path("model/estimator.toml"), manifest).unwrap();
    std::fs::write(scratch.path("model/estimator.safetensors"), b"x").unwrap();
    let done = measured(&scratch, &["inspect".into(), "model".into()]);
    assert!(done.said.contains("too few for the"), "{}", done.said);
    assert!(done.memory <= MEMORY && done.seconds <= SECONDS);
}
