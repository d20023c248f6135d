//! `simgan fit`: an estimator from labelled images.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use serde_json::json;
use simgan::tasks as estimators;
use simgan::tasks::{EstimatorConfig, EstimatorKind, FitOptions, FitProgress, FitReport};
use simgan::training::Config;
use simgan_data::{Dataset, OpenOptions};

use crate::args::{DataOptions, SettingsOptions, TaskOptions};
use crate::configuration::{self, EstimatorSources};
use crate::console::Console;
use crate::output;
use crate::progress::Progress;
use crate::{data, warnings};
use simgan_base::formats::readable::duration;
use simgan_base::formats::readable::thousands;

/// Options of `fit`.
#[derive(Debug, Args)]
pub struct FitArgs {
    #[command(flatten)]
    pub task: TaskOptions,
    /// Labelled images: raw synthetic, refined or real
    #[arg(long, value_name = "DIR")]
    pub data: String,
    /// Other versions of the very same images, as refined ones are of raw ones: each time, one version of an image is drawn;
    /// may be repeated
    #[arg(long, value_name = "DIR")]
    pub version: Vec<String>,
    /// Unlabelled real images to adapt to while learning (`[estimator.adaptation]`)
    #[arg(long, value_name = "DIR")]
    pub adapt: Option<String>,
    /// Folder of the model: new or empty
    #[arg(long, value_name = "MODEL")]
    pub out: PathBuf,
    /// Label columns to estimate, as --task column:COL,COL
    #[arg(
        long,
        value_name = "COL,COL",
        value_delimiter = ',',
        conflicts_with = "task"
    )]
    pub target: Vec<String>,
    /// Seed of weights, batches and the held-out part
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Take the preprocessing of this run, and its `[estimator]` unless --config gives one
    #[arg(long, value_name = "RUN")]
    pub run: Option<PathBuf>,
    #[command(flatten)]
    pub settings: SettingsOptions,
    #[command(flatten)]
    pub data_options: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Fits and tells the held-out error.
pub fn run(args: &FitArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    data::require_free(&args.out, "--out")?;
    let read = args.version.iter().chain(&args.adapt).chain([&args.data]);
    data::require_outside(&args.out, "--out", read.map(String::as_str))?;
    let options = args.data_options.open_options();
    let sources = EstimatorSources {
        run: args.run.as_deref(),
        target: &args.target,
        data: Some(&args.data),
    };
    let config = configuration::of_estimator(&args.settings, sources, &options, console)?;
    let images = data::open(&args.data, &config.preprocessing, &options, console)?;
    let estimator = args.task.estimator(&config.estimator, &images)?;
    warn_of_data(&estimator, &images, console);
    let progress = Progress::new(console, "fitting");
    let mut update = |p: FitProgress| progress.update(p.step, p.steps, &message(&p));
    let unlabelled = args.adapt.as_ref();
    let unlabelled =
        unlabelled.map(|real| data::open(real, &config.preprocessing, &options, console));
    let variants = args.version.iter();
    let variants =
        variants.map(|version| open_version(version, &images, &config, &options, console));
    let options = FitOptions {
        variants: variants.collect::<simgan_base::Result<_>>()?,
        unlabelled: unlabelled.transpose()?,
        seed: args.seed,
        preprocessing: config.preprocessing.clone(),
    };
    let (estimator, report) = estimators::fit(&images, &estimator, &options, device, &mut update)?;
    drop(progress);
    estimator.save(&args.out)?;
    if args.json {
        return output::json(&json!({ "model": args.out, "fit": report }));
    }
    output::line(&text(args, &report))
}

/// Opens another version of `images`.
fn open_version(
    source: &str,
    images: &Dataset,
    config: &Config,
    options: &OpenOptions,
    console: &Console,
) -> simgan_base::Result<Dataset> {
    let version = data::open(source, &config.preprocessing, options, console)?;
    let hint = "--version is what `simgan refine` made of the images of --data";
    data::check_version(images, &version, hint)?;
    Ok(version)
}

/// Says what of the images speaks against the fit.
fn warn_of_data(config: &EstimatorConfig, images: &Dataset, console: &Console) {
    warnings::of_labels(&config.target(), images, console);
    if config.kind == EstimatorKind::Cnn {
        warnings::of_few(images, config.batch_size, "estimator.batch_size", console);
    }
}

fn text(args: &FitArgs, report: &FitReport) -> String {
    let images = format!(
        "{} to learn from, {} held out",
        thousands(report.training_images),
        thousands(report.validation_images)
    );
    let mut rows = vec![
        ("model", args.out.display().to_string()),
        ("images", images),
    ];
    // Nearest neighbours take no steps.
    if report.steps > 0 {
        rows.push(("steps", steps(report)));
        rows.push(("held-out loss", held_out(report)));
    }
    rows.push(("time", duration(report.seconds)));
    output::table(&rows)
}

/// Loss of the last mini-batch and the best on the held-out part.
pub fn message(progress: &FitProgress) -> String {
    match progress.best_validation {
        Some(best) => format!("loss {:.4}, held out {best:.4}", progress.loss),
        None => format!("loss {:.4}", progress.loss),
    }
}

fn steps(report: &FitReport) -> String {
    let early = if report.stopped_early {
        ", stopped early"
    } else {
        ""
    };
    format!(
        "{} (best {}{early})",
        thousands(report.steps),
        thousands(report.best_step)
    )
}

fn held_out(report: &FitReport) -> String {
    let best = report
        .validation_curve
        .iter()
        .find(|(step, _)| *step == report.best_step);
    best.map_or_else(|| "none".to_owned(), |(_, loss)| format!("{loss:.4}"))
}
