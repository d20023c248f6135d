//! How it was trained.

use simgan::training::{Config, RunManifest};
use simgan_base::formats::markdown;
use simgan_base::formats::readable::thousands;
use simgan_base::{Result, settings};

/// The main figures, and the whole configuration.
///
/// # Errors
/// The configuration cannot be written as TOML.
pub(super) fn of(config: &Config, manifest: &RunManifest) -> Result<String> {
    let training = &config.training;
    let shape = &config.preprocessing;
    let pairs = [
        (
            "method",
            "SimGAN (Shrivastava et al., CVPR 2017), Algorithm 1".to_owned(),
        ),
        (
            "trained by",
            format!(
                "simgan {} on {} ({})",
                manifest.version, manifest.device, manifest.kernels
            ),
        ),
        (
            "images",
            format!(
                "{} x {}, {} channels",
                shape.width, shape.height, shape.channels
            ),
        ),
        ("parameters of R", thousands(manifest.refiner_parameters)),
        (
            "parameters of D",
            thousands(manifest.discriminator_parameters),
        ),
        ("iterations asked for", thousands(training.steps)),
        ("images a mini-batch", thousands(training.batch_size)),
        ("lambda", training.lambda.to_string()),
        ("seed", training.seed.to_string()),
    ];
    let rows = pairs.map(|(name, value)| vec![name.to_owned(), value]);
    let table = markdown::table(&["", ""], &rows);
    let toml = toml_block(&settings::to_toml(config)?);
    Ok(format!("{table}\nThe whole configuration:\n\n{toml}"))
}

/// TOML as Markdown shows it.
pub(super) fn toml_block(toml: &str) -> String {
    format!("```toml\n{}\n```\n", toml.trim_end())
}
