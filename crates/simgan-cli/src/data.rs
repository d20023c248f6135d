//! Opening data sets and settling output folders, the same way for every command.

use std::path::{Path, PathBuf};

use simgan::training::Config;
use simgan_base::files::{durable, output_folder, output_place};
use simgan_base::{Error, ErrorKind, settings};
use simgan_data::{Dataset, OpenOptions, Preprocessing, RefinedManifest, Source};

use crate::args::SettingsOptions;
use crate::console::Console;
use crate::progress::Progress;

/// Images left out that are named one by one.
const NAMED: usize = 10;

/// Opens a data set with progress, and names the images that were left out.
///
/// # Errors
/// Those of [`Dataset::open`].
pub fn open(
    source: &str,
    preprocessing: &Preprocessing,
    options: &OpenOptions,
    console: &Console,
) -> simgan_base::Result<Dataset> {
    let progress = Progress::new(console, "reading images");
    let dataset = Dataset::open_with_progress(source, preprocessing, options, &|done, total| {
        progress.update(done, total, source);
    })?;
    drop(progress);
    warn_of_skipped(source, &dataset, console);
    Ok(dataset)
}

/// Names the images of `source` that were left out.
pub fn warn_of_skipped(source: &str, dataset: &Dataset, console: &Console) {
    let skipped = dataset.quarantine();
    for (path, reason) in skipped.iter().take(NAMED) {
        console.warn(&format!("{source}: {path} is left out: {reason}"));
    }
    if skipped.len() > NAMED {
        console.warn(&format!(
            "{source}: {} more images are left out",
            skipped.len() - NAMED
        ));
    }
}

/// Fails early, before hours of work, where an output folder holds something already or could not be put in its place.
///
/// # Errors
/// Those of [`output_folder::require_place`].
pub fn require_free(path: &Path, option: &str) -> simgan_base::Result<()> {
    output_folder::require_place(path, &format!("give {option} another folder"))
}

/// Refuses an output below a folder that is read: its files would be data the next time.
///
/// # Errors
/// Of kind [`Io`](ErrorKind::Io): names the output and the data set; those of [`Source::parse`].
pub fn require_outside<'a>(
    output: &Path,
    option: &str,
    sources: impl IntoIterator<Item = &'a str>,
) -> simgan_base::Result<()> {
    let place = output_place::resolved(output)?;
    for text in sources {
        let source = Source::parse(text)?;
        let Some(folder) = source.folder().filter(|folder| folder.is_dir()) else {
            continue;
        };
        if place.starts_with(fs_err::canonicalize(folder)?) {
            let (output, folder) = (output.display(), folder.display());
            let message = format!(
                "{option} {output} lies in {folder}, which is read: its images would be data the next time"
            );
            let hint = format!("give {option} a folder outside {folder}");
            return Err(Error::new(ErrorKind::Io, message).with_hint(hint));
        }
    }
    Ok(())
}

/// Writes a result as `folder/name.json`, below a run, where the report looks; earlier results stay.
///
/// # Errors
/// The folder cannot be written to.
pub fn keep_with_run(folder: &Path, name: &str, text: &str) -> simgan_base::Result<()> {
    fs_err::create_dir_all(folder)?;
    let free = (1..)
        .map(|n| match n {
            1 => folder.join(format!("{name}.json")),
            n => folder.join(format!("{name}-{n}.json")),
        })
        .find(|path| !path.exists());
    free.map_or(Ok(()), |path| durable::write(&path, text))
}

/// The configuration of an estimator: its `[estimator]` and `[preprocessing]` sections count.
///
/// They come from `--config`, or else from the run, or else are built in; a run's preprocessing always
/// wins, for that is what its refiner has seen. Refined images without either bring their own.
///
/// # Errors
/// A wrong configuration, a folder that is no run.
pub fn estimator_config(
    options: &SettingsOptions,
    run: Option<&Path>,
    target: &[String],
    data: Option<&str>,
) -> simgan_base::Result<Config> {
    let run_config = run.map(config_file).transpose()?;
    let file = options.config.as_deref().or(run_config.as_deref());
    let mut overrides = options.set.clone();
    if !target.is_empty() {
        overrides.push(format!("estimator.targets={}", toml_list(target)));
    }
    let mut config: Config = settings::load(file, &overrides)?;
    if let Some(run_config) = &run_config {
        refuse_preprocessing(&options.set)?;
        config.preprocessing = settings::load::<Config>(Some(run_config), &[])?.preprocessing;
    } else if let Some(manifest) = data
        .filter(|_| file.is_none())
        .map(refined_manifest)
        .transpose()?
        .flatten()
    {
        config.preprocessing = manifest.preprocessing;
    }
    config.preprocessing.validate()?;
    config.estimator.validate()?;
    Ok(config)
}

/// A run's refiner has seen one preprocessing; another cannot be set beside it.
fn refuse_preprocessing(overrides: &[String]) -> simgan_base::Result<()> {
    let refused = overrides
        .iter()
        .find(|text| text.trim_start().starts_with("preprocessing."));
    refused.map_or(Ok(()), |text| {
        let message = format!("--set {text}: the preprocessing comes from the run");
        Err(Error::config(message).with_hint("leave it out, or train another run with it"))
    })
}

/// `config.toml` of a run.
fn config_file(run: &Path) -> simgan_base::Result<PathBuf> {
    Ok(simgan::training::RunDir::open(run)?.config_file())
}

fn refined_manifest(source: &str) -> simgan_base::Result<Option<RefinedManifest>> {
    let source = Source::parse(source)?;
    let refined = source.folder().filter(|path| RefinedManifest::exists(path));
    refined.map(RefinedManifest::read).transpose()
}

fn toml_list(items: &[String]) -> String {
    toml::Value::from(items.to_vec()).to_string()
}
