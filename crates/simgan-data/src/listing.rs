//! The files of a data set: names in a stable order, sizes and times, and their SHA-256.

use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::decode::{dimensions, is_image_name};
use crate::names::{Names, natural_order};
use simgan_base::files::limits;
use simgan_base::files::limits::Limit;
use simgan_base::files::section::Section;
use simgan_base::files::sha256::hex;
use simgan_base::{Error, Result};

/// Deepest folder that is looked into; a limit against links that lead back up.
const MAX_DEPTH: usize = 16;
/// Most folders that are looked into: links that lead back up multiply.
const MAX_FOLDERS: usize = 1 << 16;
/// Files hashed between two reports of progress.
const CHUNK: usize = 1024;

/// Files below a folder, in natural order of their paths (`2.png` before `10.png`).
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) root: PathBuf,
    /// Paths below the root, with `/`.
    pub(crate) names: Names,
    /// `(bytes, nanoseconds since 1970)` of every file.
    stats: Vec<(u64, u64)>,
    /// Number of files that were not wanted.
    pub(crate) others: usize,
    folders: usize,
}

/// What [`Listing::digest`] finds.
pub(crate) struct Digests {
    /// SHA-256 of all names and contents, hexadecimal.
    pub(crate) content: String,
    /// Width and height that each image file states; (0, 0) where there is none.
    pub(crate) dimensions: Vec<(u32, u32)>,
}

impl Listing {
    /// The files below `root` whose path is `wanted`. Names that start with a dot are left out.
    pub(crate) fn scan(root: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Self> {
        let mut found = Self {
            root: root.into(),
            names: Names::default(),
            stats: vec![],
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
        let metadata = fs_err::metadata(path)?;
        Ok(Self {
            root: path.parent().unwrap_or(Path::new("")).into(),
            names: std::iter::once(name).collect(),
            stats: vec![(metadata.len(), modified(&metadata))],
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
        self.stats = order.iter().map(|&i| self.stats[i as usize]).collect();
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
        limit.check(self.stats[index].0)?;
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

    /// SHA-256 of root, names, sizes and times: says cheaply that nothing has changed.
    pub(crate) fn stat_key(&self, variant: &str) -> String {
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
    pub(crate) fn digest(&self, progress: &(dyn Fn(usize) + Sync)) -> Digests {
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
        self.try_digest(index).unwrap_or_else(|error| {
            // Whoever decodes it reports this error; here it only has to change the key.
            (Sha256::digest(error.to_string()).into(), (0, 0))
        })
    }

    fn try_digest(&self, index: usize) -> Result<([u8; 32], (u32, u32))> {
        let name = self.names.get(index);
        if let Some(limit) = limit_of(name) {
            limit.check(self.stats[index].0)?;
        }
        let mut file = self.open(index)?;
        let digest = sha256(&mut file)?;
        if !is_image_name(name) {
            return Ok((digest, (0, 0)));
        }
        file.rewind()?;
        let image = BufReader::new(Section::whole(file)?);
        Ok((digest, dimensions(image).unwrap_or_default()))
    }
}

/// How much is read of a file of this name; tars are of any size.
fn limit_of(name: &str) -> Option<Limit> {
    match name.rsplit_once('.')?.1 {
        "json" => Some(limits::DESCRIPTION),
        "mat" => Some(limits::MATLAB),
        "csv" => Some(limits::LABELS),
        _ => is_image_name(name).then_some(limits::IMAGE),
    }
}

/// SHA-256 of all that `reader` gives, in little memory.
fn sha256(mut reader: impl Read) -> std::io::Result<[u8; 32]> {
    let (mut hash, mut block) = (Sha256::new(), [0; 1 << 14]);
    loop {
        match reader.read(&mut block)? {
            0 => return Ok(hash.finalize().into()),
            read => hash.update(&block[..read]),
        }
    }
}

fn unreadable(error: std::io::Error) -> Error {
    Error::data(format!("it cannot be read: {error}")).with_source(error)
}

fn modified(metadata: &std::fs::Metadata) -> u64 {
    let since = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |time| time.as_nanos() as u64)
}

/// Adds text with its length, so that no two lists of texts hash alike.
pub(crate) fn hash_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
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
