//! A scratch folder to run the program in, and what it said as one text.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// Trains on `synthetic` and `real`.
pub const TRAIN: [&str; 7] = [
    "train",
    "--synthetic",
    "synthetic",
    "--real",
    "real",
    "--out",
    "run",
];

/// Refines `synthetic` with what [`TRAIN`] made.
pub const REFINE: [&str; 7] = [
    "refine",
    "--run",
    "run",
    "--input",
    "synthetic",
    "--output",
    "refined",
];

/// A scratch folder with its own cache, gone at the end of the test.
pub struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, to be run in this folder.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin(crate::PROGRAM).unwrap();
        command
            .current_dir(self.folder.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("HOME", self.folder.path())
            .env_remove("RUST_LOG")
            .env_remove("SIMGAN_KERNELS")
            .env_remove("RUST_BACKTRACE")
            .env_remove("COLUMNS")
            .args(args);
        command
    }

    /// Runs the program and tells exit code, stdout and stderr.
    pub fn run(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        let folder = self.folder.path().display().to_string();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&folder, "[SCRATCH]");
        format!(
            "exit code: {}\n--- stdout\n{}--- stderr\n{}",
            output.status.code().unwrap_or(-1),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    /// Stdout of the program, which is to succeed.
    pub fn succeed(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {stderr}");
        let text = String::from_utf8(output.stdout).unwrap();
        if args.contains(&"--json") {
            crate::CHECK_JSON(&text);
        }
        text
    }

    /// A folder of `count` grey 55x35 images, each with its own pattern.
    pub fn images(&self, name: &str, count: usize) -> PathBuf {
        let folder = self.path(name);
        std::fs::create_dir_all(&folder).unwrap();
        for index in 0..count {
            write_image(&folder.join(format!("{index}.png")), 55, 35, index);
        }
        folder
    }

    /// As [`images`](Self::images), with gaze labels.
    pub fn labelled(&self, name: &str, count: usize) -> PathBuf {
        let folder = self.images(name, count);
        let mut labels = "file,gaze_pitch,gaze_yaw,note\n".to_owned();
        for index in 0..count {
            let angle = 0.02 * index as f64 - 0.1;
            labels += &format!("{index}.png,{angle:.3},{:.3},n{index}\n", -angle);
        }
        std::fs::write(folder.join("labels.csv"), labels).unwrap();
        folder
    }
}

/// A grey gradient whose slope depends on `index`.
pub fn write_image(path: &Path, width: u32, height: u32, index: usize) {
    let pixel = |x, y| image::Luma([((x * (index as u32 + 1) + 3 * y) % 256) as u8]);
    image::GrayImage::from_fn(width, height, pixel)
        .save(path)
        .unwrap();
}

/// The same command for the standard library, which can leave it running.
pub fn plain(command: &Command) -> std::process::Command {
    let mut plain = std::process::Command::new(command.get_program());
    plain.args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => plain.env(key, value),
            None => plain.env_remove(key),
        };
    }
    plain.current_dir(command.get_current_dir().unwrap());
    plain
}

/// Tiny networks, and `steps` iterations.
pub fn small(steps: usize) -> Vec<String> {
    let keys = [
        "training.batch_size=2".to_owned(),
        format!("training.steps={steps}"),
        "training.refiner_warmup=1".to_owned(),
        "training.discriminator_warmup=1".to_owned(),
        "training.log_every=1".to_owned(),
        "training.checkpoint_every=0".to_owned(),
        "training.images_every=0".to_owned(),
        "history.size=4".to_owned(),
        "refiner.feature_maps=2".to_owned(),
        "refiner.blocks=1".to_owned(),
    ];
    keys.into_iter()
        .flat_map(|key| ["--set".to_owned(), key])
        .collect()
}

pub fn with<'a>(first: &[&'a str], rest: &'a [String]) -> Vec<&'a str> {
    let rest = rest.iter().map(String::as_str);
    first.iter().copied().chain(rest).collect()
}
