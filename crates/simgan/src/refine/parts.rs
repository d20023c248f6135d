//! Parts in the making: batches are encoded side by side, a part takes them in the order of its images.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::refine::workspace::Workspace;
use simgan_base::Result;

/// Encodes and writes the images of parts.
pub(super) trait PartWriter: Sync {
    /// Images that are encoded.
    type Batch: Send;
    /// A part that is being written.
    type Part: Send;

    /// Encodes `pixels` `[range.len(), channels, height, width]` of the images of `range`.
    fn encode(&self, range: Range<usize>, pixels: &[u8]) -> Result<Self::Batch>;
    /// Begins a part.
    fn begin(&self, part: usize) -> Result<Self::Part>;
    /// Takes the next images of a part.
    fn append(&self, part: &mut Self::Part, batch: Self::Batch) -> Result<()>;
    /// Ends a part, whose files are on the disk then; returns their lines of `SHA256SUMS`.
    fn finish(&self, part: Self::Part) -> Result<String>;
}

/// Parts in the making. May be used from many threads.
pub(super) struct Parts<'a, W: PartWriter> {
    writer: W,
    workspace: &'a Workspace,
    open: Mutex<BTreeMap<usize, Open<W>>>,
}

/// A part, and what waits for the batch before it. A thread that lags leaves at most this part waiting.
struct Open<W: PartWriter> {
    next: usize,
    end: usize,
    waiting: BTreeMap<usize, (usize, W::Batch)>,
    part: W::Part,
}

impl<'a, W: PartWriter> Parts<'a, W> {
    pub(super) fn new(writer: W, workspace: &'a Workspace) -> Self {
        Self {
            writer,
            workspace,
            open: Mutex::default(),
        }
    }

    /// Writes `pixels` `[range.len(), channels, height, width]`, images of one part; records the part with its last ones.
    ///
    /// # Errors
    /// An image cannot be encoded, or a file cannot be written.
    pub(super) fn write(&self, range: Range<usize>, pixels: &[u8]) -> Result<()> {
        let number = self.workspace.plan().part_of(range.start);
        let batch = self.writer.encode(range.clone(), pixels)?;
        match self.take(number, range, batch)? {
            Some(part) => self.workspace.record(number, &self.writer.finish(part)?),
            None => Ok(()),
        }
    }

    /// Gives the part what follows in it; returns it when it is whole.
    fn take(&self, number: usize, range: Range<usize>, batch: W::Batch) -> Result<Option<W::Part>> {
        let mut all = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match all.entry(number) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(self.begin(number)?),
        };
        open.waiting.insert(range.start, (range.end, batch));
        while let Some((end, batch)) = open.waiting.remove(&open.next) {
            self.writer.append(&mut open.part, batch)?;
            open.next = end;
        }
        let whole = open.next == open.end;
        Ok(whole
            .then(|| all.remove(&number))
            .flatten()
            .map(|open| open.part))
    }

    fn begin(&self, number: usize) -> Result<Open<W>> {
        let images = self.workspace.plan().images(number);
        Ok(Open {
            next: images.start,
            end: images.end,
            waiting: BTreeMap::new(),
            part: self.writer.begin(number)?,
        })
    }
}
