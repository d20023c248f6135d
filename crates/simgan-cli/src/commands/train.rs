//! `simgan train`: Algorithm 1.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::Args;
use serde_json::json;
use simgan::keypoints::Places;
use simgan::measures::label_shift::shows_eyes;
use simgan::training;
use simgan::training::changes::refuse_changes;
use simgan::training::event_log::Event;
use simgan::training::{Config, RunDir, Summary};
use simgan_base::settings::{self, Document, Given};
use simgan_data::Dataset;

use super::follower::{Follower, losses};
use crate::args::{DataOptions, SettingsOptions};
use crate::console::Console;
use crate::errors::UsageError;
use crate::output;
use crate::{configuration, data, signals, warnings};
use simgan_base::formats::readable::duration;
use simgan_base::formats::readable::thousands;

/// Options of `train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Labelled synthetic images: a folder, a `.tar`, a part of one (`DIR[:1000]`, `DIR[50%:]`), or a simulator (`sim:eyes?seed=1`)
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    pub synthetic: Option<String>,
    /// Unlabelled real images; with --resume, both default to what the run was begun with
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    pub real: Option<String>,
    /// Folder of the run: new or empty
    #[arg(long, value_name = "RUN")]
    pub out: PathBuf,
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

    /// The configuration, and which of its keys are set.
    fn config(&self) -> simgan_base::Result<(Config, Given)> {
        let document = match self.resume {
            true => Some(Document::read(&RunDir::at(&self.out).config_file())?),
            false => self.settings.document()?,
        };
        let (config, given) =
            settings::load_document::<Config>(document.as_ref(), &self.overrides())?;
        config.validate()?;
        Ok((config, given))
    }

    /// The run to continue, if its configuration and `config` take the same course.
    fn resumed(&self, config: &Config) -> simgan_base::Result<RunDir> {
        let run = RunDir::open(&self.out)?;
        if !self.allow_changes {
            refuse_changes(&run.config()?, config)?;
        }
        Ok(run)
    }

    /// Synthetic and real images, as given or as the `run` names them.
    fn sources(&self, run: Option<&RunDir>) -> simgan_base::Result<[String; 2]> {
        if let (Some(synthetic), Some(real)) = (&self.synthetic, &self.real) {
            return Ok([synthetic.clone(), real.clone()]);
        }
        let manifest = run.map(RunDir::manifest).transpose();
        let manifest = manifest.map_err(|e| e.with_hint("give --synthetic and --real"))?;
        let begun = manifest.map(|m| [m.synthetic.source, m.real.source]);
        let [synthetic, real] = begun.unwrap_or_default();
        Ok([
            self.synthetic.clone().unwrap_or(synthetic),
            self.real.clone().unwrap_or(real),
        ])
    }
}

/// Trains and tells where the run lies.
pub fn run(args: &TrainArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    check_out(args)?;
    let (mut config, given) = args.config()?;
    let resumed = args.resume.then(|| args.resumed(&config)).transpose()?;
    let options = args.data.open_options();
    let [synthetic, real] = args.sources(resumed.as_ref())?;
    if resumed.is_none() {
        data::require_outside(&args.out, "--out", [synthetic.as_str(), &real])?;
    }
    let sources = [synthetic.as_str(), real.as_str()];
    configuration::settle(
        &mut config.preprocessing,
        &given,
        &sources,
        &options,
        console,
    )?;
    let synthetic = data::open(&synthetic, &config.preprocessing, &options, console)?;
    let real = data::open(&real, &config.preprocessing, &options, console)?;
    warn_of_data(&config, &synthetic, &real, console)?;
    if args.settings.config.is_none() && !args.resume && shows_eyes(&synthetic) {
        console.say("these are labelled eyes: --config gaze has what proved good for them");
    }
    training::check_machine(&config, synthetic.image_shape(), device)?;
    let points = Places::of(&synthetic, &config.keypoints)?;
    for left_out in points.left_out {
        console.warn(&format!("a point is not kept: {left_out}"));
    }
    let run = match resumed {
        Some(run) => run,
        None => RunDir::create(&args.out, &config)?,
    };
    console.say(&format!(
        "training on {} synthetic and {} real images",
        thousands(synthetic.len()),
        thousands(real.len())
    ));
    let mut follower = Follower::new(console);
    let mut observe = |event: Option<&Event>, progress| follower.observe(event, progress);
    let summary = signals::train(&config, &synthetic, &real, &run, device, &mut observe)?;
    drop(follower);
    tell(args, &summary, console)
}

/// Tells of what makes a training unlikely to succeed.
fn warn_of_data(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    console: &Console,
) -> simgan_base::Result<()> {
    warnings::of_swapped(synthetic, real, console);
    for side in [synthetic, real] {
        warnings::of_few(
            side,
            config.training.batch_size,
            "training.batch_size",
            console,
        );
    }
    warnings::of_unlike(config, synthetic, real, console)
}

fn check_out(args: &TrainArgs) -> anyhow::Result<()> {
    if args.resume {
        RunDir::open(&args.out)?;
        return Ok(());
    }
    if RunDir::is_at(&args.out) {
        return Err(UsageError {
            message: format!("{} holds a run already", args.out.display()),
            hint: "give --out another folder, or continue that run with --resume".into(),
        }
        .into());
    }
    Ok(RunDir::require_free(&args.out)?)
}

fn tell(args: &TrainArgs, summary: &Summary, console: &Console) -> anyhow::Result<()> {
    if summary.already_done {
        console.say(&format!(
            "{} is already at {} iterations: nothing is left to do, and nothing was trained",
            args.out.display(),
            thousands(summary.steps)
        ));
    }
    if args.json {
        return output::json(&json!({
            "run": args.out,
            "steps": summary.steps,
            "seconds": summary.seconds,
            "already_done": summary.already_done,
            "last": summary.last,
        }));
    }
    let mut rows = vec![
        ("run", args.out.display().to_string()),
        ("iterations", thousands(summary.steps)),
    ];
    if !summary.already_done {
        rows.push(("time", duration(summary.seconds)));
        rows.push(("last losses", losses(&summary.last)));
    }
    output::line(&output::table(&rows))?;
    next_steps(&args.out, console);
    Ok(())
}

fn next_steps(run: &Path, console: &Console) {
    let run = run.display();
    console.say(&format!("next: simgan report {run}"));
    console.say(&format!(
        "      simgan refine --run {run} --input DIR --output DIR"
    ));
}
