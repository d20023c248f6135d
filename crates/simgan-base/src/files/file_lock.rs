//! Locks on files, which go with the process that holds them, however it ends.

use std::fs::TryLockError;
use std::path::{Path, PathBuf};

use crate::files::disk;
use crate::files::disk::Change;
use crate::{Error, Result};

/// A file that this process holds until the lock is dropped.
#[derive(Debug)]
pub struct FileLock {
    file: fs_err::File,
    path: PathBuf,
}

impl FileLock {
    /// Takes the lock on the file `path`, which is made where it is missing; `None` where another has it.
    ///
    /// # Errors
    /// The file cannot be made, or its file system knows no locks.
    pub fn try_take(path: &Path) -> Result<Option<Self>> {
        let file = open(path)?;
        match file.file().try_lock() {
            Ok(()) => Ok(Some(Self::of(file, path))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(cannot_be_locked(path, e)),
        }
    }

    /// As [`try_take`](Self::try_take), waiting for whoever has it.
    ///
    /// # Errors
    /// Those of [`try_take`](Self::try_take).
    pub fn take(path: &Path) -> Result<Self> {
        let file = open(path)?;
        file.file().lock().map_err(|e| cannot_be_locked(path, e))?;
        Ok(Self::of(file, path))
    }

    fn of(file: fs_err::File, path: &Path) -> Self {
        Self {
            file,
            path: path.to_owned(),
        }
    }

    /// Whether the file still has its name: whoever had the lock before may have removed it.
    pub fn is_current(&self) -> bool {
        match (self.file.metadata(), std::fs::metadata(&self.path)) {
            (Ok(held), Ok(named)) => is_same(&held, &named),
            _ => false,
        }
    }
}

#[cfg(unix)]
fn is_same(a: &std::fs::Metadata, b: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// A file that is open cannot be removed here.
#[cfg(not(unix))]
fn is_same(_: &std::fs::Metadata, _: &std::fs::Metadata) -> bool {
    true
}

fn open(path: &Path) -> Result<fs_err::File> {
    let mut options = fs_err::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    Ok(disk::change(Change::Create, path, || options.open(path))?)
}

fn cannot_be_locked(path: &Path, cause: std::io::Error) -> Error {
    Error::io(format!("{} cannot be locked", path.display()), cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_at_a_time_and_knows_when_it_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let lock = FileLock::take(&path).unwrap();
        assert!(FileLock::try_take(&path).unwrap().is_none() && lock.is_current());
        fs_err::remove_file(&path).unwrap();
        assert!(!lock.is_current());
        let other = FileLock::try_take(&path).unwrap().unwrap();
        assert!(other.is_current() && !lock.is_current());
        drop(other);
        assert!(FileLock::try_take(&path).unwrap().is_some());
    }
}
