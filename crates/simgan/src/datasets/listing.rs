//! The files of a data set: names in a stable order, sizes and times, and their SHA-256.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::decode::{MAX_FILE_BYTES, dimensions, is_image_name};
use super::names::{Names, natural_order};
use crate::{Error, Result};

/// Deepest folder that is looked into; a limit against links that lead back up.
const MAX_DEPTH: usize = 16;
/// Files hashed between two reports of progress.
const CHUNK: usize = 1024;

/// Files below a folder, in natural order of their paths (`2.png` before `10.png`).
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) root: PathBuf,
    /// Paths below the root, with `/`.
    pub(super) names: Names,
    /// `(bytes, nanoseconds since 1970)` of every file.
    stats: Vec<(u64, u64)>,
    /// Number of files that were not wanted.
    pub(super) others: usize,
}

/// What [`Listing::digest`] finds.
pub(super) struct Digests {
    /// SHA-256 of all names and contents, hexadecimal.
    pub(super) content: String,
    /// Width and height that each image file states; (0, 0) where there is none.
    pub(super) dimensions: Vec<(u32, u32)>,
}

impl Listing {
    /// The files below `root` whose path is `wanted`. Names that start with a dot are left out.
    pub(super) fn scan(root: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Self> {
        let mut found = Self {
            root: root.into(),
            names: Names::default(),
            stats: vec![],
            others: 0,
        };
        found.scan_folder(root, "", 0, wanted)?;
        let mut order: Vec<u32> = (0..found.names.len() as u32).collect();
        let name = |i: &u32| found.names.get(*i as usize);
        order.par_sort_unstable_by(|a, b| natural_order(name(a), name(b)));
        found.stats = order.iter().map(|&i| found.stats[i as usize]).collect();
        found.names = order.iter().map(name).collect();
        found.names.shrink_to_fit();
        Ok(found)
    }

    fn scan_folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        depth: usize,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<()> {
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
            // Follows links; a dangling one is not a file of this set.
            let Ok(metadata) = fs_err::metadata(entry.path()) else {
                self.others += 1;
                continue;
            };
            if metadata.is_dir() {
                if depth < MAX_DEPTH {
                    self.scan_folder(&entry.path(), &format!("{name}/"), depth + 1, wanted)?;
                }
            } else if metadata.is_file() && wanted(&name) {
                self.names.push(&name);
                self.stats.push((metadata.len(), modified(&metadata)));
            } else {
                self.others += 1;
            }
        }
        Ok(())
    }

    /// Number of files.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Bytes of file `index`.
    ///
    /// # Errors
    /// The sentence starts with "it".
    pub(super) fn read(&self, index: usize) -> Result<Vec<u8>> {
        let bytes = self.stats[index].0;
        if bytes > MAX_FILE_BYTES {
            return Err(Error::data(format!(
                "it has {bytes} bytes; at most {MAX_FILE_BYTES} are read"
            )));
        }
        let path = self.root.join(self.names.get(index));
        std::fs::read(path)
            .map_err(|e| Error::data(format!("it cannot be read: {e}")).with_source(e))
    }

    /// SHA-256 of root, names, sizes and times: says cheaply that nothing has changed.
    pub(super) fn stat_key(&self, variant: &str) -> String {
        let mut hash = Sha256::new();
        hash_text(&mut hash, variant);
        hash_text(&mut hash, &self.root.to_string_lossy());
        for (name, (bytes, modified)) in self.names.iter().zip(&self.stats) {
            hash_text(&mut hash, name);
            hash.update(bytes.to_le_bytes());
            hash.update(modified.to_le_bytes());
        }
        hex(&hash.finalize())
    }

    /// Hashes every file, in parallel; `progress` hears the number of files done.
    pub(super) fn digest(&self, progress: &(dyn Fn(usize) + Sync)) -> Digests {
        let mut hash = Sha256::new();
        let mut sizes = Vec::with_capacity(self.len());
        for start in (0..self.len()).step_by(CHUNK) {
            let chunk = start..(start + CHUNK).min(self.len());
            let done = chunk.end;
            let digests: Vec<_> = chunk
                .clone()
                .into_par_iter()
                .map(|i| self.digest_file(i))
                .collect();
            for (index, (digest, size)) in chunk.zip(digests) {
                hash_text(&mut hash, self.names.get(index));
                hash.update(digest);
                sizes.push(size);
            }
            progress(done);
        }
        Digests {
            content: hex(&hash.finalize()),
            dimensions: sizes,
        }
    }

    fn digest_file(&self, index: usize) -> ([u8; 32], (u32, u32)) {
        let is_image = is_image_name(self.names.get(index));
        match self.read(index) {
            Ok(bytes) if is_image => (
                Sha256::digest(&bytes).into(),
                dimensions(&bytes).unwrap_or_default(),
            ),
            Ok(bytes) => (Sha256::digest(&bytes).into(), (0, 0)),
            // Whoever decodes it reports this error; here it only has to change the key.
            Err(error) => (Sha256::digest(error.to_string()).into(), (0, 0)),
        }
    }
}

fn modified(metadata: &std::fs::Metadata) -> u64 {
    let since = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |time| time.as_nanos() as u64)
}

/// Adds text with its length, so that no two lists of texts hash alike.
pub(super) fn hash_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_in_natural_order_and_keys_see_changes() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["10.png", "2.png", ".hidden.png", "note.txt"] {
            fs_err::write(dir.path().join(name), name).unwrap();
        }
        fs_err::create_dir(dir.path().join("b")).unwrap();
        fs_err::write(dir.path().join("b/1.png"), "x").unwrap();
        let scan = || Listing::scan(dir.path(), &is_image_name).unwrap();
        let before = scan();
        assert_eq!(
            before.names.iter().collect::<Vec<_>>(),
            ["2.png", "10.png", "b/1.png"]
        );
        assert_eq!(before.others, 1);
        assert_eq!(before.stat_key("v"), scan().stat_key("v"));
        assert_ne!(before.stat_key("v"), before.stat_key("w"));
        let content = before.digest(&|_| {}).content;
        fs_err::write(dir.path().join("2.png"), "other").unwrap();
        assert_ne!(before.stat_key("v"), scan().stat_key("v"));
        assert_ne!(content, scan().digest(&|_| {}).content);
    }
}
