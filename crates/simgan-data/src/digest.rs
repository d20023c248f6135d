//! What a listing's files hold: their SHA-256, and a key that says without reading them all that nothing has changed.

use std::io::{BufReader, Read, Seek, SeekFrom};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::decode::{dimensions, is_image_name};
use crate::file_state::FileState;
use crate::listing::{Listing, hash_text};
use simgan_base::files::limits;
use simgan_base::files::limits::Limit;
use simgan_base::files::section::Section;
use simgan_base::files::sha256::hex;
use simgan_base::{Error, Result};

/// Files hashed between two reports of progress.
const CHUNK: usize = 1024;
/// Samples of the contents that are part of [`Listing::state_key`], spread over all files.
const SAMPLES: usize = 32;
/// Bytes of a sample.
const SAMPLE_BYTES: u64 = 4096;

/// What [`Listing::digest`] finds.
pub(crate) struct Digests {
    /// SHA-256 of all names and contents, hexadecimal.
    pub(crate) content: String,
    /// Width and height of each image file, upright; (0, 0) where there is none.
    pub(crate) dimensions: Vec<(u32, u32)>,
    /// Whether all files could be read: what the system refuses now it may allow later.
    pub(crate) complete: bool,
}

/// A file's SHA-256 and upright size.
type FileDigest = ([u8; 32], (u32, u32));

impl Listing {
    /// A key that changes with the files: root, names, what the system says of each, and samples of the contents, because
    /// an image of a disk that takes another one's place may show the same states. `None` where one may have changed
    /// without a trace: it changed a moment ago, or the system tells too little.
    pub(crate) fn state_key(&self, variant: &str) -> Option<String> {
        let settled = |state: &FileState| state.is_settled(self.looked_at);
        if !self.states.iter().all(settled) {
            return None;
        }
        let root = fs_err::canonicalize(&self.root).ok()?;
        let mut hash = Sha256::new();
        hash_text(&mut hash, variant);
        hash_text(&mut hash, &root.to_string_lossy());
        hash_text(&mut hash, &self.states());
        self.hash_samples(&mut hash).ok()?;
        Some(hex(&hash.finalize()))
    }

    /// SHA-256 of names and states: equal ones mean that no file has changed in between.
    pub(crate) fn states(&self) -> String {
        let mut hash = Sha256::new();
        for (name, state) in self.names.iter().zip(&self.states) {
            hash_text(&mut hash, name);
            state.hash_into(&mut hash);
        }
        hex(&hash.finalize())
    }

    fn hash_samples(&self, hash: &mut Sha256) -> Result<()> {
        let files = self.len().min(SAMPLES);
        for chosen in 0..files {
            let index = chosen * (self.len() - 1) / (files - 1).max(1);
            let (mut file, bytes) = (self.open(index)?, self.states[index].bytes);
            let samples = bytes.div_ceil(SAMPLE_BYTES).min((SAMPLES / files) as u64);
            let last = bytes.saturating_sub(SAMPLE_BYTES);
            for sample in 0..samples {
                // Files have less than 2^58 bytes.
                let start = last * sample / (samples - 1).max(1);
                file.seek(SeekFrom::Start(start))?;
                hash.update(sha256((&mut file).take(SAMPLE_BYTES))?);
            }
        }
        Ok(())
    }

    /// Hashes every file, in parallel; `progress` hears the number of files done.
    pub(crate) fn digest(&self, progress: &(dyn Fn(usize) + Sync)) -> Digests {
        let mut hash = Sha256::new();
        let mut sizes = Vec::with_capacity(self.len());
        let mut complete = true;
        for start in (0..self.len()).step_by(CHUNK) {
            let chunk = start..(start + CHUNK).min(self.len());
            let done = chunk.end;
            let digest = |i| self.digest_file(i);
            let digests: Vec<_> = chunk.clone().into_par_iter().map(digest).collect();
            for (index, digest) in chunk.zip(digests) {
                // Whoever decodes it reports the error; here it only has to change the key.
                let (digest, size) = digest.unwrap_or_else(|error| {
                    complete &= !error.is_of_system();
                    (Sha256::digest(error.to_string()).into(), (0, 0))
                });
                hash_text(&mut hash, self.names.get(index));
                hash.update(digest);
                sizes.push(size);
            }
            progress(done);
        }
        Digests {
            content: hex(&hash.finalize()),
            dimensions: sizes,
            complete,
        }
    }

    fn digest_file(&self, index: usize) -> Result<FileDigest> {
        let name = self.names.get(index);
        if let Some(limit) = limit_of(name) {
            limit.check(self.states[index].bytes)?;
        }
        let mut file = self.open(index)?;
        let digest = sha256(&mut file)?;
        if !is_image_name(name) {
            return Ok((digest, (0, 0)));
        }
        file.rewind()?;
        match dimensions(BufReader::new(Section::whole(file)?)) {
            Err(error) if error.is_of_system() => Err(error),
            size => Ok((digest, size.unwrap_or_default())),
        }
    }

    /// Checks that the files still are what `digests` says, which `before` were in these [states](Self::states).
    ///
    /// # Errors
    /// A file has changed, come or gone.
    pub(crate) fn require_unchanged(&self, before: &str, digests: &Digests) -> Result<()> {
        if self.states() == before || self.digest(&|_| {}).content == digests.content {
            return Ok(());
        }
        let what = format!("{} changed while it was read", self.root.display());
        Err(Error::data(what).with_hint("begin again when nothing writes to it any more"))
    }
}

/// How much is read of a file of this name; tars are of any size.
fn limit_of(name: &str) -> Option<Limit> {
    match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    fn scan(root: &Path) -> Listing {
        let mut listing = Listing::scan(root).unwrap();
        listing.retain(is_image_name);
        // As if time had passed.
        listing.looked_at = SystemTime::now() + Duration::from_secs(60);
        listing
    }

    #[cfg(unix)]
    #[test]
    fn keys_see_what_times_and_sizes_do_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("1.png");
        let write = |text: &str| {
            fs_err::write(&path, text).unwrap();
            let file = fs_err::OpenOptions::new().write(true).open(&path).unwrap();
            file.file().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        };
        write("old");
        let (key, content) = (
            scan(dir.path()).state_key("v").unwrap(),
            scan(dir.path()).digest(&|_| {}).content,
        );
        assert_eq!(Some(&key), scan(dir.path()).state_key("v").as_ref());
        assert_ne!(Some(&key), scan(dir.path()).state_key("w").as_ref());
        std::thread::sleep(Duration::from_millis(20));
        write("new");
        assert_ne!(Some(&key), scan(dir.path()).state_key("v").as_ref());
        assert_ne!(content, scan(dir.path()).digest(&|_| {}).content);
    }

    #[test]
    fn keys_see_other_contents_of_the_same_states() {
        let dir = tempfile::tempdir().unwrap();
        let hash = |files: usize| {
            let mut hash = Sha256::new();
            scan(dir.path()).hash_samples(&mut hash).unwrap();
            (files, hash.finalize())
        };
        fs_err::write(dir.path().join("1.png"), vec![1; 20_000]).unwrap();
        let one = hash(1);
        fs_err::write(
            dir.path().join("1.png"),
            [vec![1; 19_999], vec![2]].concat(),
        )
        .unwrap();
        assert_ne!(one, hash(1));
        for i in 0..100 {
            fs_err::write(dir.path().join(format!("{i}.png")), "x").unwrap();
        }
        let many = hash(100);
        fs_err::write(dir.path().join("99.png"), "y").unwrap();
        assert_ne!(many, hash(100));
    }

    #[test]
    fn files_that_just_changed_have_no_key() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("1.png"), "x").unwrap();
        let listing = Listing::scan(dir.path()).unwrap();
        assert_eq!(listing.state_key("v"), None);
    }

    #[test]
    fn a_change_while_files_are_read_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("1.png");
        fs_err::write(&path, "x").unwrap();
        let listing = scan(dir.path());
        let (states, digests) = (listing.states(), listing.digest(&|_| {}));
        fs_err::write(&path, "x").unwrap();
        scan(dir.path())
            .require_unchanged(&states, &digests)
            .unwrap();
        fs_err::write(&path, "y").unwrap();
        let error = scan(dir.path()).require_unchanged(&states, &digests);
        let error = error.unwrap_err().to_string();
        assert!(error.ends_with("changed while it was read"), "{error}");
    }
}
