//! The formats of data sets on disk: one table, in the order in which they are looked for.
//!
//! A format is a folder of this module and a line in [`FORMATS`]. What none of them recognises is a folder of images.

mod candidate;
mod class_folders;
mod coco;
mod files;
mod format;
mod hands;
pub mod image_folder;
mod mpiigaze;
mod refined;
mod tar;
mod unity_eyes;
mod yolo;

use std::path::Path;

pub(crate) use candidate::Candidate;
pub(crate) use files::{Files, Plan, Planning};
#[cfg(any(test, feature = "testing"))]
pub use format::FuzzedParser;
pub(crate) use format::{Format, Request};

use crate::formats::tar::is_compressed_name;
use simgan_base::{Error, Result};

/// All formats, in the order in which they are looked for.
pub(crate) const FORMATS: &[Format] = &[
    refined::FORMAT,
    class_folders::FORMAT,
    image_folder::FORMAT,
    mpiigaze::FORMAT,
    hands::nyu::FORMAT,
    hands::icvl::FORMAT,
    hands::msra::FORMAT,
    unity_eyes::FORMAT,
    tar::FORMAT,
    coco::FORMAT,
    yolo::FORMAT,
];

/// Finds the format of `path` and lists its files.
///
/// # Errors
/// The path is missing, an empty folder, a file that is no data set, or holds no images; an option that its format does
/// not have.
pub(crate) fn open(path: &Path, request: &Request) -> Result<(&'static str, Files)> {
    let candidate = Candidate::new(path)?;
    let format = detect(&candidate, request)?;
    check_options(path, format, request.options)?;
    let files = (format.open)(candidate, request)?;
    Ok((format.name, files))
}

fn detect(candidate: &Candidate, request: &Request) -> Result<&'static Format> {
    for format in FORMATS {
        if (format.detect)(candidate, request)? {
            return Ok(format);
        }
    }
    match candidate.is_file() {
        true => Err(no_folder(candidate.path())),
        false => Ok(&image_folder::FORMAT),
    }
}

fn check_options(path: &Path, format: &Format, options: &[String]) -> Result<()> {
    let unknown = |option: &&String| !format.options.contains(&option.as_str());
    let Some(option) = options.iter().find(unknown) else {
        return Ok(());
    };
    let (path, name) = (path.display(), format.name);
    let having: Vec<&str> = (FORMATS.iter())
        .filter(|other| other.options.contains(&option.as_str()))
        .map(|other| other.name)
        .collect();
    let what = match having[..] {
        [] => format!("{path}?{option}: no data set has the option `{option}`"),
        _ => format!(
            "{path} is not {} ({name}), which alone has the option `{option}`",
            having.join(" or ")
        ),
    };
    Err(Error::data(what).with_hint(format!(
        "leave `?{option}` out, or give the folder that it is meant for"
    )))
}

/// The error of a file that is no data set, named for what it is.
fn no_folder(path: &Path) -> Error {
    let name = path.to_string_lossy();
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
    let (what, hint) = match ending.as_deref() {
        _ if is_compressed_name(&name) => (
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_parsers_of_formats_are_unique() {
        let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        let parsers = FORMATS.iter().flat_map(|format| format.parsers);
        names.extend(parsers.map(|(name, ..)| *name));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
