//! Which file is which image of a table.

use std::collections::{HashMap, HashSet};

use crate::decode::is_image_name;
use crate::formats::coco::document::Document;
use crate::listing::Listing;
use crate::masks::Masks;
use simgan_base::files::paths;
use simgan_base::{Error, Result};

/// Files of the images of a table, in its order.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// Path of each image that has a file, and its index in the table.
    images: Vec<(String, u32)>,
    names: HashSet<String>,
    /// Images without a file, and why.
    missing: Vec<(String, String)>,
}

impl Joined {
    /// Finds the file of each image: at `file_name` below the folder, or the only one whose path ends so and that is no mask.
    ///
    /// # Errors
    /// A `file_name` that leads out of the folder, and two images of one file. The sentence starts with the place.
    pub(super) fn of(document: &Document, listing: &Listing, masks: &Masks) -> Result<Self> {
        let is_image = |name: &&str| is_image_name(name) && !masks.contains(name);
        let images = || listing.names.iter().filter(is_image);
        let exact: HashSet<&str> = images().collect();
        let mut by_base: HashMap<&str, Vec<&str>> = HashMap::new();
        images().for_each(|name| by_base.entry(base(name)).or_default().push(name));
        let mut joined = Self::default();
        for (at, image) in document.images.iter().enumerate() {
            let wanted = below(&image.file_name).map_err(|e| e.at(&format!("images[{at}]")))?;
            let ending = format!("/{wanted}");
            let ends_so = |name: &&&str| name.ends_with(&ending);
            let others = by_base
                .get(base(&wanted))
                .into_iter()
                .flatten()
                .filter(ends_so);
            let found: Vec<&str> = match exact.get(wanted.as_str()) {
                Some(name) => vec![name],
                None => others.copied().collect(),
            };
            match found[..] {
                [name] if joined.names.insert(name.to_owned()) => {
                    joined.images.push((name.to_owned(), at as u32));
                }
                [name] => {
                    return Err(Error::data(format!(
                        "images[{at}]: {name} is another image as well"
                    ))
                    .with_hint("an image has one entry; remove the other"));
                }
                [] => joined.missing.push((
                    wanted,
                    "its table names it, but there is no such image".into(),
                )),
                [first, second, ..] => {
                    let why = format!("its table may mean {first} or {second}");
                    joined.missing.push((wanted, why));
                }
            }
        }
        Ok(joined)
    }

    /// Path of each image that has a file, and its index in the table.
    pub(super) fn images(&self) -> impl Iterator<Item = (String, u32)> {
        self.images.iter().cloned()
    }

    /// Whether a file is one of the images.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Images without a file, and why.
    pub(super) fn missing(&self) -> &[(String, String)] {
        &self.missing
    }
}

fn base(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, base)| base)
}

fn below(file_name: &str) -> Result<String> {
    let path = paths::below(file_name.trim()).filter(|path| !path.is_empty());
    path.ok_or_else(|| {
        let name = file_name.escape_debug();
        Error::data(format!("its file_name `{name}` leads out of the folder"))
            .with_hint("paths are relative to the folder of the images, without `..`")
    })
}
