//! Where an output folder really lies, and whether a finished folder can be renamed to it: found out before the work.

use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind, Result};

/// Checks that a folder can be made beside `path` and renamed to it; an empty folder there would be replaced.
///
/// # Errors
/// The folder above cannot be written to; the empty folder is a mount point, the folder in which this process runs, or
/// belongs to somebody else in a folder that all may write to.
pub(super) fn require(path: &Path, hint: &str) -> Result<()> {
    let place = std::path::absolute(place(path))?;
    let above = existing_above(&place);
    let probe = tempfile::Builder::new()
        .prefix(".probe-")
        .tempdir_in(&above);
    let probe = probe.map_err(|cause| {
        let what = format!("{} cannot be made in {}", path.display(), above.display());
        let error = Error::io(what, cause);
        match error.hint() {
            Some(_) => error,
            None => error.with_hint(hint),
        }
    })?;
    match place
        .is_dir()
        .then(|| obstacle(&place, &above, probe.path()))
    {
        Some(Some(why)) => Err(refused(path, why, hint)),
        _ => Ok(()),
    }
}

/// The whole path to `path`, whose last folders need not exist, without links.
///
/// # Errors
/// A folder above cannot be looked into.
pub fn resolved(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(place(path))?;
    let existing = path.ancestors().find(|folder| folder.exists());
    let existing = existing.unwrap_or(Path::new("/"));
    let below = path.strip_prefix(existing).unwrap_or(Path::new(""));
    let root = fs_err::canonicalize(existing)?;
    Ok(match below.as_os_str().is_empty() {
        true => root,
        false => root.join(below),
    })
}

/// Where `path` lies: what a link leads to, and the name of a folder that is given without one (`..`).
pub(super) fn place(path: &Path) -> PathBuf {
    match path.is_symlink() || path.file_name().is_none() {
        true => fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        false => path.to_owned(),
    }
}

/// The nearest folder above `place` that exists.
fn existing_above(place: &Path) -> PathBuf {
    let above = place.ancestors().skip(1).find(|above| above.is_dir());
    above.unwrap_or(Path::new("/")).to_owned()
}

fn refused(path: &Path, why: &str, hint: &str) -> Error {
    let message = format!(
        "{} is {why}: the finished folder could not take its place",
        path.display()
    );
    let hint = format!(
        "{hint}, or a new folder in this one: {}",
        path.join("NAME").display()
    );
    Error::new(ErrorKind::Io, message).with_hint(hint)
}

/// Why the empty folder `place` cannot be replaced by one like `probe` beside it.
fn obstacle(place: &Path, above: &Path, probe: &Path) -> Option<&'static str> {
    let current = std::env::current_dir().and_then(fs_err::canonicalize);
    if current.is_ok_and(|current| fs_err::canonicalize(place).is_ok_and(|p| p == current)) {
        return Some("the folder in which this command runs");
    }
    if is_mount_point(place, above) {
        return Some("a mount point");
    }
    is_of_another(place, above, probe)
        .then_some("another user's, in a folder that all may write to")
}

#[cfg(target_os = "linux")]
fn is_mount_point(place: &Path, above: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    let found = statx(CWD, place, AtFlags::empty(), StatxFlags::BASIC_STATS);
    let is_root = found.is_ok_and(|s| s.stx_attributes.contains(StatxAttributes::MOUNT_ROOT));
    is_root || is_on_other_device(place, above)
}

#[cfg(not(target_os = "linux"))]
fn is_mount_point(place: &Path, above: &Path) -> bool {
    is_on_other_device(place, above)
}

#[cfg(unix)]
fn is_on_other_device(place: &Path, above: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path| std::fs::metadata(path).map(|m| m.dev()).ok();
    device(place) != device(above)
}

#[cfg(not(unix))]
fn is_on_other_device(_place: &Path, _above: &Path) -> bool {
    false
}

/// Whether the sticky bit of `above` keeps whoever made `probe` from renaming `place`.
#[cfg(unix)]
fn is_of_another(place: &Path, above: &Path, probe: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    const STICKY: u32 = 0o1000;
    let read = |path| std::fs::metadata(path);
    let (Ok(place), Ok(above), Ok(probe)) = (read(place), read(above), read(probe)) else {
        return false;
    };
    let own = [0, place.uid(), above.uid()].contains(&probe.uid());
    above.mode() & STICKY != 0 && !own
}

#[cfg(not(unix))]
fn is_of_another(_place: &Path, _above: &Path, _probe: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(path: &Path) -> String {
        let error = require(path, "give --out another folder").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.hint().is_some_and(|hint| hint.contains("--out")));
        error.to_string()
    }

    #[test]
    fn new_and_empty_folders_can_be_put_anywhere_below_a_folder_of_ones_own() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::create_dir(dir.path().join("empty")).unwrap();
        for name in ["empty", "new", "a/b/new"] {
            require(&dir.path().join(name), "").unwrap();
        }
        assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_folder_in_which_the_process_runs_is_refused() {
        assert!(error(Path::new(".")).contains("in which this command runs"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn mount_points_and_read_only_file_systems_are_refused() {
        // Every Linux has them.
        for mount in ["/proc", "/dev"] {
            let text = error(Path::new(mount));
            assert!(
                text.starts_with(&format!("{mount} is a mount point")),
                "{text}"
            );
        }
        assert!(error(Path::new("/proc/new")).contains("/proc/new cannot be made in /proc"));
    }
}
