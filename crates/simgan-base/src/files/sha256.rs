//! SHA-256 of what is written or read, in little memory.

use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

/// A writer that hashes and counts what passes through it.
pub struct Hashing<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

/// SHA-256 as hexadecimal, and the number of bytes it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digested {
    /// The digest, 64 digits.
    pub sha256: String,
    /// Bytes hashed.
    pub bytes: u64,
}

impl<W: Write> Hashing<W> {
    /// Passes everything on to `inner`.
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    /// The writer, not flushed, and what has passed.
    pub fn finish(self) -> (W, Digested) {
        let digested = Digested {
            sha256: hex(&self.hash.finalize()),
            bytes: self.bytes,
        };
        (self.inner, digested)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Of a whole file.
///
/// # Errors
/// It cannot be read; names it.
pub fn of_file(path: &Path) -> io::Result<Digested> {
    let mut hashing = Hashing::new(io::sink());
    io::copy(&mut fs_err::File::open(path)?, &mut hashing)?;
    Ok(hashing.finish().1)
}

/// Of bytes, as hexadecimal.
pub fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_streams_hash_alike() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let mut hashing = Hashing::new(fs_err::File::create(&path).unwrap());
        hashing.write_all(b"ab").unwrap();
        hashing.write_all(b"c").unwrap();
        let (_, digested) = hashing.finish();
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((digested.sha256.as_str(), digested.bytes), (expected, 3));
        assert_eq!(of_file(&path).unwrap(), digested);
        assert_eq!(of_bytes(b"abc"), expected);
    }
}
