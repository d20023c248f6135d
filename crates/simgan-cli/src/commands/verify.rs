//! `simgan verify`: whether what was written is still there, to the bit.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use simgan::verification;
use simgan::verification::Verification;
use simgan_base::Error;

use crate::examples;
use crate::output;
use simgan_base::formats::readable::thousands;

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(after_help = examples::VERIFY)]
pub struct VerifyArgs {
    /// Folder of a run, estimator or refined set
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints what was checked and what is damaged; fails if something is.
pub fn run(args: &VerifyArgs) -> anyhow::Result<()> {
    let found = verification::verify(&args.path)?;
    let path = args.path.display().to_string();
    match args.json {
        true => {
            let mut value = serde_json::to_value(&found)?;
            value["path"] = json!(path);
            value["sound"] = json!(found.problems.is_empty());
            output::json(Verification::SHAPE, &value)?;
        }
        false => output::line(&text(&path, &found))?,
    }
    let count = match found.problems.len() {
        0 => return Ok(()),
        1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    };
    let message = format!("{path} is not sound: {count}");
    Err(Error::new(found.kind.error(), message).into())
}

fn text(path: &str, found: &Verification) -> String {
    let bytes = thousands(usize::try_from(found.bytes).unwrap_or(usize::MAX));
    let sound = if found.problems.is_empty() {
        "yes"
    } else {
        "no"
    };
    let mut rows = vec![
        ("path", path.to_owned()),
        ("kind", found.kind.label().to_owned()),
        (
            "checked",
            format!("{} files, {bytes} bytes", thousands(found.files)),
        ),
    ];
    rows.extend(found.notes.iter().map(|note| ("note", note.clone())));
    rows.push(("sound", sound.to_owned()));
    rows.extend(
        found
            .problems
            .iter()
            .map(|problem| ("problem", problem.clone())),
    );
    output::table(&rows)
}
