//! `simgan-refined.json`: says that the images of a folder are already preprocessed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::points::MovedPoints;
use crate::{AngleUnit, HoldConfig, Preprocessing};
use simgan_base::files::durable;
use simgan_base::files::limits;
use simgan_base::{Error, Result};

/// Name of the manifest in a refined folder.
pub const FILE_NAME: &str = "simgan-refined.json";

/// How refined images lie in their folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputFormat {
    /// Image files and a `labels.csv`.
    #[default]
    Folder,
    /// WebDataset: tar files of images, each followed by its labels as JSON.
    Webdataset,
}

impl OutputFormat {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Folder, Self::Webdataset];

    /// The name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Webdataset => "webdataset",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// What `refine` did to the images of a folder.
///
/// A folder that holds this file is read without applying the chain again;
/// asking for another chain than [`preprocessing`](Self::preprocessing) is an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefinedManifest {
    /// Chain applied before the refiner.
    pub preprocessing: Preprocessing,
    /// Version of this crate.
    pub version: String,
    /// SHA-256 of the refiner's weights file.
    pub refiner_sha256: String,
    /// Iterations of Algorithm 1 behind the refiner.
    pub step: usize,
    /// Radius in pixels of the discs around labelled points in which only light and contrast were refined, where there were any (`simgan::keypoints::Hold`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keypoint_radius: Option<f64>,
    /// What was allowed to change inside boxes and masks, where not everything was.
    #[serde(default, skip_serializing_if = "HoldConfig::is_off")]
    pub hold: HoldConfig,
    /// Unit of the columns of gaze angles, which are the input's byte for byte.
    #[serde(default, skip_serializing_if = "AngleUnit::is_default")]
    pub angle_unit: AngleUnit,
    /// Number of images.
    pub images: usize,
    /// How the images lie in the folder.
    pub format: OutputFormat,
    /// Images of a tar file, the last one's may be fewer; `None` for a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images_per_tar: Option<usize>,
    /// What computed: the kernels' instruction set, `burn` or a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernels: Option<String>,
    /// [`Dataset::fingerprint`](super::Dataset::fingerprint) of the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_fingerprint: Option<String>,
    /// [`Dataset::label_fingerprint`](super::Dataset::label_fingerprint) of the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_fingerprint: Option<String>,
    /// How points in the labels were moved with the pixels; `None` where no pixel moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<MovedPoints>,
    /// SHA-256 of `SHA256SUMS`, which has that of every other file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sums_sha256: Option<String>,
}

impl RefinedManifest {
    /// Whether `folder` holds a manifest.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE_NAME).is_file()
    }

    /// The manifest of `folder`, if it holds one.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn find(folder: &Path) -> Result<Option<Self>> {
        Self::exists(folder).then(|| Self::read(folder)).transpose()
    }

    /// Reads the manifest of `folder`.
    ///
    /// # Errors
    /// The file cannot be read or is no manifest.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        serde_json::from_str(&limits::read_text(&path, limits::DATA_MANIFEST)?).map_err(|e| {
            Error::data(format!(
                "{} is not a manifest of refined images: {e}",
                path.display()
            ))
            .with_hint("refine the images again, or remove the file if they are not refined")
        })
    }

    /// Writes the manifest into `folder`, beside its final name first.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| Error::data(format!("the manifest cannot be written as JSON: {e}")))?;
        durable::write(&folder.join(FILE_NAME), text + "\n")
    }

    /// Checks that the images of `folder` have been through the chain that is asked for.
    pub(crate) fn check(&self, folder: &Path, asked: &Preprocessing) -> Result<()> {
        let mut asked = asked.clone();
        // Says which images are read at all, not what becomes of them.
        asked.allow_mixed_sizes = self.preprocessing.allow_mixed_sizes;
        // Says what became of the labels, which are those of the refined images already.
        asked
            .point_columns
            .clone_from(&self.preprocessing.point_columns);
        let differences = self.preprocessing.differences(&asked);
        if differences.is_empty() {
            return Ok(());
        }
        Err(Error::config(format!(
            "{} was refined with another preprocessing than asked for (refined / asked): {}",
            folder.display(),
            differences.join(", ")
        ))
        .with_hint(
            "give the configuration of the run that refined these images, or refine them again",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> RefinedManifest {
        RefinedManifest {
            preprocessing: Preprocessing::default(),
            version: "0.1.0".into(),
            refiner_sha256: "ab".into(),
            step: 7,
            images: 3,
            ..Default::default()
        }
    }

    #[test]
    fn manifests_survive_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!RefinedManifest::exists(dir.path()));
        manifest().write(dir.path()).unwrap();
        assert!(RefinedManifest::exists(dir.path()));
        assert_eq!(RefinedManifest::read(dir.path()).unwrap(), manifest());
        fs_err::write(dir.path().join(FILE_NAME), "{").unwrap();
        let error = RefinedManifest::read(dir.path()).unwrap_err();
        assert!(error.to_string().contains("not a manifest"), "{error}");
    }

    #[test]
    fn another_chain_names_both_values() {
        let mut asked = Preprocessing {
            width: 60,
            ..Default::default()
        };
        let error = manifest().check(Path::new("refined"), &asked).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("(refined / asked): width: 55 / 60"),
            "{error}"
        );
        asked.width = 55;
        asked.allow_mixed_sizes = true;
        manifest().check(Path::new("refined"), &asked).unwrap();
    }
}
