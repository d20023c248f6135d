//! `simgan train`: Algorithm 1.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::Args;
use simgan::parallel::Member;
use simgan::training::Summary;
use simgan::training::cost::Cost;
use simgan::training::event_log::Event;
use simgan_base::formats::readable::{about, duration, thousands};
use simgan_workflow::Settings;
use simgan_workflow::train::{self, TrainRequest};

use super::follower::{Follower, losses};
use crate::args::{DataOptions, SettingsOptions};
use crate::console::Console;
use crate::{examples, output, processes, signals};

/// Options of `train`.
#[derive(Debug, Args)]
#[command(after_help = examples::TRAIN)]
pub struct TrainArgs {
    /// Labelled synthetic images: a folder, a `.tar`, a part of one (`DIR[:1000]`, `DIR[50%:]`), or a simulator (`sim:eyes?seed=1`)
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    pub synthetic: Option<String>,
    /// Unlabelled real images; with --resume, both default to what the run was begun with
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    pub real: Option<String>,
    /// Folder of the run: new or empty
    #[arg(long, value_name = "RUN", required_unless_present = "dry_run")]
    pub out: Option<PathBuf>,
    /// Check everything, time a few iterations, say what the training takes, and stop: no run is made
    #[arg(long, conflicts_with = "resume")]
    pub dry_run: bool,
    /// Iterations of Algorithm 1, T (`training.steps`)
    #[arg(long, value_name = "N")]
    pub steps: Option<usize>,
    /// Seed of every random choice (`training.seed`)
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Refuse a device whose results differ from run to run (`training.deterministic`)
    #[arg(long)]
    pub deterministic: bool,
    /// Continue the run in --out from its newest good checkpoint, with its own configuration
    #[arg(long, conflicts_with_all = ["config", "seed"])]
    pub resume: bool,
    /// Let --set and --steps change what the run computes
    #[arg(long, requires = "resume")]
    pub allow_changes: bool,
    #[command(flatten)]
    pub settings: SettingsOptions,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

impl TrainArgs {
    /// `--set` and the options that stand for a key; these win.
    fn overrides(&self) -> Vec<String> {
        let mut overrides = self.settings.set.clone();
        overrides.extend(self.steps.map(|n| format!("training.steps={n}")));
        overrides.extend(self.seed.map(|s| format!("training.seed={s}")));
        if self.deterministic {
            overrides.push("training.deterministic=true".to_owned());
        }
        overrides
    }

    fn request(&self) -> TrainRequest {
        TrainRequest {
            synthetic: self.synthetic.clone(),
            real: self.real.clone(),
            out: self.out.clone().unwrap_or_default(),
            resume: self.resume,
            allow_changes: self.allow_changes,
            settings: Settings {
                config: self.settings.config.clone(),
                set: self.overrides(),
            },
            open: self.data.open_options(),
        }
    }
}

/// Trains, with the other processes if there are several, and tells where the run lies.
pub fn run(args: &TrainArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    processes::together(console, |group, console| {
        let device = device.clone();
        run_as(args, &Member { device, group }, console)
    })
}

fn run_as(args: &TrainArgs, member: &Member, console: &Console) -> anyhow::Result<()> {
    let request = args.request();
    let first = member.group.is_first();
    if first {
        train::refuse_other_run(&request)?;
    }
    if args.dry_run {
        return dry_run(args, &request, member, console);
    }
    let prepared = train::prepare(&request, member, console)?;
    let mut follower = Follower::new(console);
    let mut observe = |event: Option<&Event>, progress| follower.observe(event, progress);
    let summary = signals::train(
        &prepared.config,
        &prepared.synthetic,
        &prepared.real,
        &prepared.run,
        member,
        &mut observe,
    )?;
    drop(follower);
    if !first {
        return Ok(());
    }
    train::conclude(&prepared.run, &summary, console);
    tell(
        args,
        &request.out,
        &summary,
        prepared.synthetic.source(),
        console,
    )
}

/// What the training takes, told by the first process.
fn dry_run(
    args: &TrainArgs,
    request: &TrainRequest,
    member: &Member,
    console: &Console,
) -> anyhow::Result<()> {
    if !member.group.is_first() {
        return Ok(());
    }
    let cost = train::dry_run(request, &member.device, console)?;
    match args.json {
        true => output::json(Cost::SHAPE, &cost),
        false => output::line(&told(&cost)),
    }
}

/// What a training takes, for people.
fn told(cost: &Cost) -> String {
    let mut rows = vec![
        ("time", about(cost.seconds)),
        (
            "an iteration",
            format!("{:.2} s ({} timed)", cost.iteration_seconds, cost.timed),
        ),
    ];
    let gigabytes = |bytes: f64| format!("{:.2} GB", bytes / 1e9);
    rows.extend(cost.memory_bytes.map(|bytes| ("memory", gigabytes(bytes))));
    rows.extend(
        cost.available_bytes
            .map(|bytes| ("memory free", gigabytes(bytes as f64))),
    );
    output::table(&rows)
}

fn tell(
    args: &TrainArgs,
    out: &Path,
    summary: &Summary,
    synthetic: &str,
    console: &Console,
) -> anyhow::Result<()> {
    if args.json {
        return output::json(train::SHAPE, &train::to_json(out, summary));
    }
    let mut rows = vec![
        ("run", out.display().to_string()),
        ("iterations", thousands(summary.steps)),
    ];
    if !summary.already_done {
        rows.push(("time", duration(summary.seconds)));
        rows.push(("last losses", losses(&summary.last)));
    }
    output::line(&output::table(&rows))?;
    next_steps(out, synthetic, console);
    Ok(())
}

fn next_steps(run: &Path, synthetic: &str, console: &Console) {
    let run = run.display();
    console.say(&format!("next: simgan report {run}"));
    console.say(&format!(
        "      simgan refine --run {run} --input '{synthetic}' --out {run}-refined"
    ));
}
