//! Folders that are whole or absent: filled beside their place, then renamed into it.

use std::path::{Path, PathBuf};

use crate::files::output_place::place;
use crate::files::{disk, durable, output_place};
use crate::{Error, ErrorKind, Result};

/// Whether something can be put at `path`: nothing is there, or an empty folder or a link to one.
///
/// # Errors
/// The folder cannot be listed.
pub fn is_free(path: &Path) -> Result<bool> {
    if path.is_dir() {
        return Ok(fs_err::read_dir(path)?.next().is_none());
    }
    // Files, devices, and links that lead nowhere.
    Ok(path.symlink_metadata().is_err())
}

/// Refuses a `path` that is taken, with `hint`.
///
/// # Errors
/// `path` is a file, a link that leads nowhere, or a folder that is not empty.
pub fn require_free(path: &Path, hint: &str) -> Result<()> {
    if is_free(path)? {
        return Ok(());
    }
    let message = format!("{} exists and is not an empty folder", path.display());
    Err(Error::new(ErrorKind::Io, message).with_hint(hint))
}

/// Refuses, with `hint`, a `path` that is taken or that a finished folder could not be [published](publish) to.
///
/// # Errors
/// Those of [`require_free`]; `path` is a mount point or the folder in which this process runs, or the folder above it
/// cannot be written to.
pub fn require_place(path: &Path, hint: &str) -> Result<()> {
    require_free(path, hint)?;
    output_place::require(path, hint)
}

/// An empty folder beside `path`, `.NAME.partial`, to be filled and then given to [`publish`].
/// What an earlier try left there is removed.
///
/// # Errors
/// What is left cannot be removed, or the folder cannot be made.
pub fn begin(path: &Path) -> Result<PathBuf> {
    let partial = partial(path);
    if partial.exists() {
        disk::remove_dir_all(&partial)?;
    }
    disk::create_dir_all(&partial)?;
    Ok(partial)
}

/// Where `path` is made: `.NAME.partial` beside it.
pub fn partial(path: &Path) -> PathBuf {
    beside(path, durable::PARTIAL)
}

/// Fills a folder by `write`, which is given the one beside `path`, and [publishes](publish) it. After an error nothing is
/// left, so that a disk that is full has room again.
///
/// # Errors
/// Those of `write`; the folder cannot be made or published.
pub fn fill<T>(path: &Path, write: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let partial = begin(path)?;
    let filled = write(&partial).and_then(|done| publish(&partial, path).map(|()| done));
    if filled.is_err() {
        let _ = disk::remove_dir_all(&partial);
    }
    filled
}

/// Forces the finished folder to the disk and renames it into its place, which may be an empty folder.
///
/// # Errors
/// The place has been taken meanwhile, or the disk is full.
pub fn publish(partial: &Path, path: &Path) -> Result<()> {
    durable::sync_tree(partial)?;
    let path = place(path);
    if path.is_dir() {
        disk::remove_dir(&path)?;
    }
    durable::rename(partial, &path)
}

/// As [`publish`], over an older folder, of which one or the other is there at any moment: it is renamed to
/// [`aside`], and removed when the new one is in its place.
///
/// # Errors
/// A folder cannot be renamed or removed, or the disk is full.
pub fn replace(partial: &Path, path: &Path) -> Result<()> {
    durable::sync_tree(partial)?;
    let old = aside(path);
    if path.exists() {
        if old.exists() {
            disk::remove_dir_all(&old)?;
        }
        durable::rename(path, &old)?;
    }
    durable::rename(partial, path)?;
    if old.exists() {
        disk::remove_dir_all(&old)?;
    }
    Ok(())
}

/// Removes the folder `path`, which is gone at once: a crash leaves no part of it under its name.
///
/// # Errors
/// It cannot be renamed or removed.
pub fn remove(path: &Path) -> Result<()> {
    let partial = partial(path);
    if partial.exists() {
        disk::remove_dir_all(&partial)?;
    }
    durable::rename(path, &partial)?;
    disk::remove_dir_all(&partial)
}

/// Where [`replace`] keeps the older folder for a moment: `.NAME.old`.
pub fn aside(path: &Path) -> PathBuf {
    beside(path, ".old")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let path = place(path);
    let name = path.file_name().unwrap_or("output".as_ref());
    path.with_file_name(format!(".{}{ending}", name.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::disk::faults;
    use crate::files::disk::faults::Fault;

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

    const CHILD: &str = "files::output_folder::tests::a_folder_to_be_disturbed";

    /// One folder replaces another, one is published, one removed.
    #[test]
    fn a_folder_to_be_disturbed() {
        let Some(folder) = faults::folder() else {
            return;
        };
        let fill = |partial: &Path| disk::write(&partial.join("a"), "the new one");
        let partial = begin(&folder.join("replaced")).unwrap();
        fill(&partial).unwrap();
        replace(&partial, &folder.join("replaced")).unwrap();
        super::fill(&folder.join("published"), fill).unwrap();
        remove(&folder.join("removed")).unwrap();
    }

    #[test]
    fn folders_are_whole_whenever_the_process_dies() {
        let begin = || {
            let dir = tempfile::tempdir().unwrap();
            for name in ["replaced", "removed"] {
                fs_err::create_dir(dir.path().join(name)).unwrap();
                fs_err::write(dir.path().join(name).join("a"), "old").unwrap();
            }
            dir
        };
        let read = |folder: PathBuf| match folder.exists() {
            true => fs_err::read_to_string(folder.join("a")).unwrap(),
            false => String::new(),
        };
        let changes = faults::child(CHILD, begin().path(), Fault::Nothing).changes();
        for kill in faults::kills(&changes, 1) {
            let dir = begin();
            assert!(!faults::child(CHILD, dir.path(), kill).success);
            let path = |name| dir.path().join(name);
            let replaced = match path("replaced").exists() {
                true => read(path("replaced")),
                false => read(aside(&path("replaced"))),
            };
            assert!(
                ["old", "the new one"].contains(&replaced.as_str()),
                "{kill:?}"
            );
            let published = read(path("published"));
            assert!(
                ["", "the new one"].contains(&published.as_str()),
                "{kill:?}"
            );
            assert!(
                ["", "old"].contains(&read(path("removed")).as_str()),
                "{kill:?}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_filled_where_they_lead() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name| dir.path().join(name);
        fs_err::create_dir(path("real")).unwrap();
        std::os::unix::fs::symlink("real", path("link")).unwrap();
        require_place(&path("link"), "").unwrap();
        super::fill(&path("link"), |partial| {
            disk::write(&partial.join("a"), "x")
        })
        .unwrap();
        assert!(path("link").is_symlink() && path("real/a").is_file());
        std::os::unix::fs::symlink("nowhere", path("dangling")).unwrap();
        assert!(require_place(&path("dangling"), "").is_err());
    }

    #[test]
    fn folders_are_replaced_and_nothing_is_left_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        for round in ["first", "second"] {
            let partial = begin(&path).unwrap();
            fs_err::write(partial.join(round), "").unwrap();
            replace(&partial, &path).unwrap();
            assert!(path.join(round).is_file());
        }
        assert!(!path.join("first").exists() && !aside(&path).exists());
    }
}
