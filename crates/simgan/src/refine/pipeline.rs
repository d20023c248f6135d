//! Reading, the net and writing side by side, with bounded queues between them.
//!
//! One thread reads, the calling thread runs the net, as many threads as compute encode and write. They are threads
//! of their own, beside the pool of the kernels: there, the net would wait behind images to be encoded.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{ScopedJoinHandle, scope};
use std::time::{Duration, Instant};

use simgan_base::{Error, ErrorKind, Result};

/// How much is at work at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Images in all.
    pub(super) images: usize,
    /// Batches that may wait in each queue; with 0 each is handed over directly.
    pub(super) waiting: usize,
    /// Threads that write, at least 1.
    pub(super) writers: usize,
}

/// The stages. `read` gives levels `[n, channels, height, width]`, `net` what `write` takes.
pub(super) struct Stages<R, N, W> {
    /// Reads a range of images.
    pub(super) read: R,
    /// Refines what was read.
    pub(super) net: N,
    /// Encodes and writes a range of images.
    pub(super) write: W,
}

/// For how long each stage worked, waiting not included.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Busy {
    /// Reading.
    pub(super) read: Duration,
    /// The net.
    pub(super) net: Duration,
    /// Encoding and writing, summed over the threads.
    pub(super) write: Duration,
}

/// Images and what is known of them.
type Batch<T> = (Range<usize>, T);

/// What writers share.
#[derive(Default)]
struct Progress {
    written: AtomicUsize,
    stopped: AtomicBool,
}

/// Runs all `batches` through the stages in their order; `progress` is told how many images are written.
///
/// # Errors
/// The first error of `write`; nothing is read, refined or written any more after it.
pub(super) fn run<B, R, N, W, T>(
    limits: Limits,
    batches: B,
    stages: Stages<R, N, W>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Busy>
where
    B: Iterator<Item = Range<usize>> + Send,
    R: Fn(Range<usize>) -> Vec<u8> + Send,
    N: FnMut(Range<usize>, Vec<u8>) -> T,
    W: Fn(Range<usize>, T) -> Result<()> + Sync,
    T: Send,
{
    let Stages {
        read,
        mut net,
        write,
    } = stages;
    let shared = Progress::default();
    let (to_net, from_reader) = sync_channel(limits.waiting);
    let (to_writers, from_net) = sync_channel(limits.waiting);
    // Closed with the last writer, so that the net never waits for one that is gone.
    let from_net = Arc::new(Mutex::new(from_net));
    let busy = scope(|scope| {
        let reader = scope.spawn(move || read_all(batches, read, &to_net));
        let writers: Vec<_> = (0..limits.writers)
            .map(|_| {
                let from_net = Arc::clone(&from_net);
                let (shared, write) = (&shared, &write);
                scope.spawn(move || write_all(&from_net, shared, write))
            })
            .collect();
        drop(from_net);
        let mut busy = Busy::default();
        for (range, images) in from_reader {
            let refined = timed(&mut busy.net, || net(range.clone(), images));
            let stopped = shared.stopped.load(Ordering::Relaxed);
            if stopped || to_writers.send((range, refined)).is_err() {
                break;
            }
            progress(shared.written.load(Ordering::Relaxed), limits.images);
        }
        // Both neighbours see the end: `from_reader` is gone with the loop.
        drop(to_writers);
        let (read, write) = (joined(reader), joined_writers(writers));
        busy.write = write?;
        busy.read = read?;
        Ok::<_, Error>(busy)
    })?;
    if limits.images > 0 {
        progress(limits.images, limits.images);
    }
    Ok(busy)
}

/// The reader's thread: ends with the last image or when the net is gone.
fn read_all(
    batches: impl Iterator<Item = Range<usize>>,
    read: impl Fn(Range<usize>) -> Vec<u8>,
    to_net: &SyncSender<Batch<Vec<u8>>>,
) -> Duration {
    let mut busy = Duration::ZERO;
    for range in batches {
        let images = timed(&mut busy, || read(range.clone()));
        if to_net.send((range, images)).is_err() {
            break;
        }
    }
    busy
}

/// A writer's thread: ends with the last batch or with the first error of any writer.
fn write_all<T>(
    from_net: &Mutex<Receiver<Batch<T>>>,
    shared: &Progress,
    write: &impl Fn(Range<usize>, T) -> Result<()>,
) -> Result<Duration> {
    let mut busy = Duration::ZERO;
    while let Some((range, refined)) = next(from_net) {
        if shared.stopped.load(Ordering::Relaxed) {
            break;
        }
        let images = range.len();
        let written = timed(&mut busy, || write(range, refined));
        if written.is_err() {
            shared.stopped.store(true, Ordering::Relaxed);
        }
        written?;
        shared.written.fetch_add(images, Ordering::Relaxed);
    }
    Ok(busy)
}

/// The next batch, `None` after the last. Locked while it waits: the other writers have nothing to do either.
fn next<T>(from_net: &Mutex<Receiver<Batch<T>>>) -> Option<Batch<T>> {
    let from_net = from_net.lock().unwrap_or_else(PoisonError::into_inner);
    from_net.recv().ok()
}

/// Waits for all of them, also where one has failed: one that panicked unseen would panic in the scope.
fn joined_writers(writers: Vec<ScopedJoinHandle<'_, Result<Duration>>>) -> Result<Duration> {
    let results: Vec<_> = writers.into_iter().map(joined).collect();
    results
        .into_iter()
        .try_fold(Duration::ZERO, |sum, busy| Ok(sum + busy??))
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> Result<T> {
    thread
        .join()
        .map_err(|_| Error::new(ErrorKind::Io, "refining ended early: a thread failed"))
}

fn timed<T>(total: &mut Duration, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = work();
    *total += begun.elapsed();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        images: 100,
        waiting: 2,
        writers: 3,
    };

    const MANY: usize = 1_000_000;

    fn batches(images: usize) -> impl Iterator<Item = Range<usize>> + Send {
        (0..images).step_by(3).map(move |i| i..(i + 3).min(images))
    }

    fn read(range: Range<usize>) -> Vec<u8> {
        range.map(|i| i as u8).collect()
    }

    #[test]
    fn every_image_passes_once() {
        let seen = Mutex::new(Vec::new());
        let write = |range: Range<usize>, values: Vec<u8>| {
            let expected: Vec<u8> = range.clone().map(|i| i as u8 + 100).collect();
            assert_eq!(values, expected);
            seen.lock().unwrap().extend(range);
            Ok(())
        };
        let net = |_: Range<usize>, mut values: Vec<u8>| {
            values.iter_mut().for_each(|v| *v += 100);
            values
        };
        let mut told = Vec::new();
        let stages = Stages { read, net, write };
        run(LIMITS, batches(100), stages, &mut |done, _| told.push(done)).unwrap();
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..100));
        assert!(told.is_sorted() && told.last() == Some(&100));
    }

    #[test]
    fn queues_are_bounded() {
        let (read_so_far, written) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let held = AtomicUsize::new(0);
        let read = |range: Range<usize>| {
            let ahead = read_so_far.fetch_add(1, Ordering::SeqCst) + 1;
            held.fetch_max(ahead - written.load(Ordering::SeqCst), Ordering::SeqCst);
            read(range)
        };
        let write = |_: Range<usize>, _: Vec<u8>| {
            std::thread::sleep(Duration::from_millis(1));
            written.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        let net = |_: Range<usize>, values: Vec<u8>| values;
        run(
            LIMITS,
            batches(100),
            Stages { read, net, write },
            &mut |_, _| {},
        )
        .unwrap();
        // Two queues of two, and one batch in every reader's, net's and writer's hands.
        let most = held.into_inner();
        assert!(most <= 2 * LIMITS.waiting + 2 + LIMITS.writers, "{most}");
    }

    #[test]
    fn an_error_stops_all_stages() {
        let reads = AtomicUsize::new(0);
        let read = |range: Range<usize>| {
            reads.fetch_add(1, Ordering::SeqCst);
            read(range)
        };
        let write = |range: Range<usize>, _: Vec<u8>| match range.contains(&10) {
            true => Err(Error::data("full")),
            false => Ok(()),
        };
        let limits = Limits {
            images: MANY,
            ..LIMITS
        };
        let net = |_: Range<usize>, values: Vec<u8>| values;
        let error = run(
            limits,
            batches(MANY),
            Stages { read, net, write },
            &mut |_, _| {},
        )
        .unwrap_err();
        assert_eq!(error.to_string(), "full");
        assert!(reads.into_inner() < 300_000);
    }

    #[test]
    fn a_panic_of_any_stage_ends_the_others() {
        let limits = Limits {
            images: MANY,
            ..LIMITS
        };
        let write = |_: Range<usize>, _: Vec<u8>| -> Result<()> { panic!("on purpose") };
        let stages = Stages {
            read,
            net: |_: Range<usize>, v: Vec<u8>| v,
            write,
        };
        assert!(run(limits, batches(MANY), stages, &mut |_, _| {}).is_err());
        let write = |_: Range<usize>, _: Vec<u8>| Ok(());
        let read = |_: Range<usize>| -> Vec<u8> { panic!("on purpose") };
        let stages = Stages {
            read,
            net: |_: Range<usize>, v: Vec<u8>| v,
            write,
        };
        assert!(run(limits, batches(MANY), stages, &mut |_, _| {}).is_err());
    }
}
