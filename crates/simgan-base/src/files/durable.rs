//! Writing that a crash cannot leave half done: beside the place first, forced to the disk, then renamed into it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::Result;
use crate::files::disk;
use crate::files::disk::Change;

/// Writes `bytes` to the file `path`: whatever happens, it is then the old one or the new one, whole.
///
/// # Errors
/// The folder of `path` cannot be written to, or the disk is full; the old file stays.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    let bytes = bytes.as_ref();
    write_whole(path, bytes).map_err(|cause| disk::not_written(path, bytes.len(), cause))
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(PARTIAL);
    // Temporary files are private to their owner; this one is to be like any other.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = disk::change(Change::Create, path, || {
        builder.tempfile_in(folder_of(path))
    })?;
    disk::write_to(file.as_file(), path, bytes)?;
    disk::change(Change::Sync, path, || file.as_file().sync_all())?;
    disk::change(Change::Rename, path, || {
        file.persist(path).map_err(|e| e.error)
    })?;
    sync_folder(folder_of(path))
}

/// How the names of what is not finished end.
pub const PARTIAL: &str = ".partial";

/// Renames a file or folder, for good.
///
/// # Errors
/// `to` is taken by a folder that is not empty, or lies on another file system.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    disk::change(Change::Rename, to, || fs_err::rename(from, to))?;
    Ok(sync_folder(folder_of(to))?)
}

/// Above so many files one call for the whole file system takes less time than one a file.
const MANY_FILES: usize = 256;

/// Forces everything in `folder` to the disk: the files, then the folders that name them.
///
/// # Errors
/// The disk is full, or failed.
pub fn sync_tree(folder: &Path) -> Result<()> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    let mut seen = 0;
    while let Some(folder) = folders.get(seen).cloned() {
        seen += 1;
        for entry in fs_err::read_dir(&folder)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => folders.push(entry.path()),
                false => files.push(entry.path()),
            }
            // Not even counted to the end: a set may have millions.
            if files.len() == MANY_FILES + 1 && sync_file_system(&folder)? {
                return Ok(());
            }
        }
    }
    files.par_iter().try_for_each(sync_file)?;
    folders
        .iter()
        .rev()
        .try_for_each(|folder| sync_folder(folder))?;
    Ok(())
}

/// Forces the files `files` of one file system to the disk, then the folders that name them.
///
/// # Errors
/// The disk is full, or failed.
pub fn sync_files(files: &[PathBuf]) -> Result<()> {
    let many = files.first().filter(|_| files.len() > MANY_FILES);
    if let Some(file) = many
        && sync_file_system(folder_of(file))?
    {
        return Ok(());
    }
    files.iter().try_for_each(sync_file)?;
    let folders: BTreeSet<&Path> = files.iter().map(|file| folder_of(file)).collect();
    Ok(folders.into_iter().try_for_each(sync_folder)?)
}

/// Whether the system has such a call.
#[cfg(target_os = "linux")]
fn sync_file_system(folder: &Path) -> io::Result<bool> {
    let sync = || Ok(rustix::fs::syncfs(fs_err::File::open(folder)?)?);
    disk::change(Change::Sync, folder, sync)?;
    Ok(true)
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(_folder: &Path) -> io::Result<bool> {
    Ok(false)
}

fn sync_file(path: &PathBuf) -> io::Result<()> {
    // Some systems flush only what can be written to.
    let sync = || {
        let file = fs_err::OpenOptions::new().write(true).open(path)?;
        file.sync_all()
    };
    disk::change(Change::Sync, path, sync)
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let sync = || fs_err::File::open(path)?.sync_all();
    match disk::change(Change::Sync, path, sync) {
        // File systems that know no such thing.
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        done => done,
    }
}

/// Folders cannot be opened here; the system itself writes names in order.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::files::disk::faults;
    use crate::files::disk::faults::Fault;

    #[test]
    fn files_are_replaced_whole_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        write(&path, "old").unwrap();
        write(&path, "new").unwrap();
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 1);
    }

    const CHILD: &str = "files::durable::tests::a_file_to_be_disturbed";

    #[test]
    fn a_file_to_be_disturbed() {
        if let Some(folder) = faults::folder() {
            let written = write(&folder.join("a.json"), "the new one");
            println!("{}", written.is_ok());
        }
    }

    #[test]
    fn a_file_is_the_old_one_or_the_new_one_whenever_the_process_dies() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        let changes = faults::child(CHILD, dir.path(), Fault::Nothing).changes();
        assert_eq!(
            faults::counted(&changes),
            "1 Create, 1 Write, 2 Sync, 1 Rename, 0 Remove"
        );
        let mut found = std::collections::BTreeSet::new();
        for kill in faults::kills(&changes, 1) {
            fs_err::write(&path, "old").unwrap();
            assert!(!faults::child(CHILD, dir.path(), kill).success);
            found.insert(fs_err::read_to_string(&path).unwrap());
        }
        assert!(found.iter().eq(["old", "the new one"]), "{found:?}");
    }

    #[cfg(unix)]
    #[test]
    fn files_can_be_read_as_any_other() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (ours, plain) = (dir.path().join("ours"), dir.path().join("plain"));
        write(&ours, "").unwrap();
        fs_err::write(&plain, "").unwrap();
        let mode = |path: &Path| fs_err::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }

    #[test]
    fn what_cannot_be_written_is_named_with_its_size() {
        let dir = tempfile::tempdir().unwrap();
        let error = write(&dir.path().join("none/a.json"), "four").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        let text = error.to_string();
        assert!(
            text.contains("a.json (4 bytes) cannot be written"),
            "{text}"
        );
    }

    #[test]
    fn trees_are_synced_to_the_last_file() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(dir.path().join("a/b")).unwrap();
        fs_err::write(dir.path().join("a/b/c"), "").unwrap();
        sync_tree(dir.path()).unwrap();
        for i in 0..=MANY_FILES {
            fs_err::write(dir.path().join(format!("a/{i}")), "").unwrap();
        }
        sync_tree(dir.path()).unwrap();
        assert!(sync_tree(&dir.path().join("none")).is_err());
    }
}
