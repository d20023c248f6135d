//! Which row of the label table belongs to which image.

use crate::decode::{EXTENSIONS, is_image_name};
use crate::listing::Listing;
use crate::masks::Masks;
use crate::{Labels, Quarantine};
use simgan_base::files::paths;
use simgan_base::{Error, Result};

/// Files and rows of the images that have both, in the order of the rows.
pub(super) fn join(
    listing: &Listing,
    table: &str,
    labels: &Labels,
    masks: &Masks,
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
                    "line {} of {table} names it, but there is no such image",
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
    for file in images(listing, masks).filter(|&f| row_of[f as usize] == 0) {
        left_out.push(
            listing.names.get(file as usize),
            format!("it has no row in {table}"),
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
pub(super) fn find_image(listing: &Listing, sorted: &[u32], path: &str) -> Option<usize> {
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

/// Images of the listing that are no masks of others.
pub(in crate::formats) fn images(listing: &Listing, masks: &Masks) -> impl Iterator<Item = u32> {
    let is_image = |&i: &u32| {
        let name = listing.names.get(i as usize);
        is_image_name(name) && !masks.contains(name)
    };
    (0..listing.len() as u32).filter(is_image)
}
