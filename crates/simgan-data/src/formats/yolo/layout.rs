//! Which files of a folder are YOLO's: an image's text, and what describes the classes.

use crate::decode::is_image_name;
use crate::listing::Listing;
use simgan_base::{Error, Result};

/// Descriptions in YAML, and lists of names, in the outermost folder or in that of the labels.
const YAML: [&str; 4] = ["data.yaml", "data.yml", "dataset.yaml", "dataset.yml"];
const NAMES: [&str; 3] = ["classes.txt", "labels/classes.txt", "obj.names"];

/// The files that describe classes.
#[derive(Clone, Debug, Default)]
pub(super) struct Descriptions {
    pub(super) yaml: Option<String>,
    pub(super) names: Option<String>,
}

impl Descriptions {
    /// Finds them.
    ///
    /// # Errors
    /// Two of a kind.
    pub(super) fn of(listing: &Listing) -> Result<Self> {
        Ok(Self {
            yaml: only(listing, &YAML)?,
            names: only(listing, &NAMES)?,
        })
    }

    /// All there are.
    pub(super) fn iter(&self) -> impl Iterator<Item = &String> {
        self.yaml.iter().chain(&self.names)
    }
}

fn only(listing: &Listing, names: &[&str]) -> Result<Option<String>> {
    let mut found = listing.names.iter().filter(|name| names.contains(name));
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => {
            let root = listing.root.display();
            let what = format!("{root} describes its classes twice, in {first} and {second}");
            Err(Error::data(what).with_hint("remove the one that does not count"))
        }
        (first, _) => Ok(first.map(str::to_owned)),
    }
}

/// Where the text of an image may lie, the first that is there counts: `labels/a/1.txt` of `images/a/1.jpg`, or `1.txt`
/// beside `1.jpg`.
pub(super) fn texts_of(image: &str) -> Vec<String> {
    let stem = image.rsplit_once('.').map_or(image, |(stem, _)| stem);
    let beside = format!("{stem}.txt");
    let parts: Vec<&str> = beside.split('/').collect();
    let folders = &parts[..parts.len() - 1];
    let mut texts = vec![];
    if let Some(at) = folders.iter().rposition(|part| *part == "images") {
        let mut parts = parts.clone();
        parts[at] = "labels";
        texts.push(parts.join("/"));
    }
    texts.push(beside);
    texts
}

/// Each image of a listing with its text, by index; in the order of the listing.
pub(super) fn pairs(listing: &Listing) -> Vec<(u32, Option<u32>)> {
    let sorted = listing.names.sorted();
    let find = |name: String| listing.names.find(&sorted, &name);
    let pair = |(index, name): (usize, &str)| {
        let text = texts_of(name).into_iter().find_map(find);
        (index as u32, text.map(|text| text as u32))
    };
    let images = listing.names.iter().enumerate();
    images
        .filter(|(_, name)| is_image_name(name))
        .map(pair)
        .collect()
}

/// Whether a text may be that of an image: one below `labels`, if any lies there.
pub(super) fn is_text_name(name: &str) -> bool {
    name.ends_with(".txt") && !NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lie_among_labels_or_beside_their_image() {
        assert_eq!(
            texts_of("x/images/images/a/1.jpg"),
            ["x/images/labels/a/1.txt", "x/images/images/a/1.txt"]
        );
        assert_eq!(texts_of("a/1.b.png"), ["a/1.b.txt"]);
        assert_eq!(texts_of("images.png"), ["images.txt"]);
    }
}
