//! Where configurations come from: a file or a built-in one, `--set`, a run, and the data for what is left unset.

use std::path::{Path, PathBuf};

use simgan::training::Config;
use simgan_base::settings::{Document, Given};
use simgan_base::{Error, Result, settings};
use simgan_data::sizing::Unset;
use simgan_data::{OpenOptions, Preprocessing, Probe, Source};

use crate::listener::Listener;
use crate::presets;

/// A configuration that is named, and keys of it that are set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// A file (TOML), or the name of a built-in configuration; `None`: the built-in defaults, or the run's.
    pub config: Option<PathBuf>,
    /// `KEY=VALUE`, which win over the file.
    pub set: Vec<String>,
}

impl Settings {
    /// What [`config`](Self::config) names: a file, or else a built-in configuration.
    ///
    /// # Errors
    /// It is neither; a file that cannot be read.
    pub fn document(&self) -> Result<Option<Document>> {
        let Some(path) = &self.config else {
            return Ok(None);
        };
        let name = path.to_string_lossy();
        match presets::named(&name).filter(|_| !path.is_file()) {
            Some(preset) => Ok(Some(preset.document())),
            None => Document::read(path)
                .map(Some)
                .map_err(|error| not_built_in(error, path)),
        }
    }
}

/// The hint of a file that is missing, which may be of the repository, or a name that is wrong.
fn not_built_in(error: Error, path: &Path) -> Error {
    if path.exists() {
        return error;
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    error.with_hint(match presets::named(&stem) {
        Some(preset) => format!("--config {} is built in", preset.name),
        None => format!(
            "give a file or a built-in configuration: {} (`simgan config` prints them)",
            presets::names()
        ),
    })
}

/// Sets size and channels of `preprocessing` to those of the data where nobody has `given` them, and says so.
///
/// # Errors
/// Those of [`Unset::settle`]; a source that cannot be listed.
pub fn settle(
    preprocessing: &mut Preprocessing,
    given: &Given,
    sources: &[&str],
    options: &OpenOptions,
    listener: &dyn Listener,
) -> Result<()> {
    let unset = |key: &str| !given.has(&format!("preprocessing.{key}"));
    let unset = Unset {
        width: unset("width"),
        height: unset("height"),
        channels: unset("channels"),
        crop: unset("crop.kind"),
    };
    if !unset.any() && !unset.crop {
        // Nothing depends on the images, and a look at them lists whole folders.
        return preprocessing.validate();
    }
    let probes = sources
        .iter()
        .map(|&source| Ok((source, Probe::of(source, options)?)))
        .collect::<Result<Vec<_>>>()?;
    unset.settle(preprocessing, &probes)?;
    preprocessing.validate()?;
    for (source, probe) in probes.iter().filter(|_| unset.any()) {
        if let Probe::Files {
            size: [width, height],
            channels,
        } = probe
        {
            let from = format!("{width}x{height} {}", colour(*channels));
            listener.say(&format!("{source}: {from} -> {}", told(preprocessing)));
        }
    }
    Ok(())
}

/// `64x64 RGB, equalized`.
fn told(preprocessing: &Preprocessing) -> String {
    let equalized = if preprocessing.equalize {
        ", equalized"
    } else {
        ""
    };
    format!(
        "{}x{} {}{equalized}",
        preprocessing.width,
        preprocessing.height,
        colour(preprocessing.channels)
    )
}

fn colour(channels: usize) -> &'static str {
    if channels == 1 { "grey" } else { "RGB" }
}

/// Where an estimator's configuration comes from, beside `--config` and `--set`.
#[derive(Clone, Copy, Debug)]
pub struct EstimatorSources<'a> {
    /// Folder of the run.
    pub run: Option<&'a Path>,
    /// Label columns of `--target`.
    pub target: &'a [String],
    /// The images to learn from, which decide what nothing else does.
    pub data: Option<&'a str>,
}

/// The configuration of an estimator: its `[estimator]` and `[preprocessing]` sections count.
///
/// They come from `--config`, or else from the run, or else are built in; a run's preprocessing always
/// wins, for that is what its refiner has seen. Refined images without either bring their own; others their size and
/// channels where these are not set.
///
/// # Errors
/// A wrong configuration, a folder that is no run, images that would be squeezed.
pub fn of_estimator(
    options: &Settings,
    sources: EstimatorSources,
    open: &OpenOptions,
    listener: &dyn Listener,
) -> Result<Config> {
    let run_config = sources.run.map(config_file).transpose()?;
    let run_document = run_config.as_deref().map(Document::read).transpose()?;
    let document = options.document()?;
    let mut overrides = options.set.clone();
    if !sources.target.is_empty() {
        overrides.push(format!("estimator.targets={}", toml_list(sources.target)));
    }
    let of = document.as_ref().or(run_document.as_ref());
    let (mut config, given) = settings::load_document::<Config>(of, &overrides)?;
    if let Some(run) = &run_document {
        refuse_preprocessing(&options.set)?;
        config.preprocessing = settings::load_document::<Config>(Some(run), &[])?
            .0
            .preprocessing;
    } else if let Some(data) = sources.data {
        let manifest = match of {
            None => Source::parse(data)?.refined_manifest()?,
            Some(_) => None,
        };
        match manifest {
            Some(manifest) => config.preprocessing = manifest.preprocessing,
            None => settle(&mut config.preprocessing, &given, &[data], open, listener)?,
        }
    }
    config.preprocessing.validate()?;
    config.estimator.validate()?;
    Ok(config)
}

/// A run's refiner has seen one preprocessing; another cannot be set beside it.
fn refuse_preprocessing(overrides: &[String]) -> Result<()> {
    let refused = overrides
        .iter()
        .find(|text| text.trim_start().starts_with("preprocessing."));
    refused.map_or(Ok(()), |text| {
        let message = format!("--set {text}: the preprocessing comes from the run");
        Err(Error::config(message).with_hint("leave it out, or train another run with it"))
    })
}

/// `config.toml` of a run.
fn config_file(run: &Path) -> Result<PathBuf> {
    Ok(simgan::training::RunDir::open(run)?.config_file())
}

fn toml_list(items: &[String]) -> String {
    toml::Value::from(items.to_vec()).to_string()
}
