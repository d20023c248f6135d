//! Everything that changes the disk while a training, a model or a result is written.
//!
//! Errors name the path and, where something is written, the bytes. Tests make any single change fail, or kill the process
//! there (`faults`).

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod faults;
#[cfg(any(test, feature = "testing"))]
use faults::before;

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new file or folder.
    Create,
    /// Bytes of a file.
    Write,
    /// Forcing to the disk.
    Sync,
    /// Another name.
    Rename,
    /// Fewer files.
    Remove,
}

/// Where tests interrupt; `half` does half of the change.
#[cfg(not(any(test, feature = "testing")))]
fn before(_change: Change, _path: &Path, _half: impl FnOnce()) -> io::Result<()> {
    Ok(())
}

/// Does the change `whole` of `path`, which has no middle.
pub fn change<T>(
    change: Change,
    path: &Path,
    whole: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    before(change, path, || ())?;
    whole()
}

/// Writes `bytes` to `file`, which is that of `path` or will be.
pub fn write_to(mut file: &std::fs::File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let half = || drop(file.write_all(&bytes[..bytes.len() / 2]));
    before(Change::Write, path, half)?;
    let mut file = file;
    file.write_all(bytes)
}

/// The error for `bytes` that could not be written to `path`.
pub fn not_written(path: &Path, bytes: usize, cause: io::Error) -> Error {
    let what = format!("{} ({bytes} bytes) cannot be written", path.display());
    Error::io(what, cause)
}

/// Writes a file of a folder that has no final name yet; [`durable::write`](crate::files::durable::write) is for any other.
///
/// # Errors
/// Names path and bytes.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    let bytes = bytes.as_ref();
    let file = change(Change::Create, path, || std::fs::File::create(path));
    file.and_then(|file| write_to(&file, path, bytes))
        .map_err(|cause| not_written(path, bytes.len(), cause))
}

/// Makes a folder and those above it, unless it is there.
pub fn create_dir_all(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    Ok(change(Change::Create, path, || {
        fs_err::create_dir_all(path)
    })?)
}

/// Removes a folder with all that is in it.
pub fn remove_dir_all(path: &Path) -> Result<()> {
    before(Change::Remove, path, || remove_half(path))?;
    Ok(fs_err::remove_dir_all(path)?)
}

/// As far as a removal may come before a crash.
fn remove_half(path: &Path) {
    let files: Vec<_> = std::fs::read_dir(path).into_iter().flatten().collect();
    for file in files.iter().take(files.len() / 2).flatten() {
        let _ = std::fs::remove_file(file.path());
    }
}

/// Removes a file.
pub fn remove_file(path: &Path) -> Result<()> {
    Ok(change(Change::Remove, path, || fs_err::remove_file(path))?)
}

/// Removes an empty folder.
pub fn remove_dir(path: &Path) -> Result<()> {
    Ok(change(Change::Remove, path, || fs_err::remove_dir(path))?)
}

/// A file that grows.
#[derive(Debug)]
pub struct File {
    file: std::fs::File,
    path: PathBuf,
}

impl File {
    /// An empty file in place of an older one.
    pub fn create(path: &Path) -> Result<Self> {
        Ok(Self::open(
            fs_err::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true),
            path,
        )?)
    }

    /// The file at `path`, to be written to at its end.
    pub fn append(path: &Path) -> Result<Self> {
        Ok(Self::open(
            fs_err::OpenOptions::new().create(true).append(true),
            path,
        )?)
    }

    /// A file where there is none.
    pub fn create_new(path: &Path) -> io::Result<Self> {
        Self::open(
            fs_err::OpenOptions::new().write(true).create_new(true),
            path,
        )
    }

    fn open(options: &fs_err::OpenOptions, path: &Path) -> io::Result<Self> {
        let file = change(Change::Create, path, || options.open(path))?;
        Ok(Self {
            file: file.into_file(),
            path: path.to_owned(),
        })
    }

    /// Forces its bytes to the disk.
    pub fn sync(&self) -> Result<()> {
        let synced = change(Change::Sync, &self.path, || self.file.sync_data());
        let what = || format!("{} cannot be forced to the disk", self.path.display());
        synced.map_err(|cause| Error::io(what(), cause))
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match write_to(&self.file, &self.path, bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(cause) => {
                let kind = cause.kind();
                Err(io::Error::new(
                    kind,
                    not_written(&self.path, bytes.len(), cause).to_string(),
                ))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
