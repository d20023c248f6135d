//! Which format a folder (or a tar) has, and its reader.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::decode::is_image_name;
use crate::image_folder;
use crate::image_folder::{ImageFolder, LABELS_FILE};
use crate::listing::Listing;
use crate::mpiigaze;
use crate::mpiigaze::MpiiGaze;
use crate::mpiigaze::evaluation_lists::EvaluationLists;
use crate::reader::Reader;
use crate::refined_manifest::{FILE_NAME, RefinedManifest};
use crate::tar::index::TarIndex;
use crate::tar::shards::{TarShards, is_compressed_name, is_tar_name};
use crate::unity_eyes;
use crate::unity_eyes::UnityEyes;
use crate::{OpenOptions, Preprocessing};
use simgan_base::{Error, Result};

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
    /// WebDataset tar shards: one tar, or a folder of them.
    TarShards,
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
            Self::TarShards => "tar shards",
            Self::MpiiGaze => "MPIIGaze",
            Self::Simulation => "simulator",
        })
    }
}

/// A folder whose format is known and whose files are listed.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) format: Format,
    /// What it was given as.
    pub(crate) place: PathBuf,
    pub(crate) root: PathBuf,
    pub(crate) listing: Listing,
    /// Evaluation lists of MPIIGaze, if they choose the images.
    lists: Option<EvaluationLists>,
    /// What the tars hold, if the images lie in tars; known once they have been [scanned](Self::index_shards).
    shards: Option<TarIndex>,
}

impl Folder {
    /// Finds the format of `path` and lists its files.
    ///
    /// # Errors
    /// The folder is missing, empty, or holds no images.
    pub(crate) fn detect(path: &Path, options: &OpenOptions) -> Result<Self> {
        if path.is_file() {
            return Self::single(path, options);
        }
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
            _ => &|name| image_folder::is_wanted(name) || is_tar_name(name),
        };
        let mut listing = Listing::scan(&root, wanted)?;
        let in_tars = holds_tars(&listing)?;
        if in_tars {
            listing.retain(is_tar_name);
        }
        let format = match format {
            Format::ImageFolder if in_tars => Format::TarShards,
            format => format,
        };
        let labels_only = listing.names.iter().all(|name| name == LABELS_FILE);
        if labels_only {
            return Err(no_images(path, listing.others));
        }
        let lists = EvaluationLists::find(options.evaluation_list, format, &root)?;
        Ok(Self {
            format,
            place: path.to_owned(),
            root,
            listing,
            lists,
            shards: in_tars.then(TarIndex::default),
        })
    }

    /// One tar.
    fn single(path: &Path, options: &OpenOptions) -> Result<Self> {
        let name = path.to_string_lossy();
        if !is_tar_name(&name) {
            return Err(no_folder(path, &name));
        }
        // An error if there are any: it is no MPIIGaze.
        EvaluationLists::find(options.evaluation_list, Format::TarShards, path)?;
        Ok(Self {
            format: Format::TarShards,
            place: path.to_owned(),
            root: path.to_owned(),
            listing: Listing::of_file(path)?,
            lists: None,
            shards: Some(TarIndex::default()),
        })
    }

    /// Reads the headers of the tars, if there are any.
    ///
    /// # Errors
    /// Those of [`TarIndex::scan`], and tars without images.
    pub(crate) fn index_shards(&mut self) -> Result<()> {
        if let Some(index) = &mut self.shards {
            *index = TarIndex::scan(&self.listing)?;
            if index.samples.is_empty() && index.left_out.is_empty() {
                return Err(no_images(&self.root, index.ignored));
            }
        }
        Ok(())
    }

    /// All that changes what is read, besides the files themselves.
    pub(crate) fn variant(&self) -> String {
        let lists = self
            .lists
            .as_ref()
            .map(|lists| lists.fingerprint())
            .unwrap_or_default();
        format!("{:?}/{lists}", self.format)
    }

    /// What errors call the labels of this folder.
    pub(crate) fn labels_origin(&self) -> String {
        match self.format {
            Format::UnityEyes | Format::MpiiGaze | Format::TarShards => {
                format!("{} ({})", self.root.display(), self.format)
            }
            _ => self.root.join(LABELS_FILE).display().to_string(),
        }
    }

    /// The reader; `dimensions` are those that the listed files state.
    pub(crate) fn reader(
        self,
        dimensions: &[(u32, u32)],
        preprocessing: &Preprocessing,
        options: &OpenOptions,
    ) -> Result<Box<dyn Reader>> {
        if let Some(index) = self.shards {
            let bad = options.on_bad_image;
            let shards = TarShards::plan(self.listing, index, preprocessing, bad)?;
            return Ok(Box::new(shards));
        }
        Ok(match self.format {
            Format::UnityEyes => Box::new(UnityEyes::plan(self.listing)),
            Format::MpiiGaze => Box::new(MpiiGaze::plan(self.listing, self.lists)),
            _ => Box::new(ImageFolder::plan(
                self.listing,
                dimensions,
                preprocessing,
                options.on_bad_image,
            )?),
        })
    }
}

fn check_folder(path: &Path) -> Result<()> {
    if !path.exists() {
        return Err(Error::not_found("data set", path)
            .with_hint("give a folder of images, or part of one: DIR[:1000], DIR[10%:50%]"));
    }
    if fs_err::read_dir(path)?.next().is_none() {
        return Err(
            Error::data(format!("{} is empty", path.display())).with_hint(
                "a data set is a folder of images or of tars, a tar, UnityEyes' export or MPIIGaze's Data/Normalized",
            ),
        );
    }
    Ok(())
}

/// Whether the images lie in tars.
///
/// # Errors
/// Some do, and some do not.
fn holds_tars(listing: &Listing) -> Result<bool> {
    let first = |wanted: fn(&str) -> bool| listing.names.iter().find(|name| wanted(name));
    let (Some(tar), image) = (first(is_tar_name), first(is_image_name)) else {
        return Ok(false);
    };
    let Some(image) = image else {
        return Ok(true);
    };
    Err(Error::data(format!(
        "{} holds images and tars: {image} and {tar}, for example",
        listing.root.display()
    ))
    .with_hint("which are the data? move the others to another folder"))
}

/// The error of a file that is no tar, named for what it is.
fn no_folder(path: &Path, name: &str) -> Error {
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
    let (what, hint) = match ending.as_deref() {
        _ if is_compressed_name(name) => (
            "a compressed tar",
            "unpack it to a plain .tar first: images are read from anywhere in it",
        ),
        Some("pt" | "pth" | "pkl" | "pickle" | "ckpt") => (
            "a Python pickle",
            "reading one can run whatever it says, so none is ever read; write the images as files",
        ),
        Some("npy" | "npz") => ("a NumPy array", "write the images as files"),
        Some("zip") => ("a zip archive", "unpack it into a folder"),
        _ => ("a file", "give the folder that holds it, or a .tar"),
    };
    let path = path.display();
    Error::data(format!("{path} is {what}, not a folder of images")).with_hint(hint)
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
