//! A folder of images, with or without a `labels.csv`.

use crate::decode::{EXTENSIONS, decode, is_image_name};
use crate::listing::Listing;
use crate::reader::{Item, Reader, Row, Table};
use crate::{Labels, OnBadImage, Preprocessing, Quarantine, odd_sizes};
use simgan_base::files::paths;
use simgan_base::{Error, Result};

/// Name of the label table in a folder of images.
pub const LABELS_FILE: &str = "labels.csv";

/// Whether a file belongs to a folder of images.
pub(crate) fn is_wanted(name: &str) -> bool {
    name == LABELS_FILE || is_image_name(name)
}

/// The images in the order of `labels.csv`, else in natural order of their names.
pub(crate) struct ImageFolder {
    listing: Listing,
    /// Files of the listing, in order.
    files: Vec<u32>,
    /// Row of each file; empty without labels.
    rows: Vec<u32>,
    labels: Option<Labels>,
    left_out: Quarantine,
}

impl ImageFolder {
    /// Joins images and labels and checks sizes; `dimensions` are those of the listed files.
    pub(crate) fn plan(
        listing: Listing,
        dimensions: &[(u32, u32)],
        preprocessing: &Preprocessing,
        on_bad_image: OnBadImage,
    ) -> Result<Self> {
        let labels_path = listing.root.join(LABELS_FILE);
        let labels = labels_path
            .is_file()
            .then(|| Labels::read(&labels_path))
            .transpose()?;
        let mut left_out = Quarantine::default();
        let (mut files, mut rows) = match &labels {
            Some(labels) => join(&listing, labels, &mut left_out)?,
            None => (images(&listing).collect(), vec![]),
        };
        if !preprocessing.allow_mixed_sizes {
            let image = |&file: &u32| (listing.names.get(file as usize), dimensions[file as usize]);
            let odd = odd_sizes::reasons(&listing.root, files.iter().map(image), on_bad_image)?;
            for (&file, reason) in files.iter().zip(&odd) {
                if let Some(reason) = reason {
                    left_out.push(listing.names.get(file as usize), reason);
                }
            }
            let mut keep = odd.iter().map(Option::is_none);
            files.retain(|_| keep.next().unwrap_or(true));
            let mut keep = odd.iter().map(Option::is_none);
            rows.retain(|_| keep.next().unwrap_or(true));
        }
        Ok(Self {
            listing,
            files,
            rows,
            labels,
            left_out,
        })
    }
}

impl Reader for ImageFolder {
    fn units(&self) -> usize {
        self.files.len()
    }

    fn read(&self, unit: usize) -> Vec<Item> {
        let file = self.files[unit] as usize;
        vec![Item {
            name: self.listing.names.get(file).to_owned(),
            image: self.listing.image(file).and_then(decode),
            row: self
                .rows
                .get(unit)
                .map_or(Row::None, |&row| Row::Existing(row as usize)),
        }]
    }

    fn table(&self) -> Table {
        self.labels.clone().map_or(Table::None, Table::Existing)
    }

    fn left_out(&self) -> Quarantine {
        self.left_out.clone()
    }
}

fn images(listing: &Listing) -> impl Iterator<Item = u32> {
    let is_image = |&i: &u32| is_image_name(listing.names.get(i as usize));
    (0..listing.len() as u32).filter(is_image)
}

/// Files and rows of the images that have both, in the order of the rows.
fn join(
    listing: &Listing,
    labels: &Labels,
    left_out: &mut Quarantine,
) -> Result<(Vec<u32>, Vec<u32>)> {
    let sorted = listing.names.sorted();
    // Row of each file + 1.
    let mut row_of = vec![0u32; listing.len()];
    let (mut files, mut rows) = (vec![], vec![]);
    for row in 0..labels.len() {
        let path = path_below(labels, row)?;
        let Some(file) = find_image(listing, &sorted, &path) else {
            left_out.push(
                path,
                format!(
                    "line {} of {LABELS_FILE} names it, but there is no such image",
                    labels.line(row)
                ),
            );
            continue;
        };
        if row_of[file] != 0 {
            let first = labels.line(row_of[file] as usize - 1);
            return Err(Error::data(format!(
                "{}: lines {first} and {} both label {}",
                labels.origin(),
                labels.line(row),
                listing.names.get(file)
            ))
            .with_hint("an image has one row; remove the other"));
        }
        row_of[file] = row as u32 + 1;
        files.push(file as u32);
        rows.push(row as u32);
    }
    if files.is_empty() {
        return Err(no_match(labels));
    }
    for file in images(listing).filter(|&f| row_of[f as usize] == 0) {
        left_out.push(
            listing.names.get(file as usize),
            format!("it has no row in {LABELS_FILE}"),
        );
    }
    Ok((files, rows))
}

fn no_match(labels: &Labels) -> Error {
    let origin = labels.origin();
    if labels.is_empty() {
        return Error::data(format!("{origin} has no rows"))
            .with_hint("it needs one row an image; remove it if there are no labels");
    }
    Error::data(format!(
        "{origin}: no row names an image of this folder (line {}, column `{}`: `{}`)",
        labels.line(0), labels.file_column(), labels.file(0)
    ))
    .with_hint("the column `file` (or filename, image, path, or the first) holds each image's path below the folder")
}

/// The image at `path`; where its ending differs or is missing (refined images of `.mat` files are PNG), the one that differs in nothing else.
fn find_image(listing: &Listing, sorted: &[u32], path: &str) -> Option<usize> {
    let find = |path: &str| listing.names.find(sorted, path);
    let found = find(path).or_else(|| {
        let stem = if is_image_name(path) {
            path.rsplit_once('.')?.0
        } else {
            path
        };
        EXTENSIONS
            .iter()
            .find_map(|extension| find(&format!("{stem}.{extension}")))
    });
    found.filter(|&file| is_image_name(listing.names.get(file)))
}

/// The path in a row, with `/`. One that leads out of the folder is refused: a table must not be able to read other files.
fn path_below(labels: &Labels, row: usize) -> Result<String> {
    let text = labels.file(row);
    let text = text.trim();
    if text.is_empty() {
        // Named as a row without an image.
        return Ok(String::new());
    }
    paths::below(text).ok_or_else(|| {
        Error::data(format!(
            "{}, line {}: the path `{}` leads out of the folder",
            labels.origin(),
            labels.line(row),
            text.replace('\\', "/").escape_debug()
        ))
        .with_hint("paths are relative to the folder that holds the table, without `..`")
    })
}
