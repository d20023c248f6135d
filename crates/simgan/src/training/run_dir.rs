//! The folder of a run: configuration, manifest, log, images, checkpoints.
//!
//! ```text
//! RUN/config.toml          the configuration, complete
//! RUN/run.json             version, data, device, sizes
//! RUN/events.jsonl         the event log
//! RUN/tensorboard/         the same for TensorBoard
//! RUN/images/step_N.png    rows of synthetic | refined | real
//! RUN/checkpoints/step_N/  networks, optimizers, history, random streams, place in the log; hashes of it all
//! RUN/estimator/           with `[task_consistency]`: the estimator of raw images whose answers are kept
//! RUN/comparisons/*.json   results of `simgan compare`
//! RUN/judgements/*.json    results of `simgan judge`
//! RUN/turing/*/            tests of `simgan turing`: plan, answers, results
//! RUN/examples/*.json      images of a comparison, for the report
//! RUN/report.html          that of `simgan report`
//! RUN/MODEL_CARD.md        data, recipe, measures and limits of its refiner
//! RUN/lock                 held by the training that is at work
//! ```

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::training::Config;
use simgan_base::files::file_lock::FileLock;
use simgan_base::files::limits;
use simgan_base::files::{disk, durable, output_folder};
use simgan_base::{Error, Result, settings};
use simgan_data::Dataset;

/// Names below a run's folder. Nothing else spells them, but for the data sets, which tell a run by two of them and may not
/// know this crate.
pub(super) const CONFIG: &str = "config.toml";
pub(super) const MANIFEST: &str = "run.json";
pub(super) const EVENTS: &str = "events.jsonl";
const IMAGES: &str = "images";
const CHECKPOINTS: &str = "checkpoints";
const ESTIMATOR: &str = "estimator";
const COMPARISONS: &str = "comparisons";
const JUDGEMENTS: &str = "judgements";
const EXAMPLES: &str = "examples";
const TENSORBOARD: &str = "tensorboard";
const TURING: &str = "turing";
const REPORT: &str = "report.html";
const MODEL_CARD: &str = "MODEL_CARD.md";
const LOCK: &str = "lock";

/// What a run was made from and with: `RUN/run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunManifest {
    /// Version of this crate.
    pub version: String,
    /// Seconds since 1970-01-01 UTC at the start.
    pub created_unix: u64,
    /// The labelled synthetic images.
    pub synthetic: SideManifest,
    /// The unlabelled real images.
    pub real: SideManifest,
    /// Compute device.
    pub device: String,
    /// [What computes](crate::training::reproducibility::kernels) there.
    pub kernels: String,
    /// Whether what is not reproducible was refused.
    pub deterministic: bool,
    /// Trainable parameters of R.
    pub refiner_parameters: usize,
    /// Trainable parameters of D.
    pub discriminator_parameters: usize,
}

/// One side's data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SideManifest {
    /// Folder or simulator and slice as given; `embedded` for data held in memory.
    pub source: String,
    /// Number of images used.
    pub images: usize,
    /// Number of images left out as unusable.
    pub skipped: usize,
    /// [`Dataset::fingerprint`].
    pub fingerprint: String,
}

impl SideManifest {
    /// Describes a data set.
    pub fn of(dataset: &Dataset) -> Self {
        Self {
            source: dataset.source().to_owned(),
            images: dataset.len(),
            skipped: dataset.quarantine().len(),
            fingerprint: dataset.fingerprint(),
        }
    }
}

/// Holds a run's folder for one training; see [`RunDir::lock`].
#[derive(Debug)]
pub struct RunLock {
    _lock: FileLock,
}

/// A run's folder.
#[derive(Clone, Debug)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Makes a new run folder and stores `config` in it.
    ///
    /// # Errors
    /// The folder exists and is not [free](Self::require_free), or cannot be written.
    pub fn create(path: &Path, config: &Config) -> Result<Self> {
        Self::require_free(path)?;
        let run = Self::at(path);
        let folders = [run.images(), run.checkpoints_folder(), run.comparisons()];
        folders
            .iter()
            .try_for_each(|folder| disk::create_dir_all(folder))?;
        // Last: with this file it is a run.
        run.write_config(config)?;
        Ok(run)
    }

    /// Refuses a `path` that is taken. What a crash left of [`create`](Self::create) counts for nothing.
    ///
    /// # Errors
    /// `path` is a file, or a folder that holds more.
    pub fn require_free(path: &Path) -> Result<()> {
        if path.is_dir() && only_begun(path)? {
            return Ok(());
        }
        let hint = "give --out another folder, or continue the run with --resume";
        output_folder::require_free(path, hint)
    }

    /// The run in the folder `path`, whether it is whole or there at all.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Whether `path` looks like a run: it has a configuration.
    pub fn is_at(path: &Path) -> bool {
        Self::at(path).config_file().is_file()
    }

    /// Opens an existing run.
    ///
    /// # Errors
    /// `path` is not the folder of a run.
    pub fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::not_found("run", path));
        }
        let run = Self::at(path);
        if !run.config_file().is_file() || !run.checkpoints_folder().is_dir() {
            return Err(Error::model(format!(
                "{} is not a run: it has no config.toml and checkpoints/",
                path.display()
            ))
            .with_hint("give the folder that `simgan train --out` made"));
        }
        Ok(run)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The stored configuration, checked.
    pub fn config(&self) -> Result<Config> {
        let path = self.config_file();
        let config: Config = settings::parse(
            &limits::read_text(&path, limits::CONFIG)?,
            &path.display().to_string(),
        )?;
        config.validate()?;
        Ok(config)
    }

    /// Stores another configuration.
    ///
    /// # Errors
    /// The file cannot be written; the old one stays.
    pub fn write_config(&self, config: &Config) -> Result<()> {
        durable::write(&self.config_file(), settings::to_toml(config)?)
    }

    /// The manifest.
    pub fn manifest(&self) -> Result<RunManifest> {
        let path = self.manifest_file();
        serde_json::from_str(&limits::read_text(&path, limits::MODEL_MANIFEST)?)
            .map_err(|e| Error::model(format!("{} is damaged: {e}", path.display())))
    }

    /// Writes the manifest.
    pub fn write_manifest(&self, manifest: &RunManifest) -> Result<()> {
        let text = serde_json::to_string_pretty(manifest)
            .map_err(|e| Error::model(format!("manifest cannot be written: {e}")))?;
        durable::write(&self.manifest_file(), text)
    }

    /// Keeps every other training out of the folder until the lock is dropped or the process ends, however it ends.
    ///
    /// # Errors
    /// Of kind [`Model`](simgan_base::ErrorKind::Model): another training has the lock.
    pub fn lock(&self) -> Result<RunLock> {
        let Some(lock) = FileLock::try_take(&self.path.join(LOCK))? else {
            let message = format!("another training is at work in {}", self.path.display());
            return Err(Error::model(message).with_hint("wait for it to end, or stop it"));
        };
        Ok(RunLock { _lock: lock })
    }

    /// `RUN/checkpoints`.
    pub fn checkpoints_folder(&self) -> PathBuf {
        self.path.join(CHECKPOINTS)
    }

    /// `RUN/images`.
    pub fn images(&self) -> PathBuf {
        self.path.join(IMAGES)
    }

    /// `RUN/estimator`.
    pub fn estimator(&self) -> PathBuf {
        self.path.join(ESTIMATOR)
    }

    /// `RUN/comparisons`.
    pub fn comparisons(&self) -> PathBuf {
        self.path.join(COMPARISONS)
    }

    /// `RUN/examples`.
    pub fn examples(&self) -> PathBuf {
        self.path.join(EXAMPLES)
    }

    /// `RUN/tensorboard`.
    pub fn tensorboard(&self) -> PathBuf {
        self.path.join(TENSORBOARD)
    }

    /// `RUN/events.jsonl`.
    pub fn events_file(&self) -> PathBuf {
        self.path.join(EVENTS)
    }

    /// `RUN/judgements`.
    pub fn judgements(&self) -> PathBuf {
        self.path.join(JUDGEMENTS)
    }

    /// `RUN/turing`.
    pub fn turing(&self) -> PathBuf {
        self.path.join(TURING)
    }

    /// `RUN/report.html`.
    pub fn report_file(&self) -> PathBuf {
        self.path.join(REPORT)
    }

    /// `RUN/MODEL_CARD.md`.
    pub fn model_card_file(&self) -> PathBuf {
        self.path.join(MODEL_CARD)
    }

    /// `RUN/config.toml`.
    pub fn config_file(&self) -> PathBuf {
        self.path.join(CONFIG)
    }

    /// `RUN/run.json`.
    pub fn manifest_file(&self) -> PathBuf {
        self.path.join(MANIFEST)
    }
}

/// Whether `folder` holds no more than a [`RunDir::create`] that was cut off leaves: empty folders, part of a file.
fn only_begun(folder: &Path) -> Result<bool> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let begun = match name.as_ref() {
            IMAGES | CHECKPOINTS | COMPARISONS => output_folder::is_free(&entry.path())?,
            name => name.starts_with(&format!(".{CONFIG}.")) && name.ends_with(durable::PARTIAL),
        };
        if !begun {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_runs_do_not_overwrite() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run");
        RunDir::create(&path, &Config::default()).unwrap();
        let error = RunDir::create(&path, &Config::default()).unwrap_err();
        assert!(error.to_string().contains("not an empty folder"));
        assert_eq!(
            RunDir::open(&path).unwrap().config().unwrap(),
            Config::default()
        );
    }

    #[test]
    fn other_folders_are_not_runs() {
        let dir = tempfile::tempdir().unwrap();
        assert!(
            RunDir::open(dir.path())
                .unwrap_err()
                .to_string()
                .contains("is not a run")
        );
        assert!(RunDir::open(&dir.path().join("none")).is_err());
    }

    #[test]
    fn only_one_training_works_on_a_run() {
        let dir = tempfile::tempdir().unwrap();
        let run = RunDir::create(&dir.path().join("run"), &Config::default()).unwrap();
        let lock = run.lock().unwrap();
        let error = run.lock().unwrap_err();
        assert!(error.to_string().contains("another training") && error.hint().is_some());
        drop(lock);
        run.lock().unwrap();
    }
}
