//! Exit codes, and the errors that only a command line has.

use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use simgan_base::{Error, ErrorKind};
pub use simgan_workflow::UsageError;

/// Exit codes of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// The work is done.
    Success = 0,
    /// A fault of this program.
    Internal = 1,
    /// The command line cannot be understood; clap exits with the same number.
    Usage = 2,
    /// A configuration key or value is wrong.
    Config = 3,
    /// A data set is missing, empty, malformed or lacks labels.
    Data = 4,
    /// A run, checkpoint or model cannot be used.
    Model = 5,
    /// Training cannot go on.
    Training = 6,
    /// The operating system refused.
    Io = 7,
    /// SIGINT stopped a training, which is saved: 128 + 2, the code of shells.
    Interrupted = 130,
    /// SIGTERM did: 128 + 15.
    Terminated = 143,
}

/// The table of exit codes as `--help` shows it.
pub const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  internal error
    2  wrong usage of the command line
    3  wrong configuration key or value
    4  unusable data set
    5  unusable run, checkpoint or model
    6  training cannot go on
    7  input or output failed (missing file, full disk, no memory)
  130  interrupted (SIGINT, Ctrl-C); a training is saved first
  143  terminated (SIGTERM); a training is saved first";

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

impl From<ErrorKind> for ExitCode {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Config => Self::Config,
            ErrorKind::Data => Self::Data,
            ErrorKind::Model => Self::Model,
            ErrorKind::Training => Self::Training,
            ErrorKind::Io => Self::Io,
        }
    }
}

/// A training that a signal stopped, and that is saved.
#[derive(Debug)]
pub struct Interrupted {
    /// Whether by SIGTERM; else by SIGINT.
    pub terminated: bool,
    /// Folder of the run.
    pub run: PathBuf,
    /// Iterations of Algorithm 1 done.
    pub steps: usize,
}

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let signal = if self.terminated { "SIGTERM" } else { "SIGINT" };
        let (steps, run) = (self.steps, self.run.display());
        write!(
            f,
            "stopped by {signal} after {steps} iterations; {run} is saved"
        )
    }
}

impl std::error::Error for Interrupted {}

/// A panic, turned into an error: its message and place.
#[derive(Debug)]
pub struct Panic(String);

impl std::fmt::Display for Panic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "simgan stopped on a fault of its own: {}", self.0)
    }
}

impl std::error::Error for Panic {}

/// Message and place of the last panic.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Keeps panics from printing; [`without_panic`] tells them like any other error.
///
/// A library may catch a panic and go on, so nothing is printed here. With `RUST_BACKTRACE` set,
/// the standard message and backtrace come first.
pub fn catch_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_some() {
        let standard = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            remember(info);
            standard(info);
        }));
    } else {
        panic::set_hook(Box::new(remember));
    }
}

fn remember(info: &panic::PanicHookInfo<'_>) {
    let what = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map(|l| format!(" ({l})"));
    if let Ok(mut last) = LAST_PANIC.lock() {
        *last = format!("{what}{}", place.unwrap_or_default());
    }
}

/// Runs `work`; a panic becomes an error.
pub fn without_panic(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let last = LAST_PANIC.lock().map(|s| s.clone()).unwrap_or_default();
        Err(match lacks_device_memory(&last) {
            true => device_memory().into(),
            false => Panic(last).into(),
        })
    })
}

/// What to do where memory does not suffice.
const LOWER: &str =
    "lower training.batch_size, refiner.feature_maps, estimator.batch_size or --batch-size";

/// Whether a device's library gave up with `message` because the device has too little memory. Burn has no other way to say
/// it than a panic.
fn lacks_device_memory(message: &str) -> bool {
    [
        "out of device memory",
        "can't allocate buffer of size",
        "out-of-memory error",
        "OutOfMemory",
        "BufferTooBig",
    ]
    .iter()
    .any(|words| message.contains(words))
}

fn device_memory() -> Error {
    let hint = format!("{LOWER}, or choose another --device; what was saved is intact");
    Error::new(ErrorKind::Io, "the device has too little memory").with_hint(hint)
}

/// Says that `bytes` of memory could not be had, and ends the program. Allocates nothing.
pub fn out_of_memory(bytes: usize) {
    // Two threads may come here at once.
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Ordering::SeqCst) {
        let _ = writeln!(
            io::stderr(),
            "error: the system gives no more memory ({bytes} bytes were asked for)\n\
             hint: {LOWER}, or free memory; what was saved is intact"
        );
    }
    process::exit(ExitCode::Io as i32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_in_help_names_every_code() {
        for code in (0..=7).chain([130, 143]) {
            assert!(EXIT_CODES.contains(&format!("\n{code:>5}  ")));
        }
    }

    #[test]
    fn a_device_without_memory_is_told_with_what_to_lower() {
        let message = "called `Result::unwrap()` on an `Err` value: out of device memory allocating 9663676416 bytes";
        assert!(lacks_device_memory(message));
        assert!(!lacks_device_memory("index out of bounds"));
        let error = device_memory();
        assert_eq!(ExitCode::from(error.kind()), ExitCode::Io);
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("training.batch_size"))
        );
    }
}
