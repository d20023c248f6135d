//! The parts that a process does: read, refined and written side by side.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::refine::change::Change;
use crate::refine::parts::{PartWriter, Parts};
use crate::refine::pipeline;
use crate::refine::pipeline::{Limits, Stages};
use crate::refine::summary::Done;
use crate::refine::workspace::Workspace;
use simgan_base::Result;
use simgan_data::Dataset;

/// Refines the levels of a range of images.
pub(super) type Net<'a> = dyn Fn(Range<usize>, &[u8]) -> Result<Vec<u8>> + Sync + 'a;

/// What a process does of a set.
pub(super) struct Job<'a> {
    /// What becomes of the levels of a range of images, row by row.
    pub(super) net: &'a Net<'a>,
    /// Images that the net takes at a time.
    pub(super) at_a_time: usize,
    pub(super) images: &'a Dataset,
    pub(super) workspace: &'a Workspace,
    /// Parts that are to be done.
    pub(super) to_do: Vec<usize>,
    /// Batches that may wait in each queue.
    pub(super) waiting: usize,
    /// Threads that write.
    pub(super) writers: usize,
    /// Images of this process in all, done or not.
    pub(super) own: usize,
    pub(super) progress: &'a mut dyn FnMut(usize, usize),
}

impl Job<'_> {
    /// Does its parts with `writer`, one after the other without a pause.
    ///
    /// # Errors
    /// Those of the writer.
    pub(super) fn run(self, writer: impl PartWriter) -> Result<Done> {
        let limits = self.limits();
        let Self {
            net,
            at_a_time,
            images,
            workspace,
            to_do,
            own,
            progress,
            ..
        } = self;
        let plan = workspace.plan();
        let ranges: Vec<Range<usize>> = to_do.into_iter().map(|part| plan.images(part)).collect();
        let count = ranges.iter().map(Range::len).sum();
        let found = own - count;
        let image_len = images.image_shape().iter().product();
        let (parts, change) = (Parts::new(writer, workspace), Mutex::new(Change::default()));
        let stages = Stages {
            read: |range: Range<usize>| images.gather(&range.collect::<Vec<_>>()),
            net: |range: Range<usize>, before: Vec<u8>| {
                let after = net(range, &before)?;
                lock(&change).add(Change::of(&before, &after, image_len));
                Ok(after)
            },
            write: |range, pixels: Result<Vec<u8>>| parts.write(range, &pixels?),
        };
        let batches = ranges
            .into_iter()
            .flat_map(|range| batches(range, at_a_time));
        let busy = pipeline::run(limits, batches, stages, &mut |done, _| {
            progress(found + done, own);
        })?;
        let change = *lock(&change);
        Ok(Done {
            images: count,
            found,
            change,
            busy,
            missing: Vec::new(),
        })
    }

    fn limits(&self) -> Limits {
        let plan = self.workspace.plan();
        let to_do = self.to_do.iter();
        Limits {
            images: to_do.map(|&part| plan.images(part).len()).sum(),
            waiting: self.waiting,
            writers: self.writers,
        }
    }
}

/// The images of `range`, at most `at_a_time` at a time.
fn batches(range: Range<usize>, at_a_time: usize) -> impl Iterator<Item = Range<usize>> + Send {
    let end = range.end;
    range
        .step_by(at_a_time)
        .map(move |start| start..(start + at_a_time).min(end))
}

fn lock(change: &Mutex<Change>) -> std::sync::MutexGuard<'_, Change> {
    change.lock().unwrap_or_else(PoisonError::into_inner)
}
