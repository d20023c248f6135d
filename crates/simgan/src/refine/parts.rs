//! Parts in the making: batches are encoded side by side, a part takes them in the order of its images.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::refine::workspace::Workspace;
use simgan_base::Result;

/// How refined images are written.
pub(super) trait Format: Sync {
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
pub(super) struct Parts<'a, F: Format> {
    format: F,
    workspace: &'a Workspace,
    open: Mutex<BTreeMap<usize, Open<F>>>,
}

/// A part, and what waits for the batch before it. A thread that lags leaves at most this part waiting.
struct Open<F: Format> {
    next: usize,
    end: usize,
    waiting: BTreeMap<usize, (usize, F::Batch)>,
    part: F::Part,
}

impl<'a, F: Format> Parts<'a, F> {
    pub(super) fn new(format: F, workspace: &'a Workspace) -> Self {
        Self {
            format,
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
        let batch = self.format.encode(range.clone(), pixels)?;
        match self.take(number, range, batch)? {
            Some(part) => self.workspace.record(number, &self.format.finish(part)?),
            None => Ok(()),
        }
    }

    /// Gives the part what follows in it; returns it when it is whole.
    fn take(&self, number: usize, range: Range<usize>, batch: F::Batch) -> Result<Option<F::Part>> {
        let mut all = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match all.entry(number) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(self.begin(number)?),
        };
        open.waiting.insert(range.start, (range.end, batch));
        while let Some((end, batch)) = open.waiting.remove(&open.next) {
            self.format.append(&mut open.part, batch)?;
            open.next = end;
        }
        let whole = open.next == open.end;
        Ok(whole
            .then(|| all.remove(&number))
            .flatten()
            .map(|open| open.part))
    }

    fn begin(&self, number: usize) -> Result<Open<F>> {
        let images = self.workspace.plan().images(number);
        Ok(Open {
            next: images.start,
            end: images.end,
            waiting: BTreeMap::new(),
            part: self.format.begin(number)?,
        })
    }
}
