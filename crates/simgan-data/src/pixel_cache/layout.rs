//! The bytes of a cache file: header, checksummed blocks, sections of the trailer.

use std::io::{Read, Write};

use sha2::{Digest, Sha256};

use simgan_base::{Error, Result};

/// Bytes of the header: one page, so that the pixels start at a page.
pub(crate) const HEADER: usize = 4096;
/// Bytes of the header that carry something.
pub(crate) const HEADER_TEXT: usize = 112;
/// Bytes of pixels under one checksum.
pub(crate) const BLOCK: usize = 1 << 20;
/// First bytes of every cache file.
const MAGIC: &[u8; 8] = b"SIMGANPX";
/// Version of this layout and of what the chain does to pixels: another one is made again.
pub(crate) const VERSION: u32 = 4;

/// The first 8 bytes of a SHA-256.
pub(crate) type BlockDigest = [u8; 8];

/// The error of a file that is not as it was written; `what` is wrong.
pub(crate) fn damaged(what: &str) -> Error {
    Error::data(format!("{what} cannot be right"))
}

/// What the first page says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    pub(crate) image_shape: [usize; 3],
    pub(crate) images: u64,
    pub(crate) trailer_bytes: u64,
    pub(crate) trailer_sha256: [u8; 32],
}

impl Header {
    /// Bytes of all pixels, no more than `u64` holds: [`read`](Self::read) has checked it.
    pub(crate) fn pixel_bytes(&self) -> u64 {
        let shape = self.image_shape.iter();
        shape.fold(self.images, |n, &side| n.saturating_mul(side as u64))
    }

    /// Where the trailer starts.
    pub(crate) fn trailer_offset(&self) -> u64 {
        self.pixel_bytes().saturating_add(HEADER as u64)
    }

    /// Magic, version, shape, images, trailer, and a SHA-256 of all that.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        self.image_shape
            .iter()
            .for_each(|&n| bytes.extend((n as u32).to_le_bytes()));
        bytes.extend(self.images.to_le_bytes());
        bytes.extend(self.trailer_bytes.to_le_bytes());
        bytes.extend(self.trailer_sha256);
        // Room for what a later version may add.
        bytes.resize(HEADER_TEXT - 32, 0);
        bytes.extend(Sha256::digest(&bytes));
        bytes
    }

    /// Reads the first page, and checks it against the length of the file.
    pub(crate) fn read(file: &mut fs_err::File) -> Result<Self> {
        let mut bytes = [0; HEADER_TEXT];
        file.read_exact(&mut bytes)?;
        let (text, sum) = bytes.split_at(HEADER_TEXT - 32);
        if !text.starts_with(MAGIC) || Sha256::digest(text).as_slice() != sum {
            return Err(damaged("its header"));
        }
        let mut rest = &text[MAGIC.len()..];
        let mut next = |length: usize| {
            let (value, more) = rest.split_at(length);
            rest = more;
            value
                .iter()
                .rev()
                .fold(0u64, |sum, &byte| sum << 8 | u64::from(byte))
        };
        if next(4) != u64::from(VERSION) {
            return Err(damaged("its version"));
        }
        let image_shape = [next(4) as usize, next(4) as usize, next(4) as usize];
        let header = Self {
            image_shape,
            images: next(8),
            trailer_bytes: next(8),
            trailer_sha256: array(rest),
        };
        let length = file.metadata()?.len();
        let end = header.trailer_offset().checked_add(header.trailer_bytes);
        if end != Some(length) || header.pixel_bytes() == 0 || length == u64::MAX {
            return Err(damaged("its length"));
        }
        Ok(header)
    }
}

/// The first `N` bytes, which are there.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    std::array::from_fn(|i| bytes[i])
}

/// What is kept of a block's SHA-256.
pub(crate) fn block_digest(sha256: [u8; 32]) -> BlockDigest {
    array(&sha256)
}

/// Checksums of a stream, block by block.
#[derive(Default)]
pub(crate) struct Blocks {
    hash: Sha256,
    filled: usize,
    digests: Vec<BlockDigest>,
}

impl Blocks {
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.filled));
            self.hash.update(now);
            self.filled += now.len();
            if self.filled == BLOCK {
                self.close();
            }
            bytes = later;
        }
    }

    pub(crate) fn finish(mut self) -> Vec<BlockDigest> {
        if self.filled > 0 {
            self.close();
        }
        self.digests
    }

    fn close(&mut self) {
        self.digests
            .push(block_digest(self.hash.finalize_reset().into()));
        self.filled = 0;
    }
}

/// Hashes and counts what passes through.
pub(crate) struct Hashing<T> {
    inner: T,
    bytes: u64,
    hash: Sha256,
}

impl<T> Hashing<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self {
            inner,
            bytes: 0,
            hash: Sha256::new(),
        }
    }

    /// Number of bytes and their SHA-256.
    pub(crate) fn finish(self) -> (u64, [u8; 32]) {
        (self.bytes, self.hash.finalize().into())
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.pass(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.pass(&bytes[..read]);
        Ok(read)
    }
}

/// Writes a length and so many bytes.
pub(crate) fn write_section(mut writer: impl Write, bytes: &[u8]) -> Result<()> {
    writer.write_all(&(bytes.len() as u64).to_le_bytes())?;
    Ok(writer.write_all(bytes)?)
}

/// Writes a section of numbers.
pub(crate) fn write_numbers<const N: usize>(
    mut writer: impl Write,
    numbers: impl ExactSizeIterator<Item = [u8; N]>,
) -> Result<()> {
    writer.write_all(&((numbers.len() * N) as u64).to_le_bytes())?;
    for number in numbers {
        writer.write_all(&number)?;
    }
    Ok(())
}

/// Reads a section. Memory grows with what is there, not with what a damaged length claims.
pub(crate) fn read_section(mut reader: impl Read) -> Result<Vec<u8>> {
    let mut length = [0; 8];
    reader.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let mut bytes = vec![];
    reader.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(damaged("the length of a section"));
    }
    bytes.shrink_to_fit();
    Ok(bytes)
}

/// Reads a section of numbers.
pub(crate) fn read_numbers<T, const N: usize>(
    reader: impl Read,
    number: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>> {
    let bytes = read_section(reader)?;
    let (numbers, rest) = bytes.as_chunks();
    if !rest.is_empty() {
        return Err(damaged("the length of a section"));
    }
    Ok(numbers.iter().map(|&bytes| number(bytes)).collect())
}
