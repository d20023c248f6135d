//! What the program says on stderr: talk, progress bars, log lines. Results go through [`crate::output`].

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use indicatif::{MultiProgress, ProgressDrawTarget};
use tracing_subscriber::EnvFilter;

use crate::args::GlobalOptions;
use crate::color;

/// The one voice on stderr.
#[derive(Clone, Debug)]
pub struct Console {
    bars: MultiProgress,
    quiet: bool,
    color: bool,
    terminal: bool,
}

/// How a word is set off.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    /// Bold red.
    Error,
    /// Bold yellow.
    Warning,
    /// Bold cyan.
    Hint,
}

impl Console {
    /// Reads the global options and starts logging.
    pub fn new(options: &GlobalOptions) -> Self {
        let variable = std::env::var_os::<&str>;
        let terminal = color::is_capable(io::stderr().is_terminal(), variable("TERM").as_deref());
        let no_color = variable("NO_COLOR");
        let color = color::is_wanted(options.color, terminal, no_color.as_deref());
        let bars = MultiProgress::with_draw_target(if options.quiet || !terminal {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        });
        start_logging(options, color, &bars);
        Self {
            bars,
            quiet: options.quiet,
            color,
            terminal,
        }
    }

    /// The voice of a process that leaves talk to another: errors alone.
    pub fn silent() -> Self {
        Self {
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
            quiet: true,
            color: false,
            terminal: false,
        }
    }

    /// Says a line, unless `--quiet`.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.always(text);
        }
    }

    /// Warns of something that does not stop the work; silent with `--quiet`.
    pub fn warn(&self, text: &str) {
        self.say(&format!(
            "{} {text}",
            self.paint("warning:", Style::Warning)
        ));
    }

    /// Says a line whatever the options, above any progress bar. A stderr that is gone is ignored.
    pub fn always(&self, text: &str) {
        self.bars.suspend(|| {
            let _ = writeln!(io::stderr().lock(), "{text}");
        });
    }

    /// `text` in `style`, where colours are wanted.
    pub fn paint(&self, text: &str, style: Style) -> String {
        let code = match style {
            Style::Error => "1;31",
            Style::Warning => "1;33",
            Style::Hint => "1;36",
        };
        if self.color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Whether talk is off.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether stderr is a terminal, where a bar can be redrawn.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Where progress bars are drawn.
    pub fn bars(&self) -> &MultiProgress {
        &self.bars
    }
}

/// Log lines to stderr: `RUST_LOG`, or by the number of `-v`.
fn start_logging(options: &GlobalOptions, color: bool, bars: &MultiProgress) {
    let level = match (options.quiet, options.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "simgan=info,warn",
        (false, 2) => "simgan=debug,info",
        (false, _) => "simgan=trace,debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let _ = LOG_BARS.set(bars.clone());
    // Only fails where a subscriber is already set, as in a second start within one process.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(color)
        .with_target(options.verbose > 1)
        .without_time()
        .with_writer(|| LogLine)
        .try_init();
}

/// The bars that a log line must not tear.
static LOG_BARS: OnceLock<MultiProgress> = OnceLock::new();

/// Writes log lines above the progress bars.
struct LogLine;

impl Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match LOG_BARS.get() {
            Some(bars) => bars.suspend(|| io::stderr().write(bytes)),
            None => io::stderr().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
