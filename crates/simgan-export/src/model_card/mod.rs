//! Model cards (Mitchell et al., FAT* 2019): what a network was made from, how, what it was
//! measured with, and where it ends. One is kept in every run whose training has ended, and lies
//! beside every export.

mod limits;
mod measures;
mod recipe;
mod use_it;

use simgan::refine::TrainedRefiner;
use simgan::tasks::Estimator;
use simgan::training::event_log;
use simgan::training::{RunDir, RunManifest, SideManifest};
use simgan_base::files::durable;
use simgan_base::formats::markdown;
use simgan_base::formats::readable::thousands;
use simgan_base::{Result, settings};

use crate::description::Description;
pub(crate) use crate::model_card::use_it::usage;

/// Name of the file.
pub(crate) const FILE_NAME: &str = "MODEL_CARD.md";

/// What may be done with what was trained.
const LICENCE: &str = "simgan itself is under MIT or Apache-2.0. The weights belong to those who trained them; \
                       they were made from the data above, whose licences and consents hold too.";

/// Writes the card of `run` into its folder, in place of an older one, with the results that are
/// kept there by now.
///
/// # Errors
/// The run's configuration, manifest or log cannot be read, or the card not be written.
pub fn write(run: &RunDir) -> Result<()> {
    let (steps, name) = (newest(run)?, folder_name(run));
    let what = format!("The refiner of the run `{name}`, after {steps} iterations of Algorithm 1.");
    durable::write(&run.model_card_file(), card(run, &what)?)
}

/// The card of a refiner that is exported.
///
/// # Errors
/// As [`write`].
pub(crate) fn of_refiner(
    run: &RunDir,
    trained: &TrainedRefiner,
    description: &Description,
) -> Result<String> {
    let what = format!(
        "The refiner of the run `{}`, after {} iterations of Algorithm 1, exported by simgan {}. \
         SHA-256 of its weights: `{}`.",
        description.name,
        thousands(trained.step()),
        description.exported_with,
        description.weights_sha256
    );
    card(run, &what)
}

/// The card of an estimator that is exported.
///
/// # Errors
/// Its configuration cannot be written as TOML.
pub(crate) fn of_estimator(description: &Description, estimator: &Estimator) -> Result<String> {
    let manifest = estimator.manifest();
    let output = &description.output;
    let what = format!(
        "An estimator: from an image to {} ({}). Fitted in {} updates by simgan {}, exported by \
         simgan {}. SHA-256 of its weights: `{}`.",
        output.columns.join(", "),
        output.meaning,
        thousands(manifest.step),
        manifest.version,
        description.exported_with,
        description.weights_sha256
    );
    let data = markdown::table(
        &["images", "number", "fingerprint"],
        &[vec![
            "labelled, fitted on".to_owned(),
            thousands(manifest.images),
            manifest.data_fingerprint.clone(),
        ]],
    );
    let recipe = recipe::toml_block(&settings::to_toml(&manifest.config)?);
    let recipe = format!(
        "Seed {}. The section `[estimator]`:\n\n{recipe}",
        manifest.seed
    );
    let measures = "Scores are not kept with an estimator: `simgan evaluate` measures it.\n";
    Ok(page(
        &format!("Model card: estimator {}", description.name),
        &what,
        &[
            ("Data", data),
            ("Recipe", recipe),
            ("Measures", measures.to_owned()),
            ("Limits", limits::of_estimator(description)),
            ("Licence", format!("{LICENCE}\n")),
        ],
    ))
}

fn card(run: &RunDir, what: &str) -> Result<String> {
    let (config, manifest) = (run.config()?, run.manifest()?);
    let events = event_log::read(&run.events_file())?;
    let found = measures::read(run);
    Ok(page(
        &format!("Model card: refiner {}", folder_name(run)),
        what,
        &[
            ("Data", data(&manifest)),
            ("Recipe", recipe::of(&config, &manifest)?),
            ("Measures", measures::told(&events, &found)),
            ("Limits", limits::of_refiner(&config, &events, &found)),
            ("Licence", format!("{LICENCE}\n")),
        ],
    ))
}

fn page(title: &str, what: &str, sections: &[(&str, String)]) -> String {
    let sections = sections
        .iter()
        .map(|(name, text)| format!("\n## {name}\n\n{text}"));
    format!("# {title}\n\n{what}\n{}", sections.collect::<String>())
}

fn data(manifest: &RunManifest) -> String {
    let row = |side: &str, data: &SideManifest| {
        vec![
            side.to_owned(),
            format!("`{}`", data.source),
            thousands(data.images),
            thousands(data.skipped),
            data.fingerprint.clone(),
        ]
    };
    markdown::table(
        &["images", "source", "used", "left out", "fingerprint"],
        &[
            row("synthetic, labelled", &manifest.synthetic),
            row("real, without labels", &manifest.real),
        ],
    )
}

/// Iterations of the newest checkpoint.
fn newest(run: &RunDir) -> Result<String> {
    let steps = run.checkpoints()?.last().map_or(0, |(step, _)| *step);
    Ok(thousands(steps))
}

/// Name of the run.
fn folder_name(run: &RunDir) -> String {
    crate::description::folder_name(run.path())
}
