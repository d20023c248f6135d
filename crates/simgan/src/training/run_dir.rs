//! The folder of a run: configuration, manifest, log, images, checkpoints.
//!
//! ```text
//! RUN/config.toml          the configuration, complete
//! RUN/run.json             version, data, device, sizes
//! RUN/events.jsonl         the event log
//! RUN/tensorboard/         the same for TensorBoard
//! RUN/images/step_N.png    rows of synthetic | refined | real
//! RUN/checkpoints/step_N/  networks, optimizers, history, random streams
//! RUN/comparisons/*.json   results of `simgan compare`
//! ```

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::datasets::Dataset;
use crate::training::Config;
use crate::{Error, Result, output_folder, settings};

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

/// A run's folder.
#[derive(Clone, Debug)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Makes a new run folder and stores `config` in it.
    ///
    /// # Errors
    /// The folder exists and is not empty, or cannot be written.
    pub fn create(path: &Path, config: &Config) -> Result<Self> {
        let hint = "give --out another folder, or continue the run with --resume";
        output_folder::require_free(path, hint)?;
        fs_err::create_dir_all(path)?;
        let run = Self {
            path: path.to_owned(),
        };
        for folder in [run.images(), run.checkpoints_folder(), run.comparisons()] {
            fs_err::create_dir_all(folder)?;
        }
        fs_err::write(run.config_file(), settings::to_toml(config)?)?;
        Ok(run)
    }

    /// Opens an existing run.
    ///
    /// # Errors
    /// `path` is not the folder of a run.
    pub fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::not_found("run", path));
        }
        let run = Self {
            path: path.to_owned(),
        };
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
        let config: Config =
            settings::parse(&fs_err::read_to_string(&path)?, &path.display().to_string())?;
        config.validate()?;
        Ok(config)
    }

    /// The manifest.
    pub fn manifest(&self) -> Result<RunManifest> {
        let path = self.manifest_file();
        serde_json::from_str(&fs_err::read_to_string(&path)?)
            .map_err(|e| Error::model(format!("{} is damaged: {e}", path.display())))
    }

    /// Writes the manifest.
    pub fn write_manifest(&self, manifest: &RunManifest) -> Result<()> {
        let text = serde_json::to_string_pretty(manifest)
            .map_err(|e| Error::model(format!("manifest cannot be written: {e}")))?;
        fs_err::write(self.manifest_file(), text)?;
        Ok(())
    }

    /// Checkpoints by iteration, oldest first. Folders still being written do not count.
    pub fn checkpoints(&self) -> Result<Vec<(usize, PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs_err::read_dir(self.checkpoints_folder())? {
            let path = entry?.path();
            let step = path
                .file_name()
                .and_then(|name| name.to_str()?.strip_prefix("step_")?.parse().ok());
            if let Some(step) = step {
                found.push((step, path));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// The checkpoint of iteration `step`, or the newest.
    ///
    /// # Errors
    /// There is none.
    pub fn checkpoint(&self, step: Option<usize>) -> Result<(usize, PathBuf)> {
        let all = self.checkpoints()?;
        let steps: Vec<String> = all.iter().map(|(s, _)| s.to_string()).collect();
        let found = match step {
            None => all.into_iter().next_back(),
            Some(step) => all.into_iter().find(|(s, _)| *s == step),
        };
        found.ok_or_else(|| match step {
            Some(step) if !steps.is_empty() => Error::model(format!(
                "{} has no checkpoint of step {step}",
                self.path.display()
            ))
            .with_hint(format!("it has those of steps {}", steps.join(", "))),
            _ => Error::model(format!("{} has no checkpoint yet", self.path.display()))
                .with_hint("train for at least one step"),
        })
    }

    /// `RUN/checkpoints`.
    pub fn checkpoints_folder(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// `RUN/images`.
    pub fn images(&self) -> PathBuf {
        self.path.join("images")
    }

    /// `RUN/comparisons`.
    pub fn comparisons(&self) -> PathBuf {
        self.path.join("comparisons")
    }

    /// `RUN/tensorboard`.
    pub fn tensorboard(&self) -> PathBuf {
        self.path.join("tensorboard")
    }

    /// `RUN/events.jsonl`.
    pub fn events_file(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    fn config_file(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    fn manifest_file(&self) -> PathBuf {
        self.path.join("run.json")
    }
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
    fn checkpoints_are_found_by_step() {
        let dir = tempfile::tempdir().unwrap();
        let run = RunDir::create(&dir.path().join("run"), &Config::default()).unwrap();
        assert!(run.checkpoint(None).is_err());
        for name in ["step_00000010", "step_00000002", ".step_00000030.partial"] {
            fs_err::create_dir(run.checkpoints_folder().join(name)).unwrap();
        }
        assert_eq!(run.checkpoint(None).unwrap().0, 10);
        assert_eq!(run.checkpoint(Some(2)).unwrap().0, 2);
        assert_eq!(
            run.checkpoint(Some(30)).unwrap_err().hint(),
            Some("it has those of steps 2, 10")
        );
    }
}
