//! `simgan export`: a trained network for other programs.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args};
use serde_json::json;
use simgan_base::formats::shape::Shape;
use simgan_export::{ExportOptions, FORMATS, Format};
use simgan_workflow::export::{self, ExportRequest, Trained};
use simgan_workflow::{data, refine::Checkpoint};

use crate::args::DataOptions;
use crate::console::Console;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  simgan export --run RUN --format onnx --out refiner
  simgan export --run RUN --format pytorch --out refiner-torch
  simgan export --model MODEL --format onnx --out estimator
  npm install onnxruntime-web
  simgan export --run RUN --format web --onnxruntime-web node_modules/onnxruntime-web --out page";

/// Options of `export`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("network").required(true).args(["run", "model"])))]
pub struct ExportArgs {
    /// Folder of the trained run whose refiner is written, with its exposure and what holds its
    /// points
    #[arg(long, value_name = "RUN")]
    pub run: Option<PathBuf>,
    /// Folder of the fitted estimator that is written, with the units of its labels
    #[arg(long, value_name = "MODEL")]
    pub model: Option<PathBuf>,
    /// Iteration whose checkpoint is used, or `best` (of a run with training.keep_best) [default:
    /// the last]
    #[arg(long, value_name = "STEP", conflicts_with = "model")]
    pub checkpoint: Option<Checkpoint>,
    /// Use the refiner's own weights [default: their moving average, where the run has one]
    #[arg(long, conflicts_with = "model")]
    pub no_average: bool,
    /// What to write
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    pub format: &'static Format,
    /// Folder for the files: new or empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Up to 1,000 images that are kept with what the network makes of them, to check other
    /// programs [default: 8 of the simulator that the run was trained on, else of sim:eyes]
    #[arg(long, value_name = "DIR")]
    pub samples: Option<String>,
    /// Folder of the npm package onnxruntime-web, for --format web
    #[arg(long, value_name = "DIR")]
    pub onnxruntime_web: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// The formats there are, by name.
fn format_parser() -> impl TypedValueParser<Value = &'static Format> {
    let value = |format: &Format| PossibleValue::new(format.name).help(format.about);
    PossibleValuesParser::new(FORMATS.iter().map(value))
        .try_map(|name| simgan_export::named(&name).ok_or("no format"))
}

impl ExportArgs {
    fn request(&self) -> ExportRequest {
        let trained = match &self.model {
            Some(model) => Trained::Estimator {
                model: model.clone(),
            },
            None => Trained::Refiner {
                // Without a model, clap asks for a run.
                run: self.run.clone().unwrap_or_default(),
                checkpoint: self.checkpoint,
                average: !self.no_average,
            },
        };
        ExportRequest {
            trained,
            samples: self.samples.clone(),
            open: self.data.open_options(),
        }
    }
}

/// What `--json` prints.
const SHAPE: Shape = Shape::new("export", 1);

/// Writes the files and tells their names.
pub fn run(args: &ExportArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    data::require_free(&args.out, "--out")?;
    data::require_outside(&args.out, "--out", args.samples.as_deref())?;
    let exported = export::load(&args.request(), device, console)?;
    let options = ExportOptions {
        onnxruntime_web: args.onnxruntime_web.clone(),
    };
    let files = exported.write(args.format, &options, &args.out)?;
    if args.json {
        return output::json(
            SHAPE,
            &json!({
                "out": args.out,
                "format": args.format.name,
                "files": files,
                "description": exported.description(),
            }),
        );
    }
    output::line(&output::table(&[
        ("export", args.out.display().to_string()),
        ("files", files.join(", ")),
    ]))
}
