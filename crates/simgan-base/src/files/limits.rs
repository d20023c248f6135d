//! How much of each kind of file is read: a larger one is refused before any of it is.

use std::io::Read;
use std::path::Path;

use crate::{Error, ErrorKind, Result};

/// Most bytes of one kind of file, and the kind of the error about a larger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Most bytes.
    pub bytes: u64,
    /// What is wrong if there are more, or if it cannot be read as what it is.
    pub kind: ErrorKind,
}

impl Limit {
    const fn new(kind: ErrorKind, bytes: u64) -> Self {
        Self { bytes, kind }
    }

    /// Checks a length that is known already.
    ///
    /// # Errors
    /// "it has N bytes; at most M are read".
    pub fn check(self, bytes: u64) -> Result<()> {
        if bytes <= self.bytes {
            return Ok(());
        }
        let most = self.bytes;
        let what = format!("it has {bytes} bytes; at most {most} are read");
        Err(Error::new(self.kind, what))
    }
}

const MIB: u64 = 1 << 20;

/// An image: an uncompressed photograph of 24 megapixels has 72 MB. JPEG files, which are kept in memory, less: below.
pub const IMAGE: Limit = Limit::new(ErrorKind::Data, 80 * MIB);
/// A JPEG image.
pub const JPEG: Limit = Limit::new(ErrorKind::Data, 24 * MIB);
/// A label table.
pub const LABELS: Limit = Limit::new(ErrorKind::Data, 1024 * MIB);
/// The description or labels of one image (`N.json`; `KEY.json` and `KEY.cls` in a tar).
pub const DESCRIPTION: Limit = Limit::new(ErrorKind::Data, MIB);
/// A MATLAB file.
pub const MATLAB: Limit = Limit::new(ErrorKind::Data, 32 * MIB);
/// NYU's joints of all frames.
pub const JOINTS: Limit = Limit::new(ErrorKind::Data, 512 * MIB);
/// One of MPIIGaze's evaluation lists.
pub const EVALUATION_LIST: Limit = Limit::new(ErrorKind::Data, 16 * MIB);
/// A manifest of refined images, and of whatever else describes a data set.
pub const DATA_MANIFEST: Limit = Limit::new(ErrorKind::Data, MIB);
/// Hashes of the files of a refined set.
pub const SUMS: Limit = Limit::new(ErrorKind::Data, 1024 * MIB);
/// A configuration, a table of trainings.
pub const CONFIG: Limit = Limit::new(ErrorKind::Config, MIB);
/// Manifests and states of runs, checkpoints and models.
pub const MODEL_MANIFEST: Limit = Limit::new(ErrorKind::Model, MIB);
/// Results of `compare`, `judge` and `reproduce`.
pub const RESULT: Limit = Limit::new(ErrorKind::Model, 64 * MIB);
/// An event log.
pub const EVENTS: Limit = Limit::new(ErrorKind::Model, 256 * MIB);
/// An image grid of a run.
pub const GRID: Limit = Limit::new(ErrorKind::Model, 64 * MIB);
/// Weights, moments, a history, the images of a k-NN estimator. The header is looked at first.
pub const TENSORS: Limit = Limit::new(ErrorKind::Model, 8192 * MIB);
/// The header of a file of tensors.
pub const TENSORS_HEADER: Limit = Limit::new(ErrorKind::Model, 4 * MIB);
/// A file of onnxruntime-web, which has about 14 MB.
pub const WEB_RUNTIME: Limit = Limit::new(ErrorKind::Config, 64 * MIB);
/// Names and sizes of the cache's index.
pub const CACHE_INDEX: Limit = Limit::new(ErrorKind::Data, 64);

/// The whole file at `path`.
///
/// # Errors
/// It is missing, no file (a folder, a pipe, a device), or has more bytes than `limit` allows.
pub fn read(path: &Path, limit: Limit) -> Result<Vec<u8>> {
    let file = open(path, limit)?;
    let mut bytes = Vec::with_capacity(file.metadata()?.len() as usize);
    // The file may grow meanwhile.
    file.take(limit.bytes + 1).read_to_end(&mut bytes)?;
    limit
        .check(bytes.len() as u64)
        .map_err(|e| named(path, e))?;
    Ok(bytes)
}

/// As [`read`], of text.
///
/// # Errors
/// Those of [`read`], and text that is not UTF-8.
pub fn read_text(path: &Path, limit: Limit) -> Result<String> {
    String::from_utf8(read(path, limit)?).map_err(|_| {
        let what = format!("{} is not UTF-8 text", path.display());
        Error::new(limit.kind, what)
    })
}

/// Opens the file at `path`, whose length is within `limit`.
///
/// # Errors
/// Those of [`read`].
pub fn open(path: &Path, limit: Limit) -> Result<fs_err::File> {
    let Ok(metadata) = std::fs::metadata(path) else {
        // Opening it says why.
        return Ok(fs_err::File::open(path)?);
    };
    if !metadata.is_file() {
        let what = format!("{} is not a file", path.display());
        return Err(Error::new(limit.kind, what));
    }
    limit.check(metadata.len()).map_err(|e| named(path, e))?;
    Ok(fs_err::File::open(path)?)
}

fn named(path: &Path, error: Error) -> Error {
    let what = format!("{} cannot be used: {error}", path.display());
    Error::new(error.kind(), what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_limit_is_refused_by_name_and_number() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.toml");
        let limit = Limit::new(ErrorKind::Config, 4);
        fs_err::write(&path, "1234").unwrap();
        assert_eq!(read_text(&path, limit).unwrap(), "1234");
        fs_err::write(&path, "12345").unwrap();
        let error = read(&path, limit).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("a.toml cannot be used: it has 5 bytes; at most 4 are read")
        );
        assert_eq!(error.kind(), ErrorKind::Config);
        fs_err::write(&path, [0xff]).unwrap();
        let error = read_text(&path, limit).unwrap_err();
        assert!(error.to_string().ends_with("is not UTF-8 text"));
    }

    #[test]
    fn a_terabyte_of_holes_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("labels.csv");
        let file = fs_err::File::create(&path).unwrap();
        file.set_len(1 << 40).unwrap();
        let error = read(&path, LABELS).unwrap_err();
        assert!(error.to_string().contains("1099511627776 bytes"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_folders_are_not_read() {
        let error = read(Path::new("/dev/zero"), CONFIG).unwrap_err();
        assert_eq!(error.to_string(), "/dev/zero is not a file");
        assert!(read(Path::new("/"), CONFIG).is_err());
        assert!(read(Path::new("/no such file"), CONFIG).is_err());
    }
}
