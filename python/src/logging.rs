//! What the library says goes to Python's logger `simgan`.

use std::io::{self, Write};

use pyo3::prelude::*;
use tracing_subscriber::filter::LevelFilter;

/// Log records of the library become records of Python's logger.
pub(crate) fn start() {
    // Only fails where another extension has set a subscriber for the whole process.
    let _ = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_ansi(false)
        .with_level(false)
        .with_target(false)
        .without_time()
        .with_writer(|| Record)
        .try_init();
}

/// Writes a warning a line.
struct Record;

impl Write for Record {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        log("warning", String::from_utf8_lossy(bytes).trim_end());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Logs `text` with the logger's method `level`. What a handler of the user's does wrong stops no work.
pub(crate) fn log(level: &str, text: &str) {
    Python::attach(|py| {
        let logged = py.import("logging").and_then(|logging| {
            let logger = logging.getattr("getLogger")?.call1(("simgan",))?;
            // As an argument, so that no percent sign of a path is taken for a place.
            logger.call_method1(level, ("%s", text))
        });
        if let Err(error) = logged {
            error.write_unraisable(py, None);
        }
    });
}
