//! Whether what was written is still there, to the bit: runs, estimators and refined sets.
//!
//! ```
//! use burn::tensor::Device;
//! use simgan::data::{Dataset, OpenOptions, Preprocessing};
//! use simgan::tasks::{EstimatorConfig, EstimatorKind, FitOptions, fit};
//! use simgan::verification::{Kind, verify};
//!
//! let eyes = "sim:eyes?seed=1[:12]";
//! let eyes = Dataset::open(eyes, &Preprocessing::default(), &OpenOptions::default())?;
//! let config = EstimatorConfig { kind: EstimatorKind::Knn, ..EstimatorConfig::default() };
//! let options = FitOptions::default();
//! let (estimator, _) = fit(&eyes, &config, &options, &Device::default(), &mut |_| {})?;
//!
//! let folder = tempfile::tempdir()?;
//! let model = folder.path().join("model");
//! estimator.save(&model)?;
//! let verification = verify(&model)?;
//! assert_eq!(verification.kind, Kind::Estimator);
//! assert!(verification.problems.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod estimator;
mod refined;
mod run;

use std::path::Path;

use serde::Serialize;

use crate::tasks::Estimator;
use crate::training::RunDir;
use simgan_base::formats::shape::Shape;
use simgan_base::{Error, ErrorKind, Result};
use simgan_data::RefinedManifest;

/// What a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A training: [`RunDir`].
    Run,
    /// A fitted estimator: [`Estimator`].
    Estimator,
    /// Images that `refine` wrote: [`RefinedManifest`].
    RefinedSet,
}

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// What was looked at.
    pub kind: Kind,
    /// Files whose contents were checked.
    pub files: usize,
    /// Bytes of these files.
    pub bytes: u64,
    /// What is no damage, but worth knowing.
    pub notes: Vec<String>,
    /// What is damaged, missing or too much, each with its path.
    pub problems: Vec<String>,
}

impl Verification {
    /// What it is as JSON.
    pub const SHAPE: Shape = Shape::new("verification", 1);
}

impl Kind {
    /// As people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Estimator => "estimator",
            Self::RefinedSet => "refined set",
        }
    }

    /// Kind of the error that a damaged one is.
    pub fn error(self) -> ErrorKind {
        match self {
            Self::Run | Self::Estimator => ErrorKind::Model,
            Self::RefinedSet => ErrorKind::Data,
        }
    }
}

/// Reads every byte of `folder` that there is a hash for, parses what has none, and names what is damaged.
/// Nothing is written.
///
/// # Errors
/// `folder` is missing, or not what `train`, `fit` or `refine` write.
pub fn verify(folder: &Path) -> Result<Verification> {
    if !folder.exists() {
        return Err(Error::not_found("path", folder));
    }
    if Estimator::is_saved_at(folder) {
        return estimator::verify(folder);
    }
    if RefinedManifest::exists(folder) {
        return refined::verify(folder);
    }
    if RunDir::is_at(folder) {
        return Ok(run::verify(&RunDir::open(folder)?));
    }
    let message = format!("{} is no run, estimator or refined set", folder.display());
    Err(Error::data(message).with_hint(
        "give a folder that train, fit or refine wrote; `simgan inspect` looks at data sets",
    ))
}

impl Verification {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            files: 0,
            bytes: 0,
            notes: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Counts a file that was `checked`, or its error among the problems.
    fn file<T>(&mut self, path: &Path, checked: Result<T>) -> Option<T> {
        match checked {
            Ok(found) => {
                self.files += 1;
                self.bytes += std::fs::metadata(path).map_or(0, |file| file.len());
                Some(found)
            }
            Err(error) => {
                self.problems.push(error.to_string());
                None
            }
        }
    }
}
