//! `simgan demo`: the whole experiment on simulated eyes, with the other commands.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use burn::tensor::Device;
use clap::Args;
use simgan::training::RunDir;
use simgan_base::files::{disk, durable, output_folder};
use simgan_base::settings::Layers;
use simgan_simulator::export::{self, Images};
use simgan_simulator::{Kind, eye, stand_in};
use simgan_workflow::presets;

use super::{compare, judge, train};
use crate::args::{BadImageChoice, DataOptions, SettingsOptions, TaskOptions, TaskWord};
use crate::console::Console;
use crate::examples;
use crate::output;
use simgan_base::formats::readable::duration;

/// One of the demonstration's data sets. No two share an image or a person.
struct Set {
    folder: &'static str,
    kind: Kind,
    /// Keys of its own, beside those of [`BOTH`].
    keys: &'static [(&'static str, &'static str)],
    seed: u64,
    count: u64,
}

const SETS: [Set; 3] = [
    Set {
        folder: "synthetic",
        kind: eye::KIND,
        keys: &SYNTHETIC,
        seed: 1,
        count: 6000,
    },
    Set {
        folder: "real",
        kind: stand_in::KIND,
        keys: &[],
        seed: 2,
        count: 2000,
    },
    Set {
        folder: "real-test",
        kind: stand_in::KIND,
        keys: &[],
        seed: 3,
        count: 1000,
    },
];

/// Keys of the eye simulator on both sides: nearly frontal heads and steady crops, so that small networks learn
/// the task in a minute, and the same gaze and lids, since a refiner changes looks and not shapes.
const BOTH: [(&str, &str); 8] = [
    ("gaze_pitch", "[-20, 10]"),
    ("gaze_yaw", "[-22, 22]"),
    ("head_pitch", "[-4, 4]"),
    ("head_yaw", "[-5, 5]"),
    ("head_roll", "[-3, 3]"),
    ("eye_width", "[0.7, 0.76]"),
    ("shift", "[-0.02, 0.02]"),
    ("lid_opening", "[0.7, 1.1]"),
];

/// Keys of the synthetic side: a simulator that knows little of mirrored lights, shadows and lashes.
const SYNTHETIC: [(&str, &str); 3] = [
    ("highlights", "[0, 0.6]"),
    ("lid_shadow", "[0.2, 0.6]"),
    ("lashes", "[0, 0.5]"),
];

/// Options of `demo`.
#[derive(Debug, Args)]
#[command(after_help = examples::DEMO)]
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

/// Simulates both sides, trains, refines, compares, judges, reports; every step could be typed as a
/// command.
pub fn run(args: &DemoArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    // Filled in place, by the commands that follow.
    output_folder::require_free(&args.out, "give --out another folder")?;
    console.say(
        "simulated eyes, and others before a simulated webcam that stand in for real ones; \
         this takes two to three minutes on two cores",
    );
    let begun = Instant::now();
    disk::create_dir_all(&args.out)?;
    for set in &SETS {
        set.write(&args.out)?;
    }
    let config = args.out.join("demo.toml");
    let preset = presets::named("demo").context("there is no demo configuration")?;
    durable::write(&config, preset.text)?;
    train::run(&train_args(args, &config), device, console)?;
    let comparison = compare::compared(&compare_args(args), device, console)?;
    judge::run(&judge_args(args), device, console)?;
    let run = args.out.join("run");
    let page = RunDir::at(&run).report_file();
    simgan_report::write(&run, &page)?;
    let seconds = begun.elapsed().as_secs_f64();
    console.say(&format!("the demonstration took {}", duration(seconds)));
    output::line(&simgan_report::verdict(&comparison))?;
    output::line(&format!("the report: {}", page.display()))?;
    offer_to_open(&page, console);
    Ok(())
}

/// Opens `page` in a browser if somebody sits at a terminal and wants it.
fn offer_to_open(page: &Path, console: &Console) {
    if console.is_quiet() || !console.is_terminal() || !io::stdin().is_terminal() {
        return;
    }
    console.say("open it in a browser? [y/N]");
    let mut answer = String::new();
    let asked = io::stdin().read_line(&mut answer);
    if asked.is_err() || !answer.trim().eq_ignore_ascii_case("y") {
        return;
    }
    if let Err(error) = open::that_detached(page) {
        console.warn(&format!("{} was not opened: {error}", page.display()));
    }
}

impl Set {
    /// Renders the images into their folder below `out`.
    fn write(&self, out: &Path) -> simgan_base::Result<()> {
        let overrides: Vec<String> = BOTH
            .iter()
            .chain(self.keys)
            .map(|(key, value)| format!("{}={value}", self.kind.key(key)))
            .collect();
        let layers = Layers {
            file: None,
            overrides: &overrides,
            origin: "demo",
        };
        let images = Images {
            simulator: &*(self.kind.load)(&layers, self.seed)?,
            start: 0,
            count: self.count,
        };
        let folder = export::find("folder")?;
        export::write(&images, folder, &out.join(self.folder), &mut |_, _| {})?;
        Ok(())
    }
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
        synthetic: Some(folder(&args.out, "synthetic")),
        real: Some(folder(&args.out, "real")),
        out: Some(args.out.join("run")),
        dry_run: false,
        steps: None,
        seed: None,
        deterministic: false,
        resume: false,
        allow_changes: false,
        settings: SettingsOptions {
            config: Some(config.to_owned()),
            set: args.set.clone(),
        },
        data: data_options(&args.out),
        json: false,
    }
}

/// Images of each kind that are judged: fewer than by default, to save time.
const JUDGED: usize = 250;

fn judge_args(args: &DemoArgs) -> judge::JudgeArgs {
    judge::JudgeArgs {
        run: args.out.join("run"),
        synthetic: folder(&args.out, "synthetic"),
        real: folder(&args.out, "real-test"),
        refined: None,
        iris_model: None,
        task_model: None,
        iris_unit: None,
        seeds: 1,
        images: JUDGED,
        out: None,
        data: data_options(&args.out),
        json: false,
    }
}

fn compare_args(args: &DemoArgs) -> compare::CompareArgs {
    compare::CompareArgs {
        task: TaskOptions {
            word: Some(TaskWord::Gaze),
            task: None,
        },
        run: args.out.join("run"),
        synthetic: folder(&args.out, "synthetic"),
        real_test: folder(&args.out, "real-test"),
        out: args.out.join("comparison"),
        seeds: args.seeds,
        calibrate: 0,
        both: false,
        versions: false,
        augmented: false,
        real_training: None,
        target: Vec::new(),
        settings: SettingsOptions {
            config: None,
            set: Vec::new(),
        },
        data: data_options(&args.out),
        json: false,
    }
}
