//! The system's allocator, which says so when there is no more memory.
//!
//! Rust ends a program that gets no memory without a word that its user could act upon, and only an allocator can tell.

use std::alloc::{GlobalAlloc, Layout, System};

/// Hands everything to the system; where that has no memory, calls a function with the number of bytes first.
#[derive(Debug)]
pub struct Allocator {
    failed: fn(usize),
}

impl Allocator {
    /// Calls `failed` for an allocation that fails. It may say something and end the program, and must not allocate: there is
    /// no memory. If it returns, the allocation fails as it would have.
    pub const fn new(failed: fn(usize)) -> Self {
        Self { failed }
    }

    fn checked(&self, memory: *mut u8, bytes: usize) -> *mut u8 {
        if memory.is_null() {
            (self.failed)(bytes);
        }
        memory
    }
}

// SAFETY: the system's allocator does it all.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        self.checked(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        self.checked(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        self.checked(unsafe { System.realloc(memory, layout, size) }, size)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static FAILED: AtomicUsize = AtomicUsize::new(0);

    #[test]
    fn what_cannot_be_had_is_told() {
        let allocator = Allocator::new(|bytes| FAILED.store(bytes, Ordering::Relaxed));
        let small = Layout::from_size_align(64, 64).unwrap();
        // More than there are addresses.
        let large = Layout::from_size_align(isize::MAX as usize - 63, 64).unwrap();
        // SAFETY: no layout is empty; each block is freed with its own.
        unsafe {
            let memory = allocator.alloc(small);
            assert!(!memory.is_null() && FAILED.load(Ordering::Relaxed) == 0);
            allocator.dealloc(memory, small);
            assert!(allocator.alloc(large).is_null());
        }
        assert_eq!(FAILED.load(Ordering::Relaxed), large.size());
    }
}
