//! `simgan demo`: the whole experiment on embedded data, with the other commands.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::Args;
use simgan::simulator::drawn_eyes::{self, Style};

use super::{compare, report, train};
use crate::args::{BadImageChoice, DataOptions, SettingsOptions, Task};
use crate::console::Console;
use crate::data;

/// Configuration of the demonstration, also in the repository's `configs`.
const CONFIG: &str = include_str!("../../../../configs/demo.toml");

/// The data sets: folder, style, seed, images. No two share an image.
const SETS: [(&str, Style, u64, usize); 3] = [
    ("synthetic", Style::Plain, 1, 1000),
    ("real", Style::Photo, 2, 1000),
    ("real-test", Style::Photo, 3, 500),
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

/// Draws data, trains, compares, reports; every step could be typed as a command.
pub fn run(args: &DemoArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    data::require_free(&args.out, "--out")?;
    console.say(
        "a demonstration on minimal drawn eyes (not real images); about 5 minutes on two cores",
    );
    fs_err::create_dir_all(&args.out)?;
    for (folder, style, seed, images) in SETS {
        let set = drawn_eyes::dataset(style, seed, images)?;
        drawn_eyes::write(&set, &args.out.join(folder))?;
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
    )
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
