//! What lies in a data set and is not read, counted by kind: nothing is passed over without a word.

use std::collections::{BTreeMap, HashSet};

use crate::decode::is_image_name;
use crate::names::Names;

/// Images, videos and raw photographs of other kinds than are read.
const OTHER_IMAGES: [&str; 24] = [
    "gif", "heic", "heif", "avif", "jxl", "jp2", "j2k", "jpx", "tga", "dds", "exr", "hdr", "ico",
    "svg", "psd", "pam", "pfm", "dng", "cr2", "nef", "arw", "mp4", "avi", "mov",
];
/// Files that may hold labels.
const LABELS: [&str; 16] = [
    "csv", "tsv", "json", "jsonl", "xml", "yaml", "yml", "txt", "mat", "npy", "npz", "h5", "hdf5",
    "parquet", "pkl", "xlsx",
];
const ARCHIVES: [&str; 11] = [
    "tar", "tgz", "gz", "bz2", "tbz2", "xz", "txz", "zst", "zip", "7z", "rar",
];
/// Beginnings of the names of files that everybody expects beside a data set.
const COMMON: [&str; 11] = [
    "readme",
    "license",
    "licence",
    "copying",
    "note",
    "changelog",
    "sha256sums",
    "thumbs.db",
    "desktop.ini",
    "simgan-",
    "simulation.",
];

/// Why something is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// A link that leads nowhere.
    Dangling,
    /// A name that is not UTF-8.
    NotUtf8,
    /// A link to a folder that is read under another name, or that holds the data set.
    Again,
    /// A folder below too many others.
    TooDeep,
    /// What `simgan` has written into a folder of its own.
    OwnOutput,
    /// A pipe, a socket, a device.
    NoFile,
    /// An image that could be read, were the data set of another format.
    Image,
    /// An image of another kind than are read.
    OtherImage,
    /// A file with the name of an image and another ending.
    Description,
    /// A file that may hold labels.
    Labels,
    Archive,
    Other,
}

impl Reason {
    /// What one thing is called, and what many are.
    fn nouns(self) -> (&'static str, &'static str) {
        match self {
            Self::Dangling => ("link that leads nowhere", "links that lead nowhere"),
            Self::NotUtf8 => ("name that is not UTF-8", "names that are not UTF-8"),
            Self::Again => (
                "link to a folder that is read already",
                "links to folders that are read already",
            ),
            Self::TooDeep => ("folder below 16 others", "folders below 16 others"),
            Self::OwnOutput => (
                "run or refined set in the folder",
                "runs and refined sets in the folder",
            ),
            Self::NoFile => ("pipe, socket or device", "pipes, sockets or devices"),
            Self::Image => ("image beside the data", "images beside the data"),
            Self::OtherImage => ("image of another format", "images of other formats"),
            Self::Description => ("description beside an image", "descriptions beside images"),
            Self::Labels => ("file that may hold labels", "files that may hold labels"),
            Self::Archive => ("archive", "archives"),
            Self::Other => ("other file", "other files"),
        }
    }
}

/// Sentences about what was `skipped` and about the `others` that no reader wanted; `images` are read.
pub(super) fn sentences(skipped: &[(Reason, String)], others: &Names, read: &Names) -> Vec<String> {
    let mut kinds: BTreeMap<Reason, (&str, usize)> = BTreeMap::new();
    let mut count = |reason: Reason, name| kinds.entry(reason).or_insert((name, 0)).1 += 1;
    skipped
        .iter()
        .for_each(|(reason, name)| count(*reason, name));
    if others.len() > 0 {
        let stems: HashSet<&str> = read
            .iter()
            .filter(|name| is_image_name(name))
            .map(stem)
            .collect();
        others
            .iter()
            .filter(|name| !is_common(name))
            .for_each(|name| count(kind(name, &stems), name));
    }
    let sentence = |(reason, (example, count)): (Reason, (&str, usize))| {
        let (one, many) = reason.nouns();
        match count {
            1 => format!("1 {one} is not read: {example}"),
            n => format!("{n} {many} are not read: {example} and {} more", n - 1),
        }
    };
    kinds.into_iter().map(sentence).collect()
}

fn kind(name: &str, stems: &HashSet<&str>) -> Reason {
    let ending = base(name)
        .rsplit_once('.')
        .map(|(_, e)| e.to_ascii_lowercase());
    let ending = ending.as_deref().unwrap_or_default();
    match ending {
        _ if is_image_name(name) => Reason::Image,
        _ if OTHER_IMAGES.contains(&ending) => Reason::OtherImage,
        _ if LABELS.contains(&ending) && stems.contains(stem(name)) => Reason::Description,
        _ if LABELS.contains(&ending) => Reason::Labels,
        _ if ARCHIVES.contains(&ending) => Reason::Archive,
        _ => Reason::Other,
    }
}

fn is_common(name: &str) -> bool {
    let base = base(name).to_ascii_lowercase();
    COMMON.iter().any(|common| base.starts_with(common))
}

fn base(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, base)| base)
}

/// A name without folders and ending.
fn stem(name: &str) -> &str {
    let base = base(name);
    base.rsplit_once('.').map_or(base, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_counted_and_one_of_it_is_named() {
        let names = |names: &[&str]| names.iter().collect::<Names>();
        let others = names(&[
            "a.json",
            "labels/b.txt",
            "c.heic",
            "README.md",
            "all.json",
            "x.tar.gz",
            "tool.py",
            "d.GIF",
        ]);
        let skipped = [(Reason::Dangling, "e.png".to_owned())];
        assert_eq!(
            sentences(&skipped, &others, &names(&["a.png", "b.png"])),
            [
                "1 link that leads nowhere is not read: e.png",
                "2 images of other formats are not read: c.heic and 1 more",
                "2 descriptions beside images are not read: a.json and 1 more",
                "1 file that may hold labels is not read: all.json",
                "1 archive is not read: x.tar.gz",
                "1 other file is not read: tool.py",
            ]
        );
        assert!(sentences(&[], &names(&["NOTE.txt"]), &names(&["a.png"])).is_empty());
    }
}
