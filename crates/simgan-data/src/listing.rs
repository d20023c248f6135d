//! The files of a data set: names in a stable order, and what the system says of them.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::file_state::FileState;
use crate::names::{Names, natural_order};
use crate::refined_manifest;
use simgan_base::files::limits::Limit;
use simgan_base::files::section::Section;
use simgan_base::{Error, Result};

/// Deepest folder that is looked into; a limit against links that lead back up.
const MAX_DEPTH: usize = 16;
/// Most folders that are looked into: links that lead back up multiply.
const MAX_FOLDERS: usize = 1 << 16;

/// Files below a folder, in natural order of their paths (`2.png` before `10.png`).
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) root: PathBuf,
    /// Paths below the root, with `/`.
    pub(crate) names: Names,
    /// What the system said of every file, from this time on.
    pub(crate) states: Vec<FileState>,
    pub(crate) looked_at: SystemTime,
    /// Number of files that were not wanted.
    pub(crate) others: usize,
    folders: usize,
}

impl Listing {
    /// The files below `root` whose path is `wanted`. Names that start with a dot are left out.
    pub(crate) fn scan(root: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Self> {
        let mut found = Self {
            root: root.into(),
            names: Names::default(),
            states: vec![],
            looked_at: SystemTime::now(),
            others: 0,
            folders: 0,
        };
        found.scan_folder(root, "", 0, wanted)?;
        let mut order: Vec<u32> = (0..found.names.len() as u32).collect();
        let name = |i: &u32| found.names.get(*i as usize);
        order.par_sort_unstable_by(|a, b| natural_order(name(a), name(b)));
        found.choose(&order);
        Ok(found)
    }

    /// The one file at `path`, in the folder that holds it.
    pub(crate) fn of_file(path: &Path) -> Result<Self> {
        let name = path.file_name().and_then(|name| name.to_str());
        let name =
            name.ok_or_else(|| Error::data(format!("{} has no name in UTF-8", path.display())))?;
        let looked_at = SystemTime::now();
        let metadata = fs_err::metadata(path)?;
        Ok(Self {
            root: path.parent().unwrap_or(Path::new("")).into(),
            names: std::iter::once(name).collect(),
            states: vec![FileState::of(&metadata)],
            looked_at,
            others: 0,
            folders: 0,
        })
    }

    /// Keeps the files that are `wanted`.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        let kept = |i: &u32| wanted(self.names.get(*i as usize));
        let kept: Vec<u32> = (0..self.len() as u32).filter(kept).collect();
        self.others += self.len() - kept.len();
        self.choose(&kept);
    }

    fn choose(&mut self, order: &[u32]) {
        let name = |&i: &u32| self.names.get(i as usize);
        let mut names: Names = order.iter().map(name).collect();
        names.shrink_to_fit();
        self.states = order.iter().map(|&i| self.states[i as usize]).collect();
        self.names = names;
    }

    fn scan_folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        depth: usize,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<()> {
        self.folders += 1;
        if self.folders > MAX_FOLDERS {
            let root = self.root.display();
            let what = format!("{root} holds more than {MAX_FOLDERS} folders");
            return Err(Error::data(what).with_hint("does a link in it lead back up?"));
        }
        for entry in fs_err::read_dir(folder)? {
            let entry = entry?;
            let file_name = entry.file_name();
            let Some(file_name) = file_name.to_str() else {
                self.others += 1;
                continue;
            };
            if file_name.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{file_name}");
            // Follows links.
            let metadata = match fs_err::metadata(entry.path()) {
                Ok(metadata) => metadata,
                // A dangling link is not a file of this set. What the system refuses may be.
                Err(_) if entry.file_type()?.is_symlink() => {
                    self.others += 1;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            if metadata.is_dir() {
                if let Some(kind) = own_output(&entry.path()) {
                    tracing::warn!("{} is {kind}: it is passed over", entry.path().display());
                    self.others += 1;
                } else if depth < MAX_DEPTH {
                    self.scan_folder(&entry.path(), &format!("{name}/"), depth + 1, wanted)?;
                }
            } else if metadata.is_file() && wanted(&name) {
                self.names.push(&name);
                self.states.push(FileState::of(&metadata));
            } else {
                self.others += 1;
            }
        }
        Ok(())
    }

    /// Number of files.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Opens file `index`.
    ///
    /// # Errors
    /// The sentence starts with "it", as those of all that reads files here.
    pub(crate) fn open(&self, index: usize) -> Result<fs_err::File> {
        let path = self.root.join(self.names.get(index));
        fs_err::File::open(path).map_err(unreadable)
    }

    /// The bytes of file `index`, which may be as many as `limit` says.
    pub(crate) fn read(&self, index: usize, limit: Limit) -> Result<Vec<u8>> {
        limit.check(self.states[index].bytes)?;
        let mut bytes = vec![];
        let file = self.open(index)?;
        // The file may have grown.
        file.take(limit.bytes + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        limit.check(bytes.len() as u64)?;
        Ok(bytes)
    }

    /// File `index`, to be decoded.
    pub(crate) fn image(&self, index: usize) -> Result<BufReader<Section>> {
        let whole = Section::whole(self.open(index)?).map_err(unreadable)?;
        Ok(BufReader::new(whole))
    }
}

/// What `simgan` has written into a folder, if it is no data of the folder above: its images would be taken for more of
/// them.
fn own_output(folder: &Path) -> Option<&'static str> {
    let has = |name: &str| folder.join(name).exists();
    if has(refined_manifest::FILE_NAME) {
        return Some("a refined set of its own");
    }
    (has("config.toml") && has("checkpoints")).then_some("a run")
}

pub(crate) fn unreadable(error: std::io::Error) -> Error {
    Error::data(format!("it cannot be read: {error}")).with_source(error)
}

/// Adds text with its length, so that no two lists of texts hash alike.
pub(crate) fn hash_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::is_image_name;

    #[test]
    fn runs_and_refined_sets_below_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = dir.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "x").unwrap();
        };
        let files = ["a.png", "b/1.png", "refined/a.png", "b/run/images/1.png"];
        files.iter().for_each(|name| write(name));
        let names = || {
            let found = Listing::scan(dir.path(), &is_image_name).unwrap();
            found.names.iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(names().len(), 4);
        let markers = [
            refined_manifest::FILE_NAME,
            "run/config.toml",
            "run/checkpoints/1",
        ];
        for (folder, marker) in ["refined", "b", "b"].into_iter().zip(markers) {
            write(&format!("{folder}/{marker}"));
        }
        assert_eq!(names(), ["a.png", "b/1.png"]);
    }

    #[test]
    fn files_come_in_natural_order() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["10.png", "2.png", ".hidden.png", "note.txt"] {
            fs_err::write(dir.path().join(name), name).unwrap();
        }
        fs_err::create_dir(dir.path().join("b")).unwrap();
        fs_err::write(dir.path().join("b/1.png"), "x").unwrap();
        let found = Listing::scan(dir.path(), &is_image_name).unwrap();
        let names: Vec<_> = found.names.iter().collect();
        assert_eq!(names, ["2.png", "10.png", "b/1.png"]);
        assert_eq!(found.others, 1);
    }
}
