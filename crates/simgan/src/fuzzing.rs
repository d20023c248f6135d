//! Every parser as a function of bytes: for the targets in `fuzz/`, and for the mutations in `hostile.rs`.
//!
//! No part of the interface.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::judges::Judgement;
use crate::nets::optimizer;
use crate::nets::weights;
use crate::tasks::EstimatorManifest;
use crate::tasks::comparison::Comparison;
use crate::training::checkpoint::CheckpointState;
use crate::training::{Config, RunManifest, checkpoint_manifest, event_log};
use simgan_base::formats::tensors;
use simgan_base::{Error, Result, settings};
use simgan_data::{RefinedManifest, fuzzing as datasets};

/// A parser: whatever it is given, it returns.
pub type Parser = fn(&[u8]) -> Result<()>;

/// All of them, by name: those of the data, then those of runs and models.
pub fn parsers() -> Vec<(&'static str, Parser)> {
    let own: [(&str, Parser); 7] = [
        ("config", config),
        ("estimator", estimator),
        ("tensors", tensors),
        ("checkpoint", checkpoint),
        ("manifest", manifest),
        ("events", events),
        ("result", result),
    ];
    let data = datasets::parsers().into_iter();
    data.map(|(name, parse, _)| (name, parse))
        .chain(own)
        .collect()
}

/// Runs the parser called `name`; whether it accepts `bytes`.
///
/// # Errors
/// Those of the parser, and no such parser.
pub fn parse(name: &str, bytes: &[u8]) -> Result<()> {
    let parser = parsers().into_iter().find(|(known, _)| *known == name);
    let unknown = || Error::config(format!("there is no parser called {name}"));
    parser.ok_or_else(unknown)?.1(bytes)
}

fn text(bytes: &[u8]) -> Result<&str> {
    str::from_utf8(bytes).map_err(|_| Error::data("it is not UTF-8 text"))
}

/// A configuration, and the same text as a value of `--set`.
fn config(bytes: &[u8]) -> Result<()> {
    let text = text(bytes)?;
    let _ = settings::load::<Config>(None, &[format!("training.lambda={text}")]);
    let config: Config = settings::parse(text, "config.toml")?;
    config.validate()
}

fn estimator(bytes: &[u8]) -> Result<()> {
    let manifest: EstimatorManifest = settings::parse(text(bytes)?, "estimator.toml")?;
    manifest.config.validate()?;
    manifest.network().parameters().map(|_| ())
}

fn tensors(bytes: &[u8]) -> Result<()> {
    let path = Path::new("weights.safetensors");
    let file = tensors::parse(bytes, path)?;
    let _ = optimizer::check_header(bytes, path);
    for name in file.names() {
        let _ = weights::tensor_values(&file, name, "weights.safetensors");
    }
    Ok(())
}

/// The state of a checkpoint, or the list of its files.
fn checkpoint(bytes: &[u8]) -> Result<()> {
    json::<CheckpointState>(bytes).or_else(|_| checkpoint_manifest::parse(bytes))
}

/// The manifest of a run, or of refined images.
fn manifest(bytes: &[u8]) -> Result<()> {
    json::<RunManifest>(bytes).or_else(|_| json::<RefinedManifest>(bytes))
}

fn events(bytes: &[u8]) -> Result<()> {
    event_log::parse(bytes, Path::new("events.jsonl")).map(|_| ())
}

/// A comparison or judgement, and the text that is made of it.
fn result(bytes: &[u8]) -> Result<()> {
    let comparison = serde_json::from_slice::<Comparison>(bytes);
    if let Ok(comparison) = comparison {
        comparison.to_markdown();
        return Ok(());
    }
    let judgement = serde_json::from_slice::<Judgement>(bytes);
    let judgement = judgement.map_err(|e| Error::model(e.to_string()))?;
    judgement.to_markdown();
    Ok(())
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<()> {
    let parsed = serde_json::from_slice::<T>(bytes);
    parsed.map(|_| ()).map_err(|e| Error::model(e.to_string()))
}
