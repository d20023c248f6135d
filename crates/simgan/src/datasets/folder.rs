//! Which format a folder has, and its reader.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::evaluation_lists::EvaluationLists;
use super::image_folder::{self, ImageFolder, LABELS_FILE};
use super::listing::Listing;
use super::mpiigaze::{self, MpiiGaze};
use super::reader::Reader;
use super::refined_manifest::{FILE_NAME, RefinedManifest};
use super::unity_eyes::{self, UnityEyes};
use super::{OpenOptions, Preprocessing};
use crate::{Error, Result};

/// Format of a data set on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Held in memory, not on disk.
    Memory,
    /// Image files, with or without `labels.csv`.
    ImageFolder,
    /// Output of `refine`: an image folder with a manifest, already preprocessed.
    Refined,
    /// UnityEyes' own export: `N.jpg` beside `N.json`.
    UnityEyes,
    /// MPIIGaze's `Data/Normalized/pNN/dayNN.mat`.
    MpiiGaze,
    /// Rendered on demand, not on disk.
    Simulation,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "in memory",
            Self::ImageFolder => "image folder",
            Self::Refined => "refined images",
            Self::UnityEyes => "UnityEyes",
            Self::MpiiGaze => "MPIIGaze",
            Self::Simulation => "simulator",
        })
    }
}

/// A folder whose format is known and whose files are listed.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) format: Format,
    pub(super) root: PathBuf,
    pub(super) listing: Listing,
    /// Evaluation lists of MPIIGaze, if they choose the images.
    lists: Option<EvaluationLists>,
}

impl Folder {
    /// Finds the format of `path` and lists its files.
    ///
    /// # Errors
    /// The folder is missing, empty, or holds no images.
    pub(super) fn detect(path: &Path, options: &OpenOptions) -> Result<Self> {
        check_folder(path)?;
        let normalized = mpiigaze::normalized_folder(path);
        let format = match &normalized {
            _ if RefinedManifest::exists(path) => Format::Refined,
            _ if path.join(LABELS_FILE).is_file() => Format::ImageFolder,
            Some(_) => Format::MpiiGaze,
            None if unity_eyes::is_export(path)? => Format::UnityEyes,
            None => Format::ImageFolder,
        };
        let root = match (format, normalized) {
            (Format::MpiiGaze, Some(normalized)) => normalized,
            _ => path.to_owned(),
        };
        let wanted: &dyn Fn(&str) -> bool = match format {
            Format::MpiiGaze => &mpiigaze::is_wanted,
            Format::UnityEyes => &unity_eyes::is_wanted,
            _ => &image_folder::is_wanted,
        };
        let listing = Listing::scan(&root, wanted)?;
        let labels_only = listing.names.iter().all(|name| name == LABELS_FILE);
        if labels_only {
            return Err(no_images(path, listing.others));
        }
        let lists = EvaluationLists::find(options.evaluation_list, format, &root)?;
        Ok(Self {
            format,
            root,
            listing,
            lists,
        })
    }

    /// All that changes what is read, besides the files themselves.
    pub(super) fn variant(&self) -> String {
        let lists = self
            .lists
            .as_ref()
            .map(|lists| lists.fingerprint())
            .unwrap_or_default();
        format!("{:?}/{lists}", self.format)
    }

    /// What errors call the labels of this folder.
    pub(super) fn labels_origin(&self) -> String {
        match self.format {
            Format::UnityEyes | Format::MpiiGaze => {
                format!("{} ({})", self.root.display(), self.format)
            }
            _ => self.root.join(LABELS_FILE).display().to_string(),
        }
    }

    /// The reader; `dimensions` are those that the listed files state.
    pub(super) fn reader(
        self,
        dimensions: &[(u32, u32)],
        preprocessing: &Preprocessing,
        options: &OpenOptions,
    ) -> Result<Box<dyn Reader>> {
        Ok(match self.format {
            Format::UnityEyes => Box::new(UnityEyes::plan(self.listing)),
            Format::MpiiGaze => Box::new(MpiiGaze::plan(self.listing, self.lists)),
            Format::ImageFolder | Format::Refined | Format::Memory | Format::Simulation => {
                Box::new(ImageFolder::plan(
                    self.listing,
                    dimensions,
                    preprocessing,
                    options.on_bad_image,
                )?)
            }
        })
    }
}

fn check_folder(path: &Path) -> Result<()> {
    if !path.exists() {
        return Err(Error::not_found("data set", path)
            .with_hint("give a folder of images, or part of one: DIR[:1000], DIR[10%:50%]"));
    }
    if !path.is_dir() {
        return Err(Error::data(format!(
            "{} is a file, not a folder of images",
            path.display()
        ))
        .with_hint("give the folder that holds it"));
    }
    if fs_err::read_dir(path)?.next().is_none() {
        return Err(
            Error::data(format!("{} is empty", path.display())).with_hint(
                "a data set is a folder of images, UnityEyes' export or MPIIGaze's Data/Normalized",
            ),
        );
    }
    Ok(())
}

fn no_images(path: &Path, others: usize) -> Error {
    let path = path.display();
    let what = match others {
        0 => format!("{path} holds no images"),
        1 => format!("{path} holds no images (1 other file)"),
        n => format!("{path} holds no images ({n} other files)"),
    };
    Error::data(what).with_hint(format!(
        "images end in .png, .jpg, .jpeg, .bmp, .pgm, .ppm, .pbm or .pnm; {FILE_NAME} and {LABELS_FILE} alone are no data set"
    ))
}
