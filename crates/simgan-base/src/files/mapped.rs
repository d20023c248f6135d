//! A memory-mapped file whose resident part stays small. The only unsafe lines of the data sets.
#![allow(
    unsafe_code,
    reason = "mapping a file, and dropping its pages, has no safe form"
)]

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::Mmap;

use crate::Result;

/// Most bytes of the file that stay in memory before they are dropped.
const RESIDENT_BYTES: u64 = 48 << 20;
/// What one access may bring in besides what it asks for: Linux maps the pages round a missing one that lie in its
/// file cache, about 270 KiB as measured.
const AROUND_BYTES: u64 = 512 << 10;

/// A read-only view of a file.
///
/// Mapped pages count as resident memory until the system wants them back. Reading a large file at random would show
/// gigabytes, so all pages are dropped once 48 MiB may be resident; they come back from the system's file cache.
#[derive(Debug)]
pub struct MappedFile {
    map: Mmap,
    touched: AtomicU64,
}

impl MappedFile {
    /// Maps a whole file, which nobody may write to: the pixel cache only ever renames finished files into place.
    pub fn open(file: &fs_err::File) -> Result<Self> {
        // SAFETY: the map is read only. Cache files are written under another name, and never changed
        // after they have been renamed; deleting or replacing one leaves this map's file as it was.
        let map = unsafe { Mmap::map(file.file())? };
        Ok(Self {
            map,
            touched: AtomicU64::new(0),
        })
    }

    /// Bytes of the file.
    pub fn bytes(&self, range: Range<usize>) -> &[u8] {
        let more = range.len() as u64 + AROUND_BYTES;
        if self.touched.fetch_add(more, Ordering::Relaxed) + more > RESIDENT_BYTES {
            self.touched.store(0, Ordering::Relaxed);
            self.drop_pages();
        }
        &self.map[range]
    }

    #[cfg(unix)]
    fn drop_pages(&self) {
        // SAFETY: for a shared read-only map of a file, dropped pages are read again from the same file
        // when they are next touched, so every slice handed out stays valid and unchanged.
        let dropped = unsafe {
            self.map
                .unchecked_advise(memmap2::UncheckedAdvice::DontNeed)
        };
        if let Err(error) = dropped {
            tracing::debug!("mapped pages were not dropped: {error}");
        }
    }

    #[cfg(not(unix))]
    fn drop_pages(&self) {}
}
