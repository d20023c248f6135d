//! The files in a tar: names, and where their bytes lie. Nothing is unpacked; names are only names.
//!
//! GNU's and POSIX's long names are read. Folders, links and devices are passed over.

use std::io::{Read, Seek, SeekFrom};

use tar::{Archive, Entry, EntryType, PaxExtensions};

use simgan_base::files::paths;
use simgan_base::{Error, Result};

/// Bytes of a block: headers are one, contents are filled up to whole ones.
const BLOCK: u64 = 512;
/// Most bytes of a long name or of a POSIX header.
const MAX_EXTENSION: u64 = 64 << 10;
/// Most bytes of padding behind the end: writers fill up to some 10 KiB.
const MAX_PADDING: u64 = 1 << 20;
/// First bytes of compressed files, by name of the program.
const COMPRESSED: [(&[u8], &str); 4] = [
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
];

/// A file in a tar.
#[derive(Debug, PartialEq)]
pub(crate) struct TarFile {
    /// Its path, with `/`, which leads nowhere but down.
    pub(crate) name: String,
    /// Where its bytes start in the tar.
    pub(crate) offset: u64,
    /// How many they are.
    pub(crate) bytes: u64,
}

/// Tells `found` every file of the tar in `source`, which has `length` bytes, in order. Contents are passed over.
///
/// # Errors
/// Those of `found`; a tar that is damaged, cut off, compressed or sparse, and a name that leads out of it. The sentence
/// starts with "it".
pub(crate) fn for_each(
    mut source: impl Read + Seek,
    length: u64,
    found: &mut dyn FnMut(TarFile) -> Result<()>,
) -> Result<()> {
    refuse_compressed(&mut source)?;
    let mut archive = Archive::new(source);
    let (mut end, mut about) = (0, Extension::default());
    let entries = archive.entries_with_seek()?.raw(true);
    for entry in entries {
        let mut entry = entry.map_err(|e| {
            let what = format!("it is damaged or no tar: behind byte {end}: {e}");
            Error::data(what).with_source(e)
        })?;
        let start = entry.raw_file_position();
        end = end_of(start, entry.size(), length)?;
        match entry.header().entry_type() {
            EntryType::GNULongName => about.name = Some(content(&mut entry)?),
            EntryType::XHeader => about.read(&content(&mut entry)?)?,
            EntryType::GNULongLink | EntryType::XGlobalHeader => {}
            EntryType::GNUSparse => return Err(sparse()),
            EntryType::Regular | EntryType::Continuous => {
                if let Some(file) = std::mem::take(&mut about).file(&entry)? {
                    found(file)?;
                }
            }
            _ => about = Extension::default(),
        }
    }
    check_end(archive.into_inner(), end, length)
}

fn refuse_compressed(source: &mut (impl Read + Seek)) -> Result<()> {
    let mut start = vec![];
    source.by_ref().take(8).read_to_end(&mut start)?;
    source.rewind()?;
    match COMPRESSED
        .iter()
        .find(|(magic, _)| start.starts_with(magic))
    {
        Some((_, program)) => Err(compressed(program)),
        None => Ok(()),
    }
}

/// The error of a compressed tar.
pub(crate) fn compressed(program: &str) -> Error {
    Error::data(format!("it is compressed ({program})")).with_hint(
        "unpack it to a plain .tar first: images are read from anywhere in it, which a compressed one does not allow",
    )
}

fn sparse() -> Error {
    Error::data("it holds a sparse file").with_hint("write the tar again without --sparse")
}

/// Where the blocks of a content end.
fn end_of(start: u64, bytes: u64, length: u64) -> Result<u64> {
    let end = start.checked_add(bytes).filter(|&end| end <= length);
    let end = end.ok_or_else(|| {
        Error::data(format!(
            "it ends early: an entry at byte {start} has {bytes} bytes, but the file ends at byte {length}"
        ))
    })?;
    Ok(end.next_multiple_of(BLOCK))
}

/// An archive ends with blocks of zeros. The last block tells a whole archive from one that was cut between two entries.
/// What is no zero behind it is another archive, of which readers would see nothing.
fn check_end(mut source: impl Read + Seek, end: u64, length: u64) -> Result<()> {
    if end + BLOCK > length {
        return Err(Error::data(format!(
            "it ends early: at byte {length}, without the zeros that end a tar"
        )));
    }
    if length - end > MAX_PADDING {
        let more = length - end;
        return Err(Error::data(format!("it has {more} bytes behind its end")));
    }
    source.seek(SeekFrom::Start(end))?;
    let mut block = [0; BLOCK as usize];
    for at in (end..length).step_by(BLOCK as usize) {
        let block = &mut block[..BLOCK.min(length - at) as usize];
        source.read_exact(block)?;
        if block.iter().any(|&byte| byte != 0) {
            return Err(more_behind_end(block, at));
        }
    }
    Ok(())
}

/// The error of a block behind the end that is not zeros, at byte `at`.
fn more_behind_end(block: &[u8], at: u64) -> Error {
    let is_header = block.get(257..262) == Some(b"ustar");
    match is_header {
        true => Error::data(format!(
            "it is two tars in one file: another one begins at byte {at}"
        ))
        .with_hint("cut it there, or join the tars with `tar --concatenate`"),
        false => Error::data(format!("it has something behind its end, at byte {at}")),
    }
}

/// The content of an entry that describes the next one.
fn content(entry: &mut Entry<impl Read>) -> Result<Vec<u8>> {
    if entry.size() > MAX_EXTENSION {
        return Err(Error::data(format!(
            "it has a header of {} bytes; at most {MAX_EXTENSION} are read",
            entry.size()
        )));
    }
    let mut bytes = vec![];
    entry.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What is said of an entry before it comes.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    bytes: Option<u64>,
}

impl Extension {
    fn read(&mut self, text: &[u8]) -> Result<()> {
        let malformed = || Error::data("it has a malformed POSIX header");
        for pair in PaxExtensions::new(text) {
            let pair = pair.map_err(|_| malformed())?;
            match pair.key_bytes() {
                b"path" => self.name = Some(pair.value_bytes().to_vec()),
                b"size" => {
                    let bytes = pair.value().ok().and_then(|text| text.parse().ok());
                    self.bytes = Some(bytes.ok_or_else(malformed)?);
                }
                key if key.starts_with(b"GNU.sparse") => return Err(sparse()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The file that `entry` is; none if its name says that it is a folder, which is the way of old tars.
    fn file(self, entry: &Entry<impl Read>) -> Result<Option<TarFile>> {
        let name = match &self.name {
            Some(name) => name.strip_suffix(b"\0").unwrap_or(name),
            None => &entry.header().path_bytes(),
        };
        let name = str::from_utf8(name).map_err(|_| {
            let name = String::from_utf8_lossy(name);
            Error::data(format!("its entry `{name}` has a name that is not UTF-8"))
        })?;
        if self.bytes.is_some_and(|bytes| bytes != entry.size()) {
            return Err(Error::data(format!(
                "it says two sizes of its entry `{name}`"
            )));
        }
        if name.ends_with('/') {
            return Ok(None);
        }
        let below = paths::below(name).ok_or_else(|| {
            Error::data(format!(
                "its entry `{}` leads out of it",
                name.escape_debug()
            ))
            .with_hint("names in a tar are paths downwards, without `..`; write it again")
        })?;
        Ok(Some(TarFile {
            name: below,
            offset: entry.raw_file_position(),
            bytes: entry.size(),
        }))
    }
}

#[cfg(test)]
mod tests;
