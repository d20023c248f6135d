//! `simgan refine`: a whole folder through a trained refiner, by one process or several.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;
use serde_json::json;
use simgan::refine::{RefineOptions, RefineSummary, Shard, TrainedRefiner};
use simgan::training::RunDir;
use simgan_base::Error;
use simgan_base::formats::readable::{duration, thousands};
use simgan_data::{OutputFormat, RefinedManifest};
use simgan_workflow::data;
use simgan_workflow::refine::{self, Checkpoint};

use crate::args::DataOptions;
use crate::console::Console;
use crate::examples;
use crate::output;

/// Options of `refine`.
#[derive(Debug, Args)]
#[command(after_help = examples::REFINE)]
pub struct RefineArgs {
    /// Folder of the trained run
    #[arg(long, value_name = "RUN")]
    pub run: PathBuf,
    /// Synthetic images
    #[arg(long, value_name = "DIR")]
    pub input: String,
    /// Folder for the refined images: new or empty. After a kill, the same command continues in it
    #[arg(long, alias = "output", value_name = "DIR")]
    pub out: PathBuf,
    /// Iteration whose checkpoint is used, or `best` (of a run with training.keep_best) [default: the last]
    #[arg(long, value_name = "STEP")]
    pub checkpoint: Option<Checkpoint>,
    /// Refine by every checkpoint that the run kept, each into its own folder, OUT/step_N: versions for fit --version
    #[arg(long, conflicts_with = "checkpoint")]
    pub every_checkpoint: bool,
    /// Use the moving average of the refiner's weights [default: where the run has one]
    #[arg(long, overrides_with = "no_average")]
    pub average: bool,
    /// Use the refiner's own weights
    #[arg(long)]
    pub no_average: bool,
    /// Keep the size of images, which must all have one, whatever size the refiner was trained on
    #[arg(long)]
    pub full_size: bool,
    /// Images in memory at once, waiting or being refined; a GPU refines so many at a time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub batch_size: u32,
    /// Images and labels.csv, or tar files of images and labels (WebDataset)
    #[arg(long, value_name = "FORMAT", default_value = "folder", value_parser = format_parser())]
    pub format: OutputFormat,
    /// Do the Ith share of N: start N such commands, on one or several machines, with the same options
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE)]
    pub shard: Shard,
    /// Images that are recorded as done together; those of a tar file
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub images_per_part: u32,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// The formats there are, by name.
fn format_parser() -> impl TypedValueParser<Value = OutputFormat> {
    let names = OutputFormat::ALL.map(OutputFormat::name);
    PossibleValuesParser::new(names).try_map(|name| OutputFormat::named(&name).ok_or("no format"))
}

impl RefineArgs {
    fn options(&self) -> RefineOptions {
        RefineOptions {
            batch_size: self.batch_size as usize,
            format: self.format,
            images_per_part: self.images_per_part as usize,
            shard: self.shard,
        }
    }
}

/// Refines and tells how many images and how fast.
pub fn run(args: &RefineArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    let run = RunDir::open(&args.run)?;
    data::require_outside(&args.out, "--out", [args.input.as_str()])?;
    let versions = versions(args, &run)?;
    for (step, out) in &versions {
        // Refined images may be those asked for, which shows when everything is known.
        if !RefinedManifest::exists(out) {
            data::require_free(out, "--out")?;
        }
        if args.average {
            require_average(&run, *step)?;
        }
    }
    let load = |step| TrainedRefiner::load(&run, step, !args.no_average, device);
    let options = args.data.open_options();
    let mut images = None;
    let mut done = Vec::new();
    for (step, out) in &versions {
        let refiner = load(*step)?;
        // All checkpoints of a run see the same images.
        let images = match &images {
            Some(images) => images,
            None => images.insert(refine::open(
                &refiner,
                &args.input,
                args.full_size,
                &options,
                console,
            )?),
        };
        let summary = refine::refine(&refiner, images, out, &args.options(), console)?;
        if !args.json {
            output::line(&told(&summary, out))?;
        }
        done.push(Refined { out, summary });
    }
    match (args.json, &done[..]) {
        (false, _) => Ok(()),
        (true, [one]) if !args.every_checkpoint => output::json(RefineSummary::SHAPE, one),
        (true, versions) => output::json(RefineSummary::SHAPE, &json!({ "versions": versions })),
    }
}

/// Checkpoints that refine, and where their images go.
fn versions(args: &RefineArgs, run: &RunDir) -> simgan_base::Result<Vec<(Option<usize>, PathBuf)>> {
    if !args.every_checkpoint {
        let step = args.checkpoint.map(|which| which.step(run)).transpose()?;
        return Ok(vec![(step, args.out.clone())]);
    }
    // A run without any says so.
    run.checkpoint(None)?;
    let version = |(step, _)| (Some(step), args.out.join(format!("step_{step}")));
    Ok(run.checkpoints()?.into_iter().map(version).collect())
}

/// What `--json` prints.
#[derive(Serialize)]
struct Refined<'a> {
    out: &'a Path,
    #[serde(flatten)]
    summary: RefineSummary,
}

/// The summary for people.
fn told(summary: &RefineSummary, output: &Path) -> String {
    let name = match summary.complete {
        true => "refined images",
        false => "not complete",
    };
    let mut rows = vec![(name, output.display().to_string())];
    if summary.found > 0 {
        rows.push(("found done", thousands(summary.found)));
    }
    if summary.images == 0 {
        rows.push(("images", "nothing was left to do".to_owned()));
    } else {
        rows.extend([
            ("images", thousands(summary.images)),
            ("left out", thousands(summary.skipped)),
            (
                "mean change",
                format!("{:.2} grey levels of 255", summary.mean_absolute_change),
            ),
            ("time", duration(summary.seconds)),
            ("of which", split(summary)),
            ("rate", format!("{:.0} images/s", summary.images_per_second)),
        ]);
    }
    let table = output::table(&rows);
    match summary.complete {
        true => table,
        false => format!("{table}\n{}", shards(summary)),
    }
}

/// `shard 2 of 4 is done; shards 1, 3 are not`.
fn shards(summary: &RefineSummary) -> String {
    let [index, count] = summary.shard;
    let missing: Vec<String> = summary
        .missing_shards
        .iter()
        .map(usize::to_string)
        .collect();
    let (shards, are) = match missing.len() {
        1 => ("shard", "is"),
        _ => ("shards", "are"),
    };
    let missing = missing.join(", ");
    format!("shard {index} of {count} is done; {shards} {missing} {are} not")
}

/// For how long each stage worked. They run side by side.
fn split(summary: &RefineSummary) -> String {
    format!(
        "net {:.1} s, reading {:.1} s, writing {:.1} s (side by side)",
        summary.net_seconds, summary.reading_seconds, summary.writing_seconds
    )
}

/// A run without a moving average silently uses the refiner itself, unless the average is asked for.
fn require_average(run: &RunDir, checkpoint: Option<usize>) -> simgan_base::Result<()> {
    let (step, folder) = run.checkpoint(checkpoint)?;
    if folder.join("refiner_average.safetensors").is_file() {
        return Ok(());
    }
    let message = format!("--average: the checkpoint of step {step} has no moving average");
    Err(Error::model(message).with_hint("train with --set training.average_decay=0.999"))
}
