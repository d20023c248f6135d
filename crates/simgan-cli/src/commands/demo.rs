//! `simgan demo`: the whole experiment on simulated eyes, with the other commands.

use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::Device;
use clap::Args;
use simgan::settings::Layers;
use simgan::simulator::export::{Export, Layout};
use simgan::simulator::{Scene, SceneKind};

use super::{compare, report, train};
use crate::args::{BadImageChoice, DataOptions, SettingsOptions, Task};
use crate::console::Console;
use crate::data;
use crate::progress::duration;

/// Configuration of the demonstration, also in the repository's `configs`.
const CONFIG: &str = include_str!("../../../../configs/demo.toml");

/// The data sets: folder, simulator, seed, images. No two share an image or a person.
const SETS: [(&str, SceneKind, u64, u64); 3] = [
    ("synthetic", SceneKind::Eyes, 1, 4000),
    ("real", SceneKind::Camera, 2, 2000),
    ("real-test", SceneKind::Camera, 3, 1000),
];

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folder for everything that is made: new or empty
    #[arg(long, value_name = "DIR", default_value = "simgan-demo")]
    pub out: PathBuf,
    /// Estimators fitted on each side
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub seeds: u32,
    /// Set one configuration key (`training.steps=50`); may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// Simulates both sides, trains, refines, compares, reports; every step could be typed as a command.
pub fn run(args: &DemoArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    data::require_free(&args.out, "--out")?;
    console.say(
        "simulated eyes, and others before a simulated webcam that stand in for real ones; \
         this takes 3 to 5 minutes on two cores",
    );
    let begun = Instant::now();
    fs_err::create_dir_all(&args.out)?;
    for (folder, kind, seed, count) in SETS {
        simulate(kind, seed, count, &args.out.join(folder))?;
    }
    let config = args.out.join("demo.toml");
    data::write_whole(&config, CONFIG)?;
    train::run(&train_args(args, &config), device, console)?;
    compare::run(&compare_args(args), device, console)?;
    report::run(
        &report::ReportArgs {
            run: args.out.join("run"),
            out: None,
        },
        console,
    )?;
    let seconds = begun.elapsed().as_secs_f64();
    console.say(&format!("the demonstration took {}", duration(seconds)));
    Ok(())
}

/// Writes `count` labelled images to a folder.
fn simulate(kind: SceneKind, seed: u64, count: u64, folder: &Path) -> simgan::Result<()> {
    let defaults = Layers {
        file: None,
        overrides: &[],
        origin: "demo",
    };
    let export = Export {
        scene: &Scene::load(kind, &defaults, seed)?,
        start: 0,
        count,
    };
    export.write(Layout::Folder, folder, &mut |_, _| {})?;
    Ok(())
}

fn folder(out: &Path, name: &str) -> String {
    out.join(name).display().to_string()
}

fn data_options(out: &Path) -> DataOptions {
    DataOptions {
        on_bad_image: BadImageChoice::Fail,
        cache_dir: Some(out.join("cache")),
        evaluation_list: false,
    }
}

fn train_args(args: &DemoArgs, config: &Path) -> train::TrainArgs {
    train::TrainArgs {
        synthetic: folder(&args.out, "synthetic"),
        real: folder(&args.out, "real"),
        out: args.out.join("run"),
        steps: None,
        seed: None,
        resume: false,
        settings: SettingsOptions {
            config: Some(config.to_owned()),
            set: args.set.clone(),
        },
        data: data_options(&args.out),
        json: false,
    }
}

fn compare_args(args: &DemoArgs) -> compare::CompareArgs {
    compare::CompareArgs {
        task: Task::Gaze,
        run: args.out.join("run"),
        synthetic: folder(&args.out, "synthetic"),
        real_test: folder(&args.out, "real-test"),
        out: args.out.join("comparison"),
        seeds: args.seeds,
        calibrate: 0,
        target: Vec::new(),
        settings: SettingsOptions {
            config: None,
            set: Vec::new(),
        },
        data: data_options(&args.out),
        json: false,
    }
}
