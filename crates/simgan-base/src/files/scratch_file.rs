//! A file that is being written and has no name until it is whole, so that no end of the process leaves a part of it.

use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;
use tempfile::NamedTempFile;

use crate::files::file_lock::FileLock;

/// How the names of such files begin where the file system gives none without a name.
const PREFIX: &str = "partial-";

/// A file without a name. Where the file system knows no such thing it is called `partial-...` and locked, and
/// [`remove_stale`] takes away what dead processes left.
#[derive(Debug)]
pub struct ScratchFile {
    kind: Kind,
    folder: PathBuf,
}

#[derive(Debug)]
enum Kind {
    #[cfg(target_os = "linux")]
    Unnamed(std::fs::File),
    Named(NamedTempFile),
}

impl ScratchFile {
    /// An empty file in `folder`, that only its owner can read.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn create_in(folder: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = linux::unnamed_in(folder) {
            return Ok(Self::of(Kind::Unnamed(file), folder));
        }
        Self::named_in(folder)
    }

    fn named_in(folder: &Path) -> io::Result<Self> {
        loop {
            let file = tempfile::Builder::new()
                .prefix(PREFIX)
                .tempfile_in(folder)?;
            // Some file systems know no locks: nobody can then take the file for a dead process's.
            let _ = file.as_file().lock();
            if file.path().exists() {
                return Ok(Self::of(Kind::Named(file), folder));
            }
        }
    }

    fn of(kind: Kind, folder: &Path) -> Self {
        let folder = folder.to_owned();
        Self { kind, folder }
    }

    /// Says where it happened: a file without a name has no path.
    fn named(&self, error: io::Error) -> io::Error {
        about(&self.folder, error)
    }

    fn file(&self) -> &std::fs::File {
        match &self.kind {
            #[cfg(target_os = "linux")]
            Kind::Unnamed(file) => file,
            Kind::Named(file) => file.as_file(),
        }
    }

    /// Forces the file to the disk and gives it the name `path`, in its folder, in place of an older file.
    ///
    /// # Errors
    /// The disk is full, or the folder cannot be written to.
    pub fn persist(self, path: &Path) -> io::Result<()> {
        self.file().sync_all().map_err(|e| self.named(e))?;
        let persisted = match self.kind {
            #[cfg(target_os = "linux")]
            Kind::Unnamed(file) => linux::name(&file, path),
            Kind::Named(file) => file.persist(path).map(|_| ()).map_err(|e| e.error),
        };
        persisted.map_err(|e| about(&self.folder, e))
    }
}

fn about(folder: &Path, error: io::Error) -> io::Error {
    let what = format!("a file in {}: {error}", folder.display());
    io::Error::new(error.kind(), what)
}

impl io::Write for ScratchFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes).map_err(|e| self.named(e))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush().map_err(|e| self.named(e))
    }
}

impl io::Seek for ScratchFile {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file().seek(to).map_err(|e| self.named(e))
    }
}

/// Removes what dead processes left in `folder`. What cannot be removed does no harm but take room.
pub fn remove_stale(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let is_partial = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_partial && matches!(FileLock::try_take(&entry.path()), Ok(Some(_))) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::{Path, PathBuf};

    use rustix::fs::{AtFlags, CWD, Mode, OFlags};

    /// A file that the system removes with its last user; `None` where there is no such thing.
    pub(super) fn unnamed_in(folder: &Path) -> Option<File> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR).ok()?);
        // Without this link it could never be named.
        link_to(&file).exists().then_some(file)
    }

    /// Names the file. Another one of this name makes room first: a process that dies in between leaves none.
    pub(super) fn name(file: &File, path: &Path) -> io::Result<()> {
        let link = || rustix::fs::linkat(CWD, link_to(file), CWD, path, AtFlags::SYMLINK_FOLLOW);
        loop {
            match link() {
                Err(rustix::io::Errno::EXIST) => match fs_err::remove_file(path) {
                    Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                    _ => {}
                },
                named => return Ok(named?),
            }
        }
    }

    fn link_to(file: &File) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn both_kinds_come_out_whole_and_replace_an_older_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let kinds = [ScratchFile::create_in, ScratchFile::named_in];
        for (create, text) in kinds.into_iter().zip(["first", "second"]) {
            let mut file = create(dir.path()).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.persist(&path).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            let again = ScratchFile::create_in(dir.path()).unwrap();
            again.persist(&path).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "");
        }
        assert_eq!(names(dir.path()), ["a"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_has_no_name_before_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let file = ScratchFile::create_in(dir.path()).unwrap();
        assert!(names(dir.path()).is_empty() || matches!(file.kind, Kind::Named(_)));
    }

    #[test]
    fn what_dead_processes_left_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let alive = ScratchFile::named_in(dir.path()).unwrap();
        for name in ["partial-dead", "other"] {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        remove_stale(dir.path());
        let mut left = names(dir.path());
        left.retain(|name| name != "other");
        assert!(left.len() == 1 && left[0] != "partial-dead", "{left:?}");
        drop(alive);
        assert_eq!(names(dir.path()), ["other"]);
    }
}
