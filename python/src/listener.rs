//! What Python hears of work: log records, and calls of `on_progress`.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Value, json};
use simgan_workflow::{Listener, Progress};

use crate::json;
use crate::logging::log;
use crate::work::Stop;

/// Least time between two calls of `on_progress`; data sets tell of every image.
const CALL_EVERY: Duration = Duration::from_millis(100);

/// Speaks to Python's logger and to a function of the caller's.
pub(crate) struct PythonListener {
    on_progress: Option<Py<PyAny>>,
    stop: Stop,
}

impl PythonListener {
    /// `on_progress` is called with a dictionary; what it raises stops the work.
    pub(crate) fn new(on_progress: Option<Py<PyAny>>, stop: &Stop) -> Self {
        Self {
            on_progress,
            stop: stop.clone(),
        }
    }

    /// Calls `on_progress`.
    pub(crate) fn tell(&self, progress: &Value) {
        let Some(on_progress) = &self.on_progress else {
            return;
        };
        Python::attach(|py| {
            let told = json::loads(py, &progress.to_string())
                .and_then(|progress| on_progress.call1(py, (progress.cast_into::<PyDict>()?,)));
            if let Err(error) = told {
                self.stop.ask(error);
            }
        });
    }
}

impl Listener for PythonListener {
    fn say(&self, text: &str) {
        log("info", text);
    }

    fn warn(&self, text: &str) {
        log("warning", text);
    }

    fn begin(&self, label: &'static str) -> Box<dyn Progress + '_> {
        Box::new(Piece {
            listener: self,
            label,
            told: Mutex::new(None),
        })
    }
}

/// One piece of work.
struct Piece<'a> {
    listener: &'a PythonListener,
    label: &'static str,
    /// When it was last told of.
    told: Mutex<Option<Instant>>,
}

impl Piece<'_> {
    fn is_due(&self, is_last: bool) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let due = is_last || told.is_none_or(|told| told.elapsed() >= CALL_EVERY);
        if due {
            *told = Some(Instant::now());
        }
        due
    }
}

impl Progress for Piece<'_> {
    fn update(&self, done: usize, total: usize, message: &str) {
        self.listener.stop.leave_if_asked();
        if self.is_due(done == total) {
            self.listener.tell(&json!({
                "stage": self.label,
                "done": done,
                "total": total,
                "message": message,
            }));
        }
        self.listener.stop.leave_if_asked();
    }
}
