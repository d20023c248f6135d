//! Masks: images that say something of another image, pixel by pixel. They are labels: nothing is trained on them.
//!
//! A mask is known by its name: `masks/1.png` beside `images/1.jpg` or `1.jpg`, `1_mask.png` beside `1.jpg`. A folder
//! of such a name in which no file belongs to an image holds images.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::decode::is_image_name;

/// Names of folders of masks, in lower case.
const MASK_FOLDERS: [&str; 16] = [
    "mask",
    "masks",
    "label",
    "labels",
    "seg",
    "segs",
    "segmentation",
    "segmentations",
    "segmentationclass",
    "segmentationobject",
    "annotation",
    "annotations",
    "gt",
    "ground_truth",
    "groundtruth",
    "mattes",
];
/// Names of folders of images that lie beside those.
const IMAGE_FOLDERS: [&str; 14] = [
    "image",
    "images",
    "img",
    "imgs",
    "jpegimages",
    "photo",
    "photos",
    "picture",
    "pictures",
    "frame",
    "frames",
    "rgb",
    "input",
    "inputs",
];
/// Last words of the names of masks that lie beside their image.
const LAST_WORDS: [&str; 9] = [
    "mask",
    "masks",
    "label",
    "labels",
    "seg",
    "segmentation",
    "gt",
    "groundtruth",
    "annotation",
];

/// Why a file of [`Masks::alone`] is left out.
pub(crate) const ALONE: &str = "it lies among masks, but there is no image of its name";

/// The masks among the files of a data set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Masks {
    /// Masks of each image, by name.
    of: HashMap<String, Vec<String>>,
    names: HashSet<String>,
    /// Files in a folder of masks that belong to no image.
    alone: BTreeSet<String>,
}

/// A file that may be a mask.
struct Candidate<'a> {
    name: &'a str,
    /// Paths without ending that its image may have.
    owners: Vec<String>,
    /// The folder of masks it lies in.
    folder: Option<String>,
}

impl Masks {
    /// Finds the masks among `names`, paths with `/`.
    pub fn among<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Self {
        let images = names.filter(|name| is_image_name(name));
        let candidates: Vec<Candidate> = images.clone().filter_map(candidate).collect();
        if candidates.is_empty() {
            return Self::default();
        }
        let inside: HashSet<&str> = (candidates.iter())
            .filter(|candidate| candidate.folder.is_some())
            .map(|candidate| candidate.name)
            .collect();
        let mut owners = HashMap::new();
        for image in images.filter(|name| !inside.contains(name)) {
            for key in keys(image) {
                owners.entry(key).or_insert(image);
            }
        }
        let mut masks = Self::default();
        let mut bare = vec![];
        let mut folders = HashSet::new();
        for candidate in candidates {
            let owner = candidate
                .owners
                .iter()
                .find_map(|key| owners.get(key.as_str()));
            match owner {
                Some(&owner) if owner != candidate.name => {
                    masks.add(owner, candidate.name);
                    folders.extend(candidate.folder);
                }
                _ => bare.push(candidate),
            }
        }
        let is_alone = |candidate: &Candidate| {
            candidate
                .folder
                .as_ref()
                .is_some_and(|f| folders.contains(f))
        };
        let alone = bare
            .into_iter()
            .filter(is_alone)
            .map(|candidate| candidate.name.to_owned());
        masks.alone = alone.collect();
        masks
    }

    fn add(&mut self, owner: &str, mask: &str) {
        self.names.insert(mask.to_owned());
        self.of
            .entry(owner.to_owned())
            .or_default()
            .push(mask.to_owned());
    }

    /// The masks of the image called `name`, in the order of the listing.
    pub fn of(&self, name: &str) -> &[String] {
        self.of.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a file is a mask of an image.
    pub fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Files among the masks that belong to no image.
    pub(crate) fn alone(&self) -> &BTreeSet<String> {
        &self.alone
    }

    /// Takes out those that are images after all.
    pub(crate) fn retain(&mut self, is_mask: impl Fn(&str) -> bool) {
        self.names.retain(|name| is_mask(name));
        self.of
            .values_mut()
            .for_each(|masks| masks.retain(|name| is_mask(name)));
    }

    /// Number of masks.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// A path without the ending of its file.
fn without_ending(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn candidate(name: &str) -> Option<Candidate<'_>> {
    let path = without_ending(name);
    let (folders, base) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = without_last_word(base);
    let parts: Vec<&str> = path.split('/').collect();
    let folder = parts[..parts.len() - 1]
        .iter()
        .rposition(|part| is_one_of(part, &MASK_FOLDERS));
    let Some(at) = folder else {
        let slash = if folders.is_empty() { "" } else { "/" };
        return Some(Candidate {
            name,
            owners: vec![format!("{folders}{slash}{}", stem?)],
            folder: None,
        });
    };
    let image = without_part(&parts, at);
    let mut owners = vec![image.clone()];
    owners
        .extend(stem.map(|stem| format!("{}{stem}", image.strip_suffix(base).unwrap_or_default())));
    Some(Candidate {
        name,
        owners,
        folder: Some(parts[..=at].join("/")),
    })
}

/// `1` of `1_mask`.
fn without_last_word(base: &str) -> Option<&str> {
    let (stem, word) = base.rsplit_once(['_', '-', '.', ' '])?;
    (!stem.is_empty() && is_one_of(word, &LAST_WORDS)).then_some(stem)
}

/// Paths by which masks may know an image: its own, and that without its folder of images.
fn keys(image: &str) -> impl Iterator<Item = String> {
    let path = without_ending(image).to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    let folders = 0..parts.len() - 1;
    let shorter: Vec<String> = folders
        .filter(|&at| is_one_of(parts[at], &IMAGE_FOLDERS))
        .map(|at| without_part(&parts, at))
        .collect();
    std::iter::once(path).chain(shorter)
}

fn without_part(parts: &[&str], at: usize) -> String {
    [&parts[..at], &parts[at + 1..]].concat().join("/")
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks(names: &[&str]) -> Vec<(String, Vec<String>)> {
        let found = Masks::among(names.iter().copied());
        let owners = names.iter().filter(|name| !found.of(name).is_empty());
        owners
            .map(|name| ((*name).to_owned(), found.of(name).to_vec()))
            .collect()
    }

    fn one(image: &str, mask: &str) -> Vec<(String, Vec<String>)> {
        vec![(image.to_owned(), vec![mask.to_owned()])]
    }

    #[test]
    fn masks_are_known_by_folder_or_last_word() {
        for (image, mask) in [
            ("images/1.jpg", "masks/1.png"),
            ("train/images/a/1.jpg", "train/labels/a/1.png"),
            ("images/train/1.jpg", "Masks/train/1.png"),
            ("JPEGImages/1.jpg", "SegmentationClass/1.png"),
            ("1.jpg", "masks/1.png"),
            ("images/1.jpg", "masks/1_mask.png"),
            ("a/1.jpg", "a/1_mask.png"),
            ("1.png", "1-seg.png"),
        ] {
            assert_eq!(masks(&[image, mask]), one(image, mask));
        }
    }

    #[test]
    fn images_are_no_masks() {
        for names in [
            &["masks/1.png", "masks/2.png"][..],
            &["mask/1.png", "no_mask/1.png"],
            &["left/1.png", "right/1.png"],
            &["1.png", "other_mask.png"],
            &["images/1.png", "labels/2.png"],
        ] {
            assert!(masks(names).is_empty(), "{names:?}");
            assert!(Masks::among(names.iter().copied()).alone().is_empty());
        }
    }

    #[test]
    fn a_mask_without_image_is_told_apart() {
        let names = ["images/1.png", "masks/1.png", "masks/2.png"];
        let found = Masks::among(names.into_iter());
        assert_eq!(found.len(), 1);
        assert!(found.alone().iter().eq(["masks/2.png"]));
        assert!(found.contains("masks/1.png") && !found.contains("images/1.png"));
    }
}
