//! Folders that are whole or absent: filled beside their place, then renamed into it.

use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind, Result};

/// Whether something can be put at `path`: it does not exist or is an empty folder.
///
/// # Errors
/// The folder cannot be listed.
pub fn is_free(path: &Path) -> Result<bool> {
    let taken = path.is_file() || path.is_dir() && fs_err::read_dir(path)?.next().is_some();
    Ok(!taken)
}

/// Refuses a `path` that is taken, with `hint`.
///
/// # Errors
/// `path` is a file or a folder that is not empty.
pub fn require_free(path: &Path, hint: &str) -> Result<()> {
    if is_free(path)? {
        return Ok(());
    }
    let message = format!("{} exists and is not an empty folder", path.display());
    Err(Error::new(ErrorKind::Io, message).with_hint(hint))
}

/// An empty folder beside `path`, `.NAME.partial`, to be filled and then given to [`publish`].
/// What an earlier try left there is removed.
///
/// # Errors
/// What is left cannot be removed, or the folder cannot be made.
pub fn begin(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or("output".as_ref());
    let partial = path.with_file_name(format!(".{}.partial", name.to_string_lossy()));
    if partial.exists() {
        fs_err::remove_dir_all(&partial)?;
    }
    fs_err::create_dir_all(&partial)?;
    Ok(partial)
}

/// Renames the finished folder into its place, which may be an empty folder.
///
/// # Errors
/// The place has been taken meanwhile.
pub fn publish(partial: &Path, path: &Path) -> Result<()> {
    if path.is_dir() {
        fs_err::remove_dir(path)?;
    }
    Ok(fs_err::rename(partial, path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_appear_whole_and_never_over_something() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        fs_err::create_dir(&path).unwrap();
        require_free(&path, "").unwrap();
        let partial = begin(&path).unwrap();
        fs_err::write(partial.join("old"), "").unwrap();
        let partial = begin(&path).unwrap();
        assert!(is_free(&partial).unwrap(), "an earlier try is removed");
        fs_err::write(partial.join("new"), "").unwrap();
        publish(&partial, &path).unwrap();
        assert!(path.join("new").is_file() && !partial.exists());
        let error = require_free(&path, "give another").unwrap_err();
        assert_eq!(
            (error.kind(), error.hint()),
            (ErrorKind::Io, Some("give another"))
        );
        assert!(publish(&begin(&path).unwrap(), &path).is_err());
    }
}
