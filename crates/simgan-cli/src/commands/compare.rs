//! `simgan compare`: raw against refined, by the estimators trained on them.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::Args;
use simgan::refine::TrainedRefiner;
use simgan::tasks as estimators;
use simgan::tasks::{CompareData, CompareOptions, CompareProgress, Comparison, EvaluateOptions};
use simgan::training::{Config, RunDir};
use simgan_base::files::{durable, output_folder};
use simgan_data::Dataset;

use super::{fit, refine};
use crate::args::{DataOptions, SettingsOptions, TaskOptions};
use crate::configuration::{self, EstimatorSources};
use crate::console::Console;
use crate::progress::Progress;
use crate::{data, output, warnings};

/// Images refined at a time.
const BATCH_SIZE: u32 = 64;

/// Options of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    #[command(flatten)]
    pub task: TaskOptions,
    /// Folder of the trained run
    #[arg(long, value_name = "RUN")]
    pub run: PathBuf,
    /// Labelled synthetic images
    #[arg(long, value_name = "DIR")]
    pub synthetic: String,
    /// Labelled real images, not used in training
    #[arg(long, value_name = "DIR")]
    pub real_test: String,
    /// Folder for the refined images and comparison.json: new or empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Estimators fitted on each side, with seeds 0, 1, ...
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub seeds: u32,
    /// Images labelled with a screen point: fit the affine map from gaze to screen on N of them, score the rest
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub calibrate: usize,
    /// Also fit on raw and on refined images under plain augmentation (estimator.augmentation)
    #[arg(long)]
    pub augmented: bool,
    /// Also fit on raw and refined images together, one or the other version of each drawn at a time
    #[arg(long)]
    pub both: bool,
    /// Labelled real images, others than --real-test: also fit on them, as an upper bound
    #[arg(long, value_name = "DIR")]
    pub real_training: Option<String>,
    /// Label columns to estimate, as --task column:COL,COL
    #[arg(
        long,
        value_name = "COL,COL",
        value_delimiter = ',',
        conflicts_with = "task"
    )]
    pub target: Vec<String>,
    #[command(flatten)]
    pub settings: SettingsOptions,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Compares and prints the table.
pub fn run(args: &CompareArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    let run = RunDir::open(&args.run)?;
    data::require_free(&args.out, "--out")?;
    let read = [args.synthetic.as_str(), &args.real_test];
    let read = read.into_iter().chain(args.real_training.as_deref());
    data::require_outside(&args.out, "--out", read)?;
    let options = args.data.open_options();
    let sources = EstimatorSources {
        run: Some(&args.run),
        target: &args.target,
        data: None,
    };
    let mut config = configuration::of_estimator(&args.settings, sources, &options, console)?;
    let raw = data::open(&args.synthetic, &config.preprocessing, &options, console)?;
    let test = data::open(&args.real_test, &config.preprocessing, &options, console)?;
    let real = args
        .real_training
        .as_ref()
        .map(|real| data::open(real, &config.preprocessing, &options, console));
    let real = real.transpose()?;
    config.estimator = args.task.estimator(&config.estimator, &raw)?;
    check_labels(args, &config, &raw, &test)?;
    for data in [&raw, &test] {
        warnings::of_labels(&config.estimator.target(), data, console);
    }
    warnings::of_swapped(&raw, &test, console);
    warn_of_leak(&run, &test, "--real-test", console);
    let partial = output_folder::begin(&args.out)?;
    let refined = refined(args, &run, &raw, &partial, device, console)?;
    let data = CompareData {
        raw: &raw,
        refined: &refined,
        test: &test,
        real: real.as_ref(),
    };
    let comparison = compare(args, &config, &data, device, console)?;
    let text = serde_json::to_string_pretty(&comparison)? + "\n";
    durable::write(&partial.join("comparison.json"), &text)?;
    output_folder::publish(&partial, &args.out)?;
    let name = args.out.file_name();
    let name = name.map_or_else(|| "comparison".into(), |name| name.to_string_lossy());
    data::keep_with_run(&run.comparisons(), &name, &text)?;
    for warning in comparison.warnings() {
        console.warn(&warning);
    }
    if args.json {
        return output::line(text.trim_end());
    }
    output::line(comparison.to_markdown().trim_end())
}

/// Refuses labels that do not fit the task before hours of work.
fn check_labels(
    args: &CompareArgs,
    config: &Config,
    raw: &Dataset,
    test: &Dataset,
) -> simgan_base::Result<()> {
    let target = config.estimator.target();
    target.values(raw)?;
    let options = EvaluateOptions {
        calibrate: args.calibrate,
        seed: 0,
    };
    estimators::evaluation::check(&target, test, &options)
}

/// Refines `raw` into `refined` below `folder` and reads that back, as a user of the images would.
fn refined(
    args: &CompareArgs,
    run: &RunDir,
    raw: &Dataset,
    folder: &Path,
    device: &Device,
    console: &Console,
) -> simgan_base::Result<Dataset> {
    let refiner = TrainedRefiner::load(run, None, true, device)?;
    let folder = folder.join("refined");
    refine::refine(&refiner, raw, &folder, BATCH_SIZE, console)?;
    let source = folder.display().to_string();
    let options = args.data.open_options();
    data::open(&source, &refiner.config().preprocessing, &options, console)
}

fn compare(
    args: &CompareArgs,
    config: &Config,
    data: &CompareData<'_>,
    device: &Device,
    console: &Console,
) -> simgan_base::Result<Comparison> {
    let options = CompareOptions {
        augmented: args.augmented,
        both: args.both,
        seeds: (0..args.seeds.into()).collect(),
        calibrate: args.calibrate,
        calibration_seed: 0,
        preprocessing: config.preprocessing.clone(),
    };
    let progress = Progress::new(console, "comparing");
    let mut update = |p: CompareProgress| {
        let message = format!("{}, seed {}: {}", p.arm, p.seed, fit::message(&p.fit));
        progress.update(
            p.fits_done * p.fit.steps + p.fit.step,
            p.fits * p.fit.steps,
            &message,
        );
    };
    estimators::compare(data, &config.estimator, &options, device, &mut update)
}

/// A score on images that the refiner was trained on says less.
pub fn warn_of_leak(run: &RunDir, test: &Dataset, option: &str, console: &Console) {
    let Ok(manifest) = run.manifest() else { return };
    if manifest.real.fingerprint == test.fingerprint() {
        console.warn(&format!("{option} holds the very images that the run was trained on: keep a part of them out of training"));
    }
}
