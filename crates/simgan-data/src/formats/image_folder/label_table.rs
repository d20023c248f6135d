//! Which file of a folder is its label table.

use crate::Labels;
use crate::formats::Candidate;
use crate::formats::image_folder::join::find_image;
use crate::listing::Listing;
use simgan_base::files::paths;
use simgan_base::{Error, Result};

/// Name of the label table in a folder of images.
pub const LABELS_FILE: &str = "labels.csv";
/// Names that are taken for it where it is missing, in lower case.
const RELATIVES: [&str; 6] = [
    "labels.csv",
    "label.csv",
    "labels.tsv",
    "label.tsv",
    "labels.txt",
    "label.txt",
];

/// Whether a folder may hold a label table; only the names in it are looked at.
pub(super) fn may_exist(candidate: &Candidate) -> Result<bool> {
    if candidate.is_file() {
        return Ok(false);
    }
    for entry in fs_err::read_dir(candidate.path())? {
        if entry?.file_name().to_str().is_some_and(is_relative) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The label table of a folder: `labels.csv`, else the one file of a like name that is a table of its images.
///
/// # Errors
/// Two such files; one ending in `.csv` that is malformed.
pub(super) fn find(listing: &Listing) -> Result<Option<String>> {
    let mut relatives = vec![];
    for name in listing.names.iter().filter(|name| is_relative(name)) {
        if name == LABELS_FILE {
            return Ok(Some(name.to_owned()));
        }
        if name.to_ascii_lowercase().ends_with(".csv") || names_images(listing, name) {
            relatives.push(name);
        }
    }
    match relatives[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.to_owned())),
        [first, second, ..] => {
            let root = listing.root.display();
            let what = format!("{root} holds two label tables, {first} and {second}");
            Err(Error::data(what).with_hint(format!("call the one that counts {LABELS_FILE}")))
        }
    }
}

fn is_relative(name: &str) -> bool {
    RELATIVES.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether the first row of a table names an image: a text file of this name may be anything.
fn names_images(listing: &Listing, table: &str) -> bool {
    let Ok(labels) = Labels::read(&listing.root.join(table)) else {
        return false;
    };
    if labels.is_empty() {
        return false;
    }
    let sorted = listing.names.sorted();
    let image = paths::below(labels.file(0).trim());
    image.is_some_and(|image| find_image(listing, &sorted, &image).is_some())
}
