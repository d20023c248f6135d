//! Progress on stderr: a bar on a terminal, a line now and then elsewhere, nothing with `--quiet`.

use simgan_base::formats::readable::duration;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::console::Console;

const TEMPLATE: &str =
    "{prefix} [{bar:24}] {human_pos}/{human_len} {rate} {eta_precise} left  {wide_msg}";
/// Time between two lines where stderr is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Progress of one piece of work. Can be updated from several threads.
pub struct Progress<'a> {
    console: &'a Console,
    label: &'static str,
    started: Instant,
    form: Form,
}

enum Form {
    Silent,
    Bar(ProgressBar),
    /// Time of the last line, if there was one.
    Lines(Mutex<Option<Instant>>),
}

impl<'a> Progress<'a> {
    /// Starts the clock; nothing is shown before the first update. `label` is a gerund ("refining").
    pub fn new(console: &'a Console, label: &'static str) -> Self {
        let form = if console.is_quiet() {
            Form::Silent
        } else if console.is_terminal() {
            Form::Bar(new_bar(console, label))
        } else {
            Form::Lines(Mutex::new(None))
        };
        Self {
            console,
            label,
            started: Instant::now(),
            form,
        }
    }

    /// `done` of `total` are done; `message` says how it goes (losses) and may be empty.
    pub fn update(&self, done: usize, total: usize, message: &str) {
        match &self.form {
            Form::Silent => {}
            Form::Bar(bar) => {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
                if !message.is_empty() {
                    bar.set_message(message.to_owned());
                }
            }
            Form::Lines(last) => {
                if self.is_due(last, done == total) {
                    let elapsed = self.started.elapsed();
                    let line = progress_line(self.label, done, total, elapsed, message);
                    self.console.say(&line);
                }
            }
        }
    }

    /// A line is due every [`LINE_EVERY`], and at the end of what took longer than that.
    fn is_due(&self, last: &Mutex<Option<Instant>>, finished: bool) -> bool {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.unwrap_or(self.started).elapsed() >= LINE_EVERY;
        let due = due || (finished && last.is_some());
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Form::Bar(bar) = &self.form {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(console: &Console, label: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template(TEMPLATE)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", |state: &ProgressState, w: &mut dyn Write| {
            let _ = write!(w, "{}", rate(state.per_sec()));
        })
        .progress_chars("=> ");
    console
        .bars()
        .add(ProgressBar::new(0))
        .with_style(style)
        .with_prefix(label)
}

fn progress_line(
    label: &str,
    done: usize,
    total: usize,
    elapsed: Duration,
    message: &str,
) -> String {
    let seconds = elapsed.as_secs_f64();
    let per_second = done as f64 / seconds.max(1e-9);
    let left = (total.saturating_sub(done)) as f64 / per_second.max(1e-9);
    let percent = 100.0 * done as f64 / total.max(1) as f64;
    let mut line = format!(
        "{label}: {done}/{total} ({percent:.0} %), {}",
        rate(per_second)
    );
    if done < total && done > 0 {
        let _ = write!(line, ", {} left", duration(left));
    }
    if !message.is_empty() {
        let _ = write!(line, ", {message}");
    }
    line
}

/// A rate that can be read at a glance, also below one a second.
fn rate(per_second: f64) -> String {
    match per_second {
        r if r >= 100.0 => format!("{r:.0}/s"),
        r if r >= 1.0 => format!("{r:.1}/s"),
        r if r > 0.0 => format!("{:.1} s each", 1.0 / r),
        _ => "-/s".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_below_one_a_second_become_seconds_each() {
        assert_eq!(rate(420.4), "420/s");
        assert_eq!(rate(4.25), "4.2/s");
        assert_eq!(rate(0.5), "2.0 s each");
        assert_eq!(rate(0.0), "-/s");
    }

    #[test]
    fn a_line_tells_rate_and_time_left() {
        let line = progress_line("training", 50, 200, Duration::from_secs(10), "L_R 0.7");
        assert_eq!(line, "training: 50/200 (25 %), 5.0/s, 30 s left, L_R 0.7");
        let line = progress_line("training", 200, 200, Duration::from_secs(10), "");
        assert_eq!(line, "training: 200/200 (100 %), 20.0/s");
    }
}
