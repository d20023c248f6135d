//! Signals while a training or a server is at work: SIGINT and SIGTERM save it and stop, a second one stops at once, SIGUSR1 saves.
//! At any other time they do what they always do.

use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use simgan::parallel::Member;
use simgan::training::{Config, Observer, Request, RunDir, Summary, train_together};
use simgan_data::Dataset;

use crate::errors::Interrupted;

/// Whether no training is at work.
static IDLE: AtomicBool = AtomicBool::new(true);
/// Whether one is to stop.
static STOP: AtomicBool = AtomicBool::new(false);
/// The signal that said so.
static SIGNAL: AtomicUsize = AtomicUsize::new(0);
/// Whether a checkpoint is asked for.
static SAVE: AtomicBool = AtomicBool::new(false);

/// Handlers are installed once; a training switches them on.
static INSTALLED: OnceLock<Result<(), io::ErrorKind>> = OnceLock::new();

/// Signals go to a training as long as this lives.
#[derive(Debug)]
struct Signals;

impl Signals {
    /// Starts to listen.
    ///
    /// # Errors
    /// The system refuses handlers.
    fn watch() -> io::Result<Self> {
        (*INSTALLED.get_or_init(|| install().map_err(|e| e.kind())))?;
        STOP.store(false, Ordering::SeqCst);
        SAVE.store(false, Ordering::SeqCst);
        IDLE.store(false, Ordering::SeqCst);
        Ok(Self)
    }

    /// What has been asked for since the last call.
    fn request(&self) -> Request {
        if STOP.load(Ordering::SeqCst) {
            return Request::Stop;
        }
        match SAVE.swap(false, Ordering::SeqCst) {
            true => Request::Save,
            false => Request::Continue,
        }
    }

    /// The end of a training in `run` that was stopped after iteration `steps`.
    fn interrupted(&self, run: &Path, steps: usize) -> Interrupted {
        Interrupted {
            // Where another process was signalled, its launcher terminates.
            terminated: SIGNAL.load(Ordering::SeqCst) != SIGINT as usize,
            run: run.to_owned(),
            steps,
        }
    }
}

/// Trains `run` as `member`, listening to signals meanwhile.
///
/// # Errors
/// [`Interrupted`] where a signal stopped it, and those of [`train_together`].
pub fn train(
    config: &Config,
    synthetic: &Dataset,
    real: &Dataset,
    run: &RunDir,
    member: &Member,
    observer: &mut Observer,
) -> anyhow::Result<Summary> {
    let signals = Signals::watch()?;
    let mut requests = || signals.request();
    let summary = train_together(
        config,
        synthetic,
        real,
        run,
        member,
        observer,
        &mut requests,
    )?;
    match summary.stopped {
        true => Err(signals.interrupted(run.path(), summary.steps).into()),
        false => Ok(summary),
    }
}

/// Tells whether a signal has asked to stop, from now on and as long as it lives.
///
/// # Errors
/// The system refuses handlers.
pub fn stop_flag() -> io::Result<impl Fn() -> bool + Send + 'static> {
    let signals = Signals::watch()?;
    Ok(move || signals.request() == Request::Stop)
}

impl Drop for Signals {
    fn drop(&mut self) {
        IDLE.store(true, Ordering::SeqCst);
    }
}

/// The order counts: what ends the process comes before what a first signal leaves behind.
fn install() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, &IDLE)?;
        flag::register_conditional_shutdown(signal, 128 + signal, &STOP)?;
        flag::register_usize(signal, &SIGNAL, signal as usize)?;
        flag::register(signal, &STOP)?;
    }
    #[cfg(unix)]
    flag::register(signal_hook::consts::SIGUSR1, &SAVE)?;
    Ok(())
}
