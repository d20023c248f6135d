//! `simgan-lab reproduce`: measures a table again, row by row.

mod advised;
mod baselines;
mod experiment;
mod outcome;
mod table;
mod trial;

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;

use experiment::{Experiment, Row};
use serde_json::json;
use simgan_base::formats::shape::Shape;
use simgan_cli::args::DataOptions;
use simgan_cli::console::Console;
use simgan_cli::output;
use table::Measured;
use trial::Bench;

/// Options of `reproduce`.
#[derive(Debug, Args)]
pub struct ReproduceArgs {
    /// A built-in table (webcam, webcam-framed, each also with -development; iris, digits; pairs/NAME) or the TOML file of one
    pub table: String,
    /// Folder that the table's data are below
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Folder for the results; what it has of this table already is not measured again
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Measure this row only, after the first; may be repeated [default: all]
    #[arg(long, value_name = "NAME")]
    pub row: Vec<String>,
    /// Use seeds 0, 1, ... N-1 [default: the table's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub seeds: Option<u32>,
    /// Keep the runs and the refined images
    #[arg(long)]
    pub keep: bool,
    #[command(flatten)]
    pub options: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
const SHAPE: Shape = Shape::new("reproduction", 1);

/// Measures and prints the table.
pub fn run(args: &ReproduceArgs, device: &Device, console: &Console) -> anyhow::Result<()> {
    let mut experiment = Experiment::load(&args.table)?;
    if let Some(seeds) = args.seeds {
        experiment.seeds = (0..seeds.into()).collect();
    }
    let rows = chosen(&experiment, &args.row)?;
    console.say(&experiment.title);
    let bench = Bench {
        experiment: &experiment,
        data: &args.data,
        out: &args.out,
        keep: args.keep,
        options: args.options.open_options(),
        device,
        console,
    };
    let mut measured: Vec<Measured> = rows
        .iter()
        .map(|row| Measured {
            name: row.name.clone(),
            outcomes: vec![],
        })
        .collect();
    // A seed of every row before the next seed: a run that is stopped early leaves rows to compare.
    for &seed in &experiment.seeds {
        for (row, measured) in rows.iter().zip(&mut measured) {
            measured.outcomes.push(bench.outcome(row, seed)?);
        }
    }
    if args.json {
        let rows: serde_json::Map<_, _> = measured
            .iter()
            .map(|row| Ok((row.name.clone(), serde_json::to_value(&row.outcomes)?)))
            .collect::<serde_json::Result<_>>()?;
        return output::json(SHAPE, &json!({ "rows": rows }));
    }
    let task = experiment.config(rows[0], 0)?.estimator.target().task();
    let advised = advised::markdown(&measured, &*task);
    output::line(&format!("{}{advised}", table::markdown(&measured)))
}

/// The first row and those asked for, or all.
fn chosen<'a>(experiment: &'a Experiment, names: &[String]) -> simgan_base::Result<Vec<&'a Row>> {
    for name in names {
        experiment.row(name)?;
    }
    let rows = experiment.rows.iter().enumerate();
    let wanted =
        rows.filter(|(index, row)| *index == 0 || names.is_empty() || names.contains(&row.name));
    Ok(wanted.map(|(_, row)| row).collect())
}
