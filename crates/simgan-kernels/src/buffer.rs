//! Working memory: aligned, and kept by every thread from call to call.

use std::cell::RefCell;

/// Elements of a cache line.
pub const LINE: usize = 16;

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// A buffer of `f32` that begins on a cache line.
#[derive(Default)]
pub struct Buffer {
    lines: Vec<Line>,
}

impl Buffer {
    /// A pointer to at least `len` elements; what they hold is left over from before, or 0.
    pub fn at_least(&mut self, len: usize) -> *mut f32 {
        if self.lines.len() * LINE < len {
            // No copy of the old content.
            self.lines = Vec::new();
            self.lines.resize(len.div_ceil(LINE), Line([0.0; LINE]));
        }
        self.lines.as_mut_ptr().cast()
    }
}

/// The working memory of one thread.
#[derive(Default)]
pub struct Scratch {
    /// Gathered or transformed input.
    pub input: Buffer,
    /// Products, or the transformed output gradient.
    pub output: Buffer,
    /// Row pointers.
    pub rows: Vec<*const f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Lends this thread's scratch memory to `work`.
pub fn with_scratch<T>(work: impl FnOnce(&mut Scratch) -> T) -> T {
    // Taken rather than borrowed, so that a nested call gets memory of its own.
    let mut scratch = SCRATCH.with(RefCell::take);
    let result = work(&mut scratch);
    SCRATCH.with(|cell| cell.replace(scratch));
    result
}

/// `len` rounded up to an odd number of cache lines, so that equal positions of successive rows fall
/// into different sets of the cache.
pub fn odd_lines(len: usize) -> usize {
    (len.div_ceil(LINE) | 1) * LINE
}

/// A pointer that threads may share; each writes elements of its own.
#[derive(Clone, Copy)]
pub struct Shared(pub *mut f32);

// SAFETY: a pointer is only an address; who writes through it has to see to it that no two threads write the same element.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    /// The address.
    pub fn get(self) -> *mut f32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_aligned_and_grow() {
        let mut buffer = Buffer::default();
        for len in [1, 16, 17, 1000] {
            assert_eq!(buffer.at_least(len) as usize % 64, 0);
        }
        assert!(buffer.lines.len() * LINE >= 1000);
    }

    #[test]
    fn odd_lines_are_odd() {
        for len in 0..200 {
            assert!(odd_lines(len) >= len && (odd_lines(len) / LINE) % 2 == 1);
        }
    }
}
