//! `simgan fit`: an estimator from labelled images.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use simgan::tasks::FitReport;
use simgan_base::formats::readable::{duration, thousands};
use simgan_workflow::fit::{self, FitRequest};

use crate::args::{DataOptions, SettingsOptions, TaskOptions};
use crate::console::Console;
use crate::examples;
use crate::output;

/// Options of `fit`.
#[derive(Debug, Args)]
#[command(after_help = examples::FIT)]
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

impl FitArgs {
    fn request(&self) -> FitRequest {
        FitRequest {
            task: self.task.choice(),
            data: self.data.clone(),
            versions: self.version.clone(),
            adapt: self.adapt.clone(),
            out: self.out.clone(),
            target: self.target.clone(),
            seed: self.seed,
            run: self.run.clone(),
            settings: self.settings.settings(),
            open: self.data_options.open_options(),
        }
    }
}

/// Fits and tells the held-out error.
pub fn run(args: &FitArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    let report = fit::fit(&args.request(), device, console)?;
    if args.json {
        return output::json(fit::SHAPE, &fit::to_json(&args.out, &report));
    }
    output::line(&text(args, &report))
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
