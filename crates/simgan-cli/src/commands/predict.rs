//! `simgan predict`: an estimator's answers to any images, labelled or not, as a table.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use serde_json::json;
use simgan::tasks::{Estimator, predictions};
use simgan_base::files::durable;
use simgan_base::files::output_folder;
use simgan_base::formats::shape::Shape;
use simgan_workflow::data;

use crate::args::DataOptions;
use crate::console::Console;
use crate::examples;
use crate::output;
use simgan_base::formats::readable::thousands;

/// Options of `predict`.
#[derive(Debug, Args)]
#[command(after_help = examples::PREDICT)]
pub struct PredictArgs {
    /// Folder of the fitted model
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// Images, labelled or not
    #[arg(long, value_name = "DIR")]
    pub data: String,
    /// File of the answers, CSV: the image's name, then the columns that labels of this kind have; must not exist
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    pub data_options: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
const SHAPE: Shape = Shape::new("predictions", 1);

/// Predicts and writes the table.
pub fn run(args: &PredictArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    output_folder::require_place(&args.out, "give --out another file")?;
    data::require_outside(&args.out, "--out", [args.data.as_str()])?;
    let estimator = Estimator::load(&args.model, device)?;
    let options = args.data_options.open_options();
    let images = data::open(&args.data, estimator.preprocessing(), &options, console)?;
    let table = predictions::table(&estimator, &images)?;
    durable::write(&args.out, table.to_csv())?;
    if args.json {
        return output::json(
            SHAPE,
            &json!({
                "out": args.out,
                "images": images.len(),
                "columns": table.columns,
            }),
        );
    }
    output::line(&output::table(&[
        ("answers", args.out.display().to_string()),
        ("images", thousands(images.len())),
        ("columns", table.columns.join(", ")),
    ]))
}
