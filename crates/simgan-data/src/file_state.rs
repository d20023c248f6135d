//! What the system says of a file without reading it, as far as no program can set it.

use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

/// The coarsest step of a file system's clock: a file that changed so shortly before it was looked at may change again
/// and show the same time.
const CLOCK_STEP: Duration = Duration::from_secs(2);

/// Length, identity and time of the last change of a file.
///
/// The time of modification is not among them: tools set it (`tar`, `rsync`, `touch`), and no tool sets that of the
/// last change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileState {
    /// Length in bytes.
    pub(crate) bytes: u64,
    device: u64,
    inode: u64,
    /// Nanoseconds since 1970.
    changed: i128,
}

impl FileState {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            bytes: metadata.len(),
            device: metadata.dev(),
            inode: metadata.ino(),
            changed: i128::from(metadata.ctime()) * 1_000_000_000
                + i128::from(metadata.ctime_nsec()),
        }
    }

    /// This system has no such time and no such identity: [`is_settled`](Self::is_settled) trusts nothing.
    #[cfg(not(unix))]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            device: 0,
            inode: 0,
            changed: metadata.modified().map_or(0, nanoseconds),
        }
    }

    /// Whether any change of the file since `looked_at` shows in its state.
    pub(crate) fn is_settled(&self, looked_at: SystemTime) -> bool {
        cfg!(unix) && self.changed < nanoseconds(looked_at) - CLOCK_STEP.as_nanos() as i128
    }

    /// Adds all of it.
    pub(crate) fn hash_into(&self, hash: &mut Sha256) {
        hash.update(self.bytes.to_le_bytes());
        hash.update(self.device.to_le_bytes());
        hash.update(self.inode.to_le_bytes());
        hash.update(self.changed.to_le_bytes());
    }
}

fn nanoseconds(time: SystemTime) -> i128 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_just_changed_is_not_settled() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let state = FileState::of(&file.as_file().metadata().unwrap());
        let now = SystemTime::now();
        assert!(!state.is_settled(now));
        assert!(state.is_settled(now + 2 * CLOCK_STEP));
    }
}
