//! The threads that compute: a pool for every number of threads, made when it is first used in a process.
//!
//! Threads do not survive a fork, and whoever waits for one that is gone waits for ever. So a forked process leaves the
//! pools of its parent alone and makes its own.

use std::collections::HashMap;
use std::mem;
use std::process;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors;

/// Pools by their numbers of threads, of the process that made them.
struct Pools {
    process: u32,
    pools: HashMap<usize, Arc<ThreadPool>>,
}

static POOLS: Mutex<Option<Pools>> = Mutex::new(None);

/// The process that has imported the module.
static IMPORTER: OnceLock<u32> = OnceLock::new();

/// Remembers this process; called when the module is imported.
pub(crate) fn imported() {
    IMPORTER.get_or_init(process::id);
}

/// Whether this process was forked after the module was imported: work that also goes to the threads that all of a
/// process share would wait for those of the parent.
pub(crate) fn is_forked() -> bool {
    IMPORTER.get().is_some_and(|id| *id != process::id())
}

/// The pool of `threads` threads, by default one a core.
///
/// Called with the interpreter locked, as forks are: no other thread can be in here when a process is forked.
pub(crate) fn of(_: Python<'_>, threads: Option<usize>) -> PyResult<Arc<ThreadPool>> {
    let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if pools
        .as_ref()
        .is_some_and(|pools| pools.process != process::id())
    {
        // Dropping a pool talks to its threads, and they are in another process.
        mem::forget(pools.take());
    }
    let pools = pools.get_or_insert_with(|| Pools {
        process: process::id(),
        pools: HashMap::new(),
    });
    if let Some(pool) = pools.pools.get(&threads) {
        return Ok(Arc::clone(pool));
    }
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| errors::internal(&format!("{threads} threads cannot be started: {e}")))?;
    let pool = Arc::new(pool);
    pools.pools.insert(threads, Arc::clone(&pool));
    Ok(pool)
}
