//! Work in a pool of threads, while the calling thread listens for Ctrl-C without holding the interpreter's lock.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use simgan_workflow::kernels;

use crate::errors::{self, Failure};
use crate::pool;

/// How often signals are looked for.
const LISTEN_EVERY: Duration = Duration::from_millis(50);

/// Asks work to stop, and says why.
#[derive(Clone, Default)]
pub(crate) struct Stop {
    asked: Arc<AtomicBool>,
    /// What the caller is told in place of a result.
    reason: Arc<Mutex<Option<PyErr>>>,
}

/// What a panic carries that ends work which was asked to stop.
struct Stopped;

impl Stop {
    /// Asks; the first reason counts.
    pub(crate) fn ask(&self, reason: PyErr) {
        let mut first = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(reason);
        self.asked.store(true, Ordering::SeqCst);
    }

    /// Whether the work is to stop.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Leaves the work at once where it is to stop: what it was writing has no final name yet.
    pub(crate) fn leave_if_asked(&self) {
        if self.is_asked() {
            panic::resume_unwind(Box::new(Stopped));
        }
    }

    fn reason(&self) -> Option<PyErr> {
        let mut reason = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        reason.take()
    }
}

/// Runs `work` on `threads` threads, by default one a core. Ctrl-C asks it to stop, and is raised when it has.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    threads: Option<usize>,
    work: impl FnOnce(&Stop) -> Result<T, Failure> + Send + 'static,
) -> PyResult<T> {
    kernels::check_environment().map_err(Failure::Usage)?;
    let stop = Stop::default();
    let (asked, (sender, receiver)) = (stop.clone(), sync_channel(1));
    pool::of(py, threads)?.spawn(move || {
        let result = panic::catch_unwind(AssertUnwindSafe(|| work(&asked)));
        // Fails only where nobody waits any more.
        let _ = sender.send(result);
    });
    let result = wait(py, receiver, &stop)?;
    if let Some(reason) = stop.reason() {
        return Err(reason);
    }
    match result {
        Ok(result) => Ok(result?),
        Err(panic) => Err(errors::internal(message(&*panic))),
    }
}

type Outcome<T> = Result<Result<T, Failure>, Box<dyn Any + Send>>;

/// The outcome, whenever it comes: work that is asked to stop is waited for, for its files are at stake.
fn wait<T: Send>(
    py: Python<'_>,
    receiver: Receiver<Outcome<T>>,
    stop: &Stop,
) -> PyResult<Outcome<T>> {
    let receiver = Mutex::new(receiver);
    loop {
        let received = py.detach(|| {
            let receiver = receiver.lock().unwrap_or_else(PoisonError::into_inner);
            receiver.recv_timeout(LISTEN_EVERY)
        });
        match received {
            Ok(outcome) => return Ok(outcome),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(errors::internal("a thread ended without a result"));
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Err(interrupt) = py.check_signals() {
                    stop.ask(interrupt);
                }
            }
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}
