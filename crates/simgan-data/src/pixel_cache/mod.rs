//! Preprocessed pixels, names and labels of a data set in one file that is memory-mapped.
//!
//! A cache file is named by a SHA-256 of names, contents and preprocessing, and holds
//! a header (magic, version, shape, checksums), the pixels as `u8` `[n, channels, height, width]`, and a trailer
//! (checksums of the pixels, names, labels, what was left out). It gets its name when it is complete. A small index file
//! beside it maps the states of the files (`file_state.rs`) to the SHA-256 of their contents, so that an unchanged
//! folder opens without being read again. What the system refused to read is never remembered. Deleting the folder is
//! always safe.

#[cfg(any(test, feature = "testing"))]
pub(crate) mod fixture;
pub(crate) mod layout;

use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::names::Names;
use crate::pixel_cache::layout as format;
use crate::pixel_cache::layout::{BLOCK, Blocks, HEADER, Header};
use crate::pixel_kind::PixelKind;
use crate::points::MovedPoints;
use crate::reader::ShardCounts;
use crate::{Labels, Quarantine};
use simgan_base::files::limits;
use simgan_base::files::mapped::MappedFile;
use simgan_base::files::paths;
use simgan_base::files::scratch_file;
use simgan_base::files::scratch_file::ScratchFile;
use simgan_base::{Error, Result};

/// Blocks of pixels whose checksum is tried when a file is opened: all of a small file, an even choice of a large one.
const BLOCKS_CHECKED: usize = 256;

/// What a cache file says besides pixels, names and labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Meta {
    /// What was left out.
    pub(crate) quarantine: Quarantine,
    /// Sizes before preprocessing: (width, height, number of images), most frequent first.
    pub(crate) sizes: Vec<(u32, u32, usize)>,
    /// What the pixels are before preprocessing, and of how many images; most frequent first.
    #[serde(default)]
    pub(crate) kinds: Vec<(PixelKind, usize)>,
    /// Lowest and highest level of the files, and the highest that they could hold; `None` in older files.
    #[serde(default)]
    pub(crate) levels: Option<[u16; 3]>,
    /// Whether there is a label table.
    pub(crate) labelled: bool,
    /// Counts of tar shards.
    #[serde(default)]
    pub(crate) shards: Option<ShardCounts>,
    /// How points in the labels were moved with the pixels, if they were.
    #[serde(default)]
    pub(crate) points: Option<MovedPoints>,
    /// What is to be said whenever the set is opened.
    #[serde(default)]
    pub(crate) warnings: Vec<String>,
}

/// An opened cache file.
#[derive(Debug)]
pub(crate) struct Cached {
    pub(crate) names: Names,
    pub(crate) image_shape: [usize; 3],
    pub(crate) pixels: MappedFile,
    pub(crate) labels: Option<Labels>,
    pub(crate) meta: Meta,
}

/// The folder of all cache files.
#[derive(Clone, Debug)]
pub struct PixelCache {
    folder: PathBuf,
}

impl PixelCache {
    /// The cache in `folder`, which is made if need be.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(folder: &Path) -> Result<Self> {
        fs_err::create_dir_all(folder).map_err(|e| {
            Error::from(e).with_hint(
                "--cache-dir DIR or the variable SIMGAN_CACHE_DIR names another cache folder",
            )
        })?;
        Ok(Self {
            folder: folder.into(),
        })
    }

    /// The user's cache folder: `$SIMGAN_CACHE_DIR`, else `$XDG_CACHE_HOME/simgan`, else `~/.cache/simgan`,
    /// else a folder for temporary files.
    pub fn default_folder() -> PathBuf {
        let variable = |name: &str| {
            std::env::var_os(name)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        variable("SIMGAN_CACHE_DIR")
            .or_else(|| variable("XDG_CACHE_HOME").map(|p| p.join("simgan")))
            .or_else(|| std::env::home_dir().map(|p| p.join(".cache").join("simgan")))
            .unwrap_or_else(|| std::env::temp_dir().join("simgan"))
    }

    /// Key of the contents of files in these states.
    pub(crate) fn content_key(&self, state_key: &str) -> Option<String> {
        let key = limits::read_text(&self.index_path(state_key), limits::CACHE_INDEX).ok()?;
        let sound = key.len() == 64 && key.bytes().all(|c| c.is_ascii_hexdigit());
        sound.then_some(key)
    }

    /// Remembers the key of contents.
    pub(crate) fn remember(&self, state_key: &str, content_key: &str) -> Result<()> {
        let mut file = self.scratch()?;
        file.write_all(content_key.as_bytes())?;
        Ok(file.persist(&self.index_path(state_key))?)
    }

    /// Opens the file called `key`. `None` if there is none or it is damaged; `origin` is what errors call its labels.
    pub(crate) fn get(&self, key: &str, origin: &str) -> Option<Cached> {
        let path = self.path(key);
        if !path.is_file() {
            return None;
        }
        match read(&path, origin) {
            Ok(cached) => Some(cached),
            Err(error) => {
                tracing::warn!("{} is damaged and is made again: {error}", path.display());
                None
            }
        }
    }

    /// As [`get`](Self::get), and removes the file: what is opened stays.
    pub(crate) fn take(&self, key: &str, origin: &str) -> Option<Cached> {
        let cached = self.get(key, origin);
        // One that is left takes room and nothing else: nobody asks for its key again.
        let _ = fs_err::remove_file(self.path(key));
        cached
    }

    /// Starts a new file.
    pub(crate) fn create(&self, image_shape: [usize; 3]) -> Result<CacheWriter> {
        scratch_file::remove_stale(&self.folder);
        let mut file = BufWriter::with_capacity(BLOCK, self.scratch()?);
        file.write_all(&[0; HEADER])?;
        Ok(CacheWriter {
            file,
            image_shape,
            images: 0,
            blocks: Blocks::default(),
        })
    }

    /// Path of the file called `key`.
    pub(crate) fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.pixels"))
    }

    fn index_path(&self, state_key: &str) -> PathBuf {
        self.folder.join(format!("{state_key}.index"))
    }

    fn scratch(&self) -> Result<ScratchFile> {
        ScratchFile::create_in(&self.folder).map_err(|e| {
            Error::from(e).with_hint(
                "--cache-dir DIR or the variable SIMGAN_CACHE_DIR names another cache folder",
            )
        })
    }
}

/// A cache file that is being written, image by image.
pub(crate) struct CacheWriter {
    file: BufWriter<ScratchFile>,
    image_shape: [usize; 3],
    images: u64,
    blocks: Blocks,
}

impl CacheWriter {
    /// Adds an image, `[channels, height, width]`.
    pub(crate) fn push(&mut self, pixels: &[u8]) -> Result<()> {
        debug_assert_eq!(pixels.len(), self.image_shape.iter().product::<usize>());
        self.blocks.update(pixels);
        self.images += 1;
        Ok(self.file.write_all(pixels)?)
    }

    /// Number of images so far.
    pub(crate) fn len(&self) -> usize {
        self.images as usize
    }

    /// Writes trailer and header, and gives the file its name.
    pub(crate) fn finish(
        mut self,
        names: &Names,
        labels: Option<&Labels>,
        meta: &Meta,
        path: &Path,
    ) -> Result<()> {
        let meta = serde_json::to_vec(meta)
            .map_err(|e| Error::data(format!("the cache cannot be described: {e}")))?;
        let (text, ends) = names.parts();
        let (label_text, label_rows) = labels.map(Labels::parts).unwrap_or_default();
        let mut trailer = format::Hashing::new(&mut self.file);
        format::write_section(
            &mut trailer,
            std::mem::take(&mut self.blocks).finish().as_flattened(),
        )?;
        format::write_section(&mut trailer, text.as_bytes())?;
        format::write_numbers(&mut trailer, ends.iter().map(|end| end.to_le_bytes()))?;
        format::write_section(&mut trailer, label_text)?;
        format::write_numbers(&mut trailer, label_rows.iter().map(|row| row.to_le_bytes()))?;
        format::write_section(&mut trailer, &meta)?;
        let (trailer_bytes, trailer_sha256) = trailer.finish();
        let header = Header {
            image_shape: self.image_shape,
            images: self.images,
            trailer_bytes,
            trailer_sha256,
        };
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header.encode())?;
        let file = self
            .file
            .into_inner()
            .map_err(|e| Error::from(e.into_error()))?;
        Ok(file.persist(path)?)
    }
}

fn read(path: &Path, origin: &str) -> Result<Cached> {
    let mut file = fs_err::File::open(path)?;
    let header = Header::read(&mut file)?;
    file.seek(SeekFrom::Start(header.trailer_offset()))?;
    let mut trailer = format::Hashing::new(BufReader::new(&file).take(header.trailer_bytes));
    let blocks = format::read_section(&mut trailer)?;
    let text = format::read_section(&mut trailer)?;
    let ends = format::read_numbers(&mut trailer, u64::from_le_bytes)?;
    let label_text = format::read_section(&mut trailer)?;
    let label_rows = format::read_numbers(&mut trailer, u32::from_le_bytes)?;
    let meta = format::read_section(&mut trailer)?;
    if trailer.finish() != (header.trailer_bytes, header.trailer_sha256) {
        return Err(format::damaged("its trailer"));
    }
    check_blocks(path, &header, blocks.as_chunks().0)?;
    let text = String::from_utf8(text).map_err(|_| format::damaged("its names"))?;
    let names = Names::from_parts(text, ends).ok_or_else(|| format::damaged("its names"))?;
    // `refine` writes files of these names.
    if names
        .iter()
        .any(|name| paths::below(name).as_deref() != Some(name))
    {
        return Err(format::damaged("its names"));
    }
    let meta: Meta =
        serde_json::from_slice(&meta).map_err(|_| format::damaged("its description"))?;
    let labels = match meta.labelled {
        true => Labels::parse(label_text, origin)?.with_rows(label_rows),
        false => None,
    };
    let rows = labels.as_ref().map_or(0, Labels::len);
    if names.len() as u64 != header.images || meta.labelled && rows != names.len() {
        return Err(format::damaged("its number of images"));
    }
    Ok(Cached {
        names,
        image_shape: header.image_shape,
        pixels: MappedFile::open(&file)?,
        labels,
        meta,
    })
}

/// Compares checksums of blocks of pixels with the file.
fn check_blocks(path: &Path, header: &Header, blocks: &[format::BlockDigest]) -> Result<()> {
    if blocks.len() as u64 != header.pixel_bytes().div_ceil(BLOCK as u64) {
        return Err(format::damaged("its list of checksums"));
    }
    let tried = blocks.len().min(BLOCKS_CHECKED);
    (0..tried).into_par_iter().try_for_each(|i| {
        // The first and the last are always among them.
        let block = if tried == 1 {
            0
        } else {
            i * (blocks.len() - 1) / (tried - 1)
        };
        let start = (block * BLOCK) as u64;
        let length = (header.pixel_bytes() - start).min(BLOCK as u64);
        let mut file = fs_err::File::open(path)?;
        file.seek(SeekFrom::Start(HEADER as u64 + start))?;
        let mut bytes = vec![0; length as usize];
        file.read_exact(&mut bytes)?;
        if format::block_digest(Sha256::digest(&bytes).into()) == blocks[block] {
            Ok(())
        } else {
            Err(format::damaged("a block of its pixels"))
        }
    })
}

impl Cached {
    /// Pixels of image `index`, `[channels, height, width]`.
    pub(crate) fn image(&self, index: usize) -> &[u8] {
        let length: usize = self.image_shape.iter().product();
        let start = HEADER + index * length;
        self.pixels.bytes(start..start + length)
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::store;
    use super::*;

    #[test]
    fn what_is_stored_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let cache = PixelCache::open(dir.path()).unwrap();
        assert!(cache.get("k", "t").is_none());
        store(&cache, "k");
        let cached = cache.get("k", "t").unwrap();
        assert_eq!(
            (cached.image(0), cached.image(1)),
            (&[1, 2, 3, 4, 5, 6][..], &[7; 6][..])
        );
        assert_eq!(cached.names.iter().collect::<Vec<_>>(), ["c", "a"]);
        assert_eq!(
            cached.labels.as_ref().unwrap().numbers("x").unwrap(),
            [3.0, 1.0]
        );
        assert_eq!(
            cached.meta.quarantine.iter().next(),
            Some(("b", "it is bad"))
        );
    }

    #[test]
    fn any_damage_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let cache = PixelCache::open(dir.path()).unwrap();
        store(&cache, "k");
        let sound = fs_err::read(cache.path("k")).unwrap();
        // Every byte that means something: the header's text, the pixels and the trailer.
        for at in (0..format::HEADER_TEXT).chain(HEADER..sound.len()) {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x10;
            fs_err::write(cache.path("bad"), &bytes).unwrap();
            assert!(cache.get("bad", "t").is_none(), "byte {at}");
        }
        for end in [0, 10, HEADER, HEADER + 5, sound.len() - 1] {
            fs_err::write(cache.path("bad"), &sound[..end]).unwrap();
            assert!(cache.get("bad", "t").is_none(), "cut at {end}");
        }
    }

    #[test]
    fn the_index_ignores_what_is_no_key() {
        let dir = tempfile::tempdir().unwrap();
        let cache = PixelCache::open(dir.path()).unwrap();
        let key = "0123456789abcdef".repeat(4);
        cache.remember("s", &key).unwrap();
        assert_eq!(cache.content_key("s"), Some(key));
        fs_err::write(dir.path().join("t.index"), "../../etc/passwd").unwrap();
        assert_eq!(cache.content_key("t"), None);
    }
}
