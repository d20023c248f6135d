//! `simgan init`: a first configuration for two sets of images.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use simgan_base::formats::shape::Shape;
use simgan_workflow::init::{self, InitRequest, Proposal};

use crate::args::DataOptions;
use crate::console::Console;
use crate::examples;
use crate::output;

/// Options of `init`.
#[derive(Debug, Args)]
#[command(after_help = examples::INIT)]
pub struct InitArgs {
    /// Labelled synthetic images
    #[arg(long, value_name = "DIR")]
    pub synthetic: String,
    /// Unlabelled real images
    #[arg(long, value_name = "DIR")]
    pub real: String,
    /// The configuration: a file that does not exist yet
    #[arg(long, value_name = "FILE", default_value = "simgan.toml")]
    pub out: PathBuf,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
const SHAPE: Shape = Shape::new("proposal", 1);

#[derive(Serialize)]
struct Proposed<'a> {
    out: &'a Path,
    real: &'a str,
    choices: Vec<Chosen<'a>>,
}

#[derive(Serialize)]
struct Chosen<'a> {
    key: &'a str,
    value: &'a str,
    why: &'a str,
}

/// Writes the configuration and tells what was chosen.
pub fn run(args: &InitArgs, console: &Console) -> anyhow::Result<()> {
    let request = InitRequest {
        synthetic: args.synthetic.clone(),
        real: args.real.clone(),
        out: args.out.clone(),
        open: args.data.open_options(),
    };
    let proposal = init::init(&request, console)?;
    match args.json {
        true => output::json(SHAPE, &as_json(args, &proposal)),
        false => {
            output::line(&told(args, &proposal))?;
            let out = args.out.display();
            let (synthetic, real) = (&args.synthetic, &proposal.real);
            let train =
                format!("simgan train --config {out} --synthetic '{synthetic}' --real '{real}'");
            console.say(&format!("next: {train} --dry-run"));
            console.say(&format!("      {train} --out run"));
            Ok(())
        }
    }
}

fn as_json<'a>(args: &'a InitArgs, proposal: &'a Proposal) -> Proposed<'a> {
    let chosen = |[key, value, why]: &'a [String; 3]| Chosen { key, value, why };
    Proposed {
        out: &args.out,
        real: &proposal.real,
        choices: proposal.choices.iter().map(chosen).collect(),
    }
}

fn told(args: &InitArgs, proposal: &Proposal) -> String {
    let mut rows = vec![("configuration", args.out.display().to_string())];
    if proposal.real != args.real {
        rows.push((
            "real images",
            format!("{}: shown in the size of the synthetic ones", proposal.real),
        ));
    }
    let choices = proposal.choices.iter();
    rows.extend(choices.map(|[key, value, _]| (key.as_str(), value.clone())));
    output::table(&rows)
}
