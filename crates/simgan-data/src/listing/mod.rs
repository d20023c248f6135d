//! The files of a data set: names in a stable order, and what the system says of them.

mod unread;
mod walk;

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::file_state::FileState;
use crate::listing::unread::Reason;
use crate::listing::walk::Walk;
use crate::names::{Names, natural_order};
use simgan_base::files::limits::Limit;
use simgan_base::files::section::Section;
use simgan_base::{Error, Result};

/// Files below a folder, in natural order of their paths (`2.png` before `10.png`).
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) root: PathBuf,
    /// Paths below the root, with `/`.
    pub(crate) names: Names,
    /// What the system said of every file, from this time on.
    pub(crate) states: Vec<FileState>,
    pub(crate) looked_at: SystemTime,
    /// Files that are not read.
    others: Names,
    /// What is no file that could be read.
    skipped: Vec<(Reason, String)>,
}

impl Listing {
    /// All files below `root`. Names that start with a dot are left out. Every real folder is read once.
    ///
    /// # Errors
    /// A folder that cannot be read; too many folders.
    pub(crate) fn scan(root: &Path) -> Result<Self> {
        let looked_at = SystemTime::now();
        let walk = Walk::through(root)?;
        let mut found = Self {
            root: root.into(),
            names: walk.names,
            states: walk.states,
            looked_at,
            others: Names::default(),
            skipped: walk.skipped,
        };
        found.skipped.sort_by(|(_, a), (_, b)| natural_order(a, b));
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
            others: Names::default(),
            skipped: vec![],
        })
    }

    /// Keeps the files that are `wanted`.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        let mut kept = vec![];
        for (index, name) in self.names.iter().enumerate() {
            match wanted(name) {
                true => kept.push(index as u32),
                false => self.others.push(name),
            }
        }
        self.choose(&kept);
    }

    /// Number of files and of other things that are not read.
    pub(crate) fn others(&self) -> usize {
        self.others.len() + self.skipped.len()
    }

    /// Sentences about what is not read, one a kind.
    pub(crate) fn unread(&self) -> Vec<String> {
        unread::sentences(&self.skipped, &self.others, &self.names)
    }

    fn choose(&mut self, order: &[u32]) {
        let name = |&i: &u32| self.names.get(i as usize);
        let mut names: Names = order.iter().map(name).collect();
        names.shrink_to_fit();
        self.states = order.iter().map(|&i| self.states[i as usize]).collect();
        self.names = names;
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

pub(crate) fn unreadable(error: std::io::Error) -> Error {
    Error::data(format!("it cannot be read: {error}")).with_source(error)
}

/// Adds text with its length, so that no two lists of texts hash alike.
pub(crate) fn hash_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}

#[cfg(test)]
mod tests;
