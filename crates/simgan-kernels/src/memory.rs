//! Memory of the kernels' results, recycled.
//!
//! A training step makes the same large tensors again and again. Memory fresh from the system costs a page fault for every
//! 4 KiB, more than a third of a forward pass; so freed blocks are kept for the next tensor of their size. What is in use
//! and what is kept together never exceed the most that was in use at once, so the peak does not grow.

use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::tensor::Bytes;
use burn_std::{AccessError, AccessPolicy, AllocationController, AllocationProperty};

/// A cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// A block of memory, which may be uninitialized.
type Block = Vec<MaybeUninit<Line>>;

/// Blocks of fewer lines are not kept: the allocator recycles them itself.
const SMALLEST_KEPT: usize = (128 << 10) / size_of::<Line>();

/// Freed blocks, the oldest first, and how much is in use; all in lines.
struct Pool {
    free: Vec<Block>,
    kept: usize,
    used: usize,
    peak: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    free: Vec::new(),
    kept: 0,
    used: 0,
    peak: 0,
});

fn pool() -> MutexGuard<'static, Pool> {
    // The pool is consistent whenever its lock is released.
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    /// A free block of at least `lines` lines, at most an eighth larger.
    fn reuse(&mut self, lines: usize) -> Option<Block> {
        let fits = |block: &Block| (lines..=lines + lines / 8).contains(&block.capacity());
        let index = self.free.iter().rposition(fits)?;
        let block = self.free.remove(index);
        self.kept -= block.capacity();
        Some(block)
    }

    /// Forgets the oldest blocks until no more is held than ever was in use.
    fn trim(&mut self) -> Vec<Block> {
        let mut count = 0;
        while self.used + self.kept > self.peak && count < self.free.len() {
            self.kept -= self.free[count].capacity();
            count += 1;
        }
        self.free.drain(..count).collect()
    }

    fn begin_use(&mut self, lines: usize) {
        self.used += lines;
        self.peak = self.peak.max(self.used);
    }
}

/// A block of at least `lines` lines.
fn take(lines: usize) -> Block {
    if lines < SMALLEST_KEPT {
        return Vec::with_capacity(lines);
    }
    let mut pool = pool();
    if let Some(block) = pool.reuse(lines) {
        pool.begin_use(block.capacity());
        return block;
    }
    pool.begin_use(lines);
    let forgotten = pool.trim();
    drop(pool);
    // Freed before the new one is allocated, and outside of the lock.
    drop(forgotten);
    Vec::with_capacity(lines)
}

/// Keeps a block for later.
fn give(block: Block) {
    let lines = block.capacity();
    if lines < SMALLEST_KEPT {
        return;
    }
    let mut pool = pool();
    pool.used = pool.used.saturating_sub(lines);
    pool.kept += lines;
    pool.free.push(block);
    let forgotten = pool.trim();
    drop(pool);
    drop(forgotten);
}

/// Recycled memory on a cache line, to be used through pointers; what it holds at first is arbitrary.
pub(crate) struct Room(Block);

impl Room {
    /// Room for `len` values.
    pub fn new(len: usize) -> Self {
        Self(take(len.div_ceil(16)))
    }

    /// The first value.
    pub fn as_ptr(&self) -> *const f32 {
        self.0.as_ptr().cast()
    }

    /// The first value.
    pub fn as_mut_ptr(&mut self) -> *mut f32 {
        self.0.as_mut_ptr().cast()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        give(std::mem::take(&mut self.0));
    }
}

/// Values of a tensor, on a cache line, whose memory is recycled.
pub struct Values {
    room: Room,
    len: usize,
}

impl Values {
    /// `len` values, all of which `fill` writes.
    ///
    /// # Safety
    /// `fill` must write every one.
    pub unsafe fn filled(len: usize, fill: impl FnOnce(*mut f32)) -> Self {
        let mut room = Room::new(len);
        fill(room.as_mut_ptr());
        Self { room, len }
    }

    /// `len` zeros.
    pub fn zeros(len: usize) -> Self {
        // SAFETY: every value is written.
        unsafe { Self::filled(len, |values| values.write_bytes(0, len)) }
    }

    /// A copy of `values`.
    pub fn copied(values: &[f32]) -> Self {
        // SAFETY: every value is written.
        unsafe {
            Self::filled(values.len(), |to| {
                to.copy_from_nonoverlapping(values.as_ptr(), values.len());
            })
        }
    }

    /// The memory of a tensor.
    pub fn into_bytes(self) -> Bytes {
        let len = self.len * size_of::<f32>();
        // SAFETY: the first `len` bytes are initialized.
        unsafe { Bytes::from_controller(Box::new(self), len) }
    }
}

impl Deref for Values {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: `len` values were written when this was made.
        unsafe { std::slice::from_raw_parts(self.room.as_ptr(), self.len) }
    }
}

impl DerefMut for Values {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.room.as_mut_ptr(), self.len) }
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} values", self.len)
    }
}

impl AllocationController for Values {
    fn alloc_align(&self) -> usize {
        align_of::<Line>()
    }

    fn property(&self) -> AllocationProperty {
        AllocationProperty::Other
    }

    unsafe fn memory_mut(
        &mut self,
        _policy: AccessPolicy,
    ) -> Result<&mut [MaybeUninit<u8>], AccessError> {
        let len = self.len * size_of::<f32>();
        // SAFETY: the block holds that many bytes; the caller writes only initialized ones.
        Ok(unsafe { std::slice::from_raw_parts_mut(self.room.as_mut_ptr().cast(), len) })
    }

    fn memory(&self, _policy: AccessPolicy) -> Result<&[MaybeUninit<u8>], AccessError> {
        let len = self.len * size_of::<f32>();
        // SAFETY: the block holds that many bytes.
        Ok(unsafe { std::slice::from_raw_parts(self.room.as_ptr().cast(), len) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_aligned_and_become_bytes() {
        let values = Values::copied(&[1.0, 2.0, 3.0]);
        assert_eq!(values.as_ptr() as usize % 64, 0);
        let bytes = values.into_bytes();
        assert_eq!(bytes.len(), 12);
        assert_eq!(bytes[..4], 1.0f32.to_le_bytes());
        assert_eq!(bytes.clone(), bytes);
    }

    fn empty() -> Pool {
        Pool {
            free: Vec::new(),
            kept: 0,
            used: 0,
            peak: 0,
        }
    }

    #[test]
    fn blocks_of_the_same_size_are_reused() {
        let mut pool = empty();
        pool.free.push(Vec::with_capacity(1000));
        pool.kept = 1000;
        assert!(pool.reuse(1001).is_none());
        assert!(pool.reuse(500).is_none());
        assert_eq!(pool.reuse(950).map(|block| block.capacity()), Some(1000));
        assert_eq!(pool.kept, 0);
    }

    #[test]
    fn no_more_is_held_than_was_ever_used() {
        let mut pool = empty();
        pool.begin_use(3000);
        pool.used = 1500;
        for _ in 0..3 {
            pool.free.push(Vec::with_capacity(1000));
            pool.kept += 1000;
        }
        assert_eq!(pool.trim().len(), 2);
        assert_eq!(pool.kept, 1000);
    }
}
