//! `simgan config`: the built-in configurations.

use clap::Args;
use simgan::training::schema::schema;
use simgan_base::Error;
use simgan_workflow::presets::{self, PRESETS};

use crate::examples;
use crate::output;

/// Options of `config`.
#[derive(Debug, Args)]
#[command(after_help = examples::CONFIG)]
pub struct ConfigArgs {
    /// Print this one, to be edited and given to --config [default: list all]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Print the JSON Schema of every configuration: editors complete and check TOML by it
    #[arg(long, conflicts_with = "name")]
    pub schema: bool,
}

/// Lists the configurations, prints one byte for byte, or the schema of all.
pub fn run(args: &ConfigArgs) -> anyhow::Result<()> {
    if args.schema {
        return output::line(&serde_json::to_string_pretty(&schema())?);
    }
    let Some(name) = &args.name else {
        let rows = PRESETS
            .each_ref()
            .map(|preset| (preset.name, preset.summary().to_owned()));
        return output::line(&output::table(&rows));
    };
    let preset = presets::named(name).ok_or_else(|| {
        let message = format!("there is no built-in configuration `{name}`");
        Error::config(message).with_hint(format!("there are: {}", presets::names()))
    })?;
    output::bytes(preset.text.as_bytes())
}
