//! `simgan frame`: how to show real images as the synthetic ones are shown.

use clap::Args;
use serde::Serialize;
use simgan::training::Config;
use simgan_base::formats::shape::Shape;
use simgan_base::settings;
use simgan_data::framing_search;
use simgan_data::framing_search::Match;
use simgan_data::{Framing, Preprocessing};
use simgan_workflow::framing::framed;
use simgan_workflow::{configuration, data};

use crate::args::{DataOptions, SettingsOptions};
use crate::console::Console;
use crate::examples;
use crate::output;

/// Options of `frame`.
#[derive(Debug, Args)]
#[command(after_help = examples::FRAME)]
pub struct FrameArgs {
    /// Synthetic images
    #[arg(long, value_name = "DIR")]
    pub synthetic: String,
    /// Real images; labels are not looked at
    #[arg(long, value_name = "DIR")]
    pub real: String,
    /// Look for a shift as well, not only for the size
    #[arg(long)]
    pub shift: bool,
    #[command(flatten)]
    pub settings: SettingsOptions,
    #[command(flatten)]
    pub data: DataOptions,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
const SHAPE: Shape = Shape::new("framing", 1);

#[derive(Serialize)]
struct Found {
    real: String,
    zoom: f64,
    x: f64,
    y: f64,
    agreement_before: f64,
    agreement: f64,
    alignment: f64,
    notable: bool,
}

/// Looks for the framing and prints the `DIR` argument that has it.
pub fn run(args: &FrameArgs, console: &Console) -> anyhow::Result<()> {
    let preprocessing = preprocessing(args, console)?;
    let options = args.data.open_options();
    let open = |source: &str| data::open(source, &preprocessing, &options, console);
    let (synthetic, real) = (open(&args.synthetic)?, open(&args.real)?);
    let found = worthwhile(framing_search::search(&synthetic, &real, args.shift));
    let framed = framed(&real, &found)?;
    let whole = framed.framing();
    let result = Found {
        real: framed.to_string(),
        zoom: whole.zoom,
        x: whole.x,
        y: whole.y,
        agreement_before: found.before,
        agreement: found.after,
        alignment: found.alignment,
        notable: found.is_notable(),
    };
    match args.json {
        true => output::json(SHAPE, &result),
        false => output::line(&told(&result)),
    }
}

/// The preprocessing under which both sides are compared.
fn preprocessing(args: &FrameArgs, console: &Console) -> simgan_base::Result<Preprocessing> {
    let document = args.settings.settings().document()?;
    let (config, given) = settings::load_document::<Config>(document.as_ref(), &args.settings.set)?;
    let mut preprocessing = config.preprocessing;
    preprocessing.validate()?;
    let sources = [args.synthetic.as_str(), args.real.as_str()];
    let options = args.data.open_options();
    configuration::settle(&mut preprocessing, &given, &sources, &options, console)?;
    Ok(preprocessing)
}

/// The match, without the framing where that is not worth it: nobody should copy a zoom that means nothing.
fn worthwhile(found: Match) -> Match {
    match found.is_notable() {
        true => found,
        false => Match {
            framing: Framing::default(),
            ..found
        },
    }
}

fn told(found: &Found) -> String {
    let agreement = match found.notable {
        true => format!(
            "{:.2}, before {:.2}",
            found.agreement, found.agreement_before
        ),
        false => format!("{:.2}", found.agreement_before),
    };
    let rows = [
        ("real images", found.real.clone()),
        ("edges agree", agreement),
        (
            "worth it",
            match found.notable {
                true => "yes: give this wherever these images are read".to_owned(),
                false => "no: the sides are shown alike, or are no crops alike, or too few to tell"
                    .to_owned(),
            },
        ),
    ];
    output::table(&rows)
}
