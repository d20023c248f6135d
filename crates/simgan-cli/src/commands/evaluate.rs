//! `simgan evaluate`: an estimator on labelled images.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use simgan::tasks::{EvaluateOptions, Evaluation};
use simgan_workflow::evaluate::{EvaluateRequest, evaluate};

use crate::args::{DataOptions, TaskOptions};
use crate::console::Console;
use crate::examples;
use crate::output;
use simgan_base::formats::readable::thousands;

/// Options of `evaluate`.
#[derive(Debug, Args)]
#[command(after_help = examples::EVALUATE)]
pub struct EvaluateArgs {
    #[command(flatten)]
    pub task: TaskOptions,
    /// Folder of the fitted model
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// Labelled images
    #[arg(long, value_name = "DIR")]
    pub data: String,
    /// Images labelled with a screen point: fit the affine map from gaze to screen on N of them, score the rest
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub calibrate: usize,
    /// Decides which images calibrate
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub calibration_seed: u64,
    #[command(flatten)]
    pub data_options: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Scores and prints the table.
pub fn run(args: &EvaluateArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    let request = EvaluateRequest {
        task: args.task.choice(),
        model: args.model.clone(),
        data: args.data.clone(),
        open: args.data_options.open_options(),
        options: EvaluateOptions {
            calibrate: args.calibrate,
            seed: args.calibration_seed,
        },
    };
    let evaluation = evaluate(&request, device, console)?;
    if args.json {
        return output::json(Evaluation::SHAPE, &evaluation);
    }
    output::line(&text(&evaluation))
}

/// The scores, a line each.
fn text(evaluation: &Evaluation) -> String {
    let unit = evaluation.unit.suffix();
    let mut rows = vec![
        ("images".to_owned(), thousands(evaluation.images)),
        (
            "calibrated on".to_owned(),
            thousands(evaluation.calibration_images),
        ),
        (
            "mean error".to_owned(),
            format!("{:.2} {unit}", evaluation.mean),
        ),
        (
            "median error".to_owned(),
            format!("{:.2} {unit}", evaluation.median),
        ),
        (
            "mean label".to_owned(),
            format!("{:.2} {unit} (answering it always)", evaluation.baseline),
        ),
    ];
    if let Some(share) = evaluation.mean_of_width {
        let share = format!("{:.2} % of the width", 100.0 * share);
        rows.insert(3, ("mean error".to_owned(), share));
    }
    let counted = evaluation.unit.counted();
    for (threshold, percent) in &evaluation.percent_within {
        rows.push((
            format!("{counted} within {} {unit}", short(*threshold)),
            format!("{percent:.1} %"),
        ));
    }
    for part in &evaluation.parts {
        let within = part.percent_within.iter();
        let within =
            within.map(|(limit, percent)| format!("{percent:.1} % within {}", short(*limit)));
        let within: Vec<String> = within.collect();
        rows.push((
            part.name.clone(),
            format!("{:.2} {unit}; {}", part.mean, within.join(", ")),
        ));
    }
    let unit = evaluation.unit.of_axes();
    for axis in &evaluation.axes {
        let name = &axis.name;
        if let Some(bias) = axis.bias {
            rows.push((format!("bias of {name}"), format!("{bias:+.2} {unit}")));
        }
        if let Some(slope) = axis.slope {
            rows.push((format!("slope of {name}"), format!("{slope:.3}")));
        }
        let correlation = format!("{:.3}", axis.correlation);
        rows.push((format!("correlation of {name}"), correlation));
    }
    let rows: Vec<(&str, String)> = rows
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    output::table(&rows)
}

/// At most three decimals, no zeros at the end.
fn short(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
