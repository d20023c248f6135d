//! MPIIGaze's evaluation lists: `Evaluation Subset/sample list for eye image/pNN.txt`.
//!
//! Each line names a photo and a side: `day01/0005.jpg left`. There are 3,000 lines for each of 15 people.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::listing::hash_text;
use simgan_base::files::limits;
use simgan_base::files::sha256::hex;
use simgan_base::{Error, Result};

/// Which eye an image shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Left,
    Right,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Left, Self::Right];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// The images of all lists.
#[derive(Debug, PartialEq)]
pub(crate) struct EvaluationLists {
    /// `pNN/dayNN/photo.jpg` and the side.
    chosen: HashSet<(String, Side)>,
    fingerprint: String,
}

impl EvaluationLists {
    /// Reads the lists that lie beside the data in `normalized`.
    ///
    /// # Errors
    /// There are no lists, or a line is malformed (names file and line).
    pub(crate) fn find(normalized: &Path) -> Result<Self> {
        let absolute = fs_err::canonicalize(normalized)?;
        let folder = absolute
            .ancestors()
            .skip(1)
            .take(2)
            .map(lists_folder)
            .find(|folder| folder.is_dir());
        match folder {
            Some(folder) => Self::read(&folder),
            None => Err(no_lists(normalized)),
        }
    }

    fn read(folder: &Path) -> Result<Self> {
        let mut files: Vec<PathBuf> = vec![];
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                files.push(path);
            }
        }
        if files.is_empty() {
            return Err(no_lists(folder));
        }
        files.sort();
        let mut hash = Sha256::new();
        let mut chosen = HashSet::new();
        for path in files {
            let person = path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
                .unwrap_or_default();
            let text = limits::read_text(&path, limits::EVALUATION_LIST)?;
            hash_text(&mut hash, &person);
            hash_text(&mut hash, &text);
            for (index, line) in text
                .lines()
                .enumerate()
                .filter(|(_, line)| !line.trim().is_empty())
            {
                let (photo, side) =
                    parse(line).ok_or_else(|| wrong_line(&path, index + 1, line))?;
                chosen.insert((format!("{person}/{photo}"), side));
            }
        }
        Ok(Self {
            chosen,
            fingerprint: hex(&hash.finalize()),
        })
    }

    /// SHA-256 of all lists.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether the lists name one side of a photo of `day` (`pNN/dayNN`).
    pub(crate) fn names(&self, day: &str, photo: &str, side: Side) -> bool {
        self.chosen.contains(&(format!("{day}/{photo}"), side))
    }
}

fn lists_folder(root: &Path) -> PathBuf {
    root.join("Evaluation Subset")
        .join("sample list for eye image")
}

fn parse(line: &str) -> Option<(&str, Side)> {
    let (photo, side) = line.trim().rsplit_once(char::is_whitespace)?;
    let side = Side::BOTH.into_iter().find(|known| known.name() == side)?;
    Some((photo.trim(), side))
}

#[cfg(any(test, feature = "testing"))]
pub(crate) fn is_line(line: &str) -> bool {
    parse(line).is_some()
}

fn wrong_line(path: &Path, number: usize, line: &str) -> Error {
    Error::data(format!(
        "{}, line {number}: `{line}` is no photo and side",
        path.display()
    ))
    .with_hint("lines are like: day01/0005.jpg left")
}

fn no_lists(near: &Path) -> Error {
    Error::data(format!("no evaluation lists beside {}", near.display())).with_hint(
        "MPIIGaze has them in `Evaluation Subset/sample list for eye image`, beside `Data`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_choose_photo_and_side() {
        let dir = tempfile::tempdir().unwrap();
        let normalized = dir.path().join("Data/Normalized");
        fs_err::create_dir_all(&normalized).unwrap();
        let find = || EvaluationLists::find(&normalized);
        assert!(
            find()
                .unwrap_err()
                .to_string()
                .contains("no evaluation lists")
        );
        let lists = lists_folder(dir.path());
        fs_err::create_dir_all(&lists).unwrap();
        fs_err::write(
            lists.join("p00.txt"),
            "day01/0005.jpg left\r\nday02/0001.jpg right\n",
        )
        .unwrap();
        let found = find().unwrap();
        assert!(found.names("p00/day01", "0005.jpg", Side::Left));
        assert!(!found.names("p00/day01", "0005.jpg", Side::Right));
        assert!(!found.names("p01/day01", "0005.jpg", Side::Left));
        fs_err::write(lists.join("p01.txt"), "day01/0005.jpg middle\n").unwrap();
        assert!(find().unwrap_err().to_string().contains("p01.txt, line 1"));
    }
}
