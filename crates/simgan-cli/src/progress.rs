//! Progress on stderr: a bar of at most 80 columns on a terminal, a line now and then elsewhere, nothing with `--quiet`.

use simgan_base::formats::readable::about;
use std::fmt::Write;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::console::Console;

/// Characters of a bar between its brackets.
const BAR: usize = 6;
/// Time between two lines where stderr is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Progress of one piece of work. Can be updated from several threads.
pub struct Progress<'a> {
    console: &'a Console,
    label: &'static str,
    clock: Clock,
    form: Form,
}

/// Times steps of work that may have been resumed.
struct Clock {
    started: Instant,
    /// When the first update came, and how much was done before.
    first: OnceLock<(Instant, usize)>,
}

/// How far a piece of work is.
#[derive(Clone, Copy)]
struct State {
    done: usize,
    total: usize,
    /// What comes after this piece, in steps of it.
    ahead: usize,
    /// Steps a second; `None` before a second step.
    rate: Option<f64>,
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
            Form::Bar(new_bar(console))
        } else {
            Form::Lines(Mutex::new(None))
        };
        Self {
            console,
            label,
            clock: Clock::start(),
            form,
        }
    }

    /// `done` of `total` are done; `message` says how it goes (losses) and may be empty.
    pub fn update(&self, done: usize, total: usize, message: &str) {
        self.update_with(done, total, 0, message);
    }

    /// The same of work that more follows: `ahead` is how much, in steps of this work. The time left is that of both.
    pub fn update_with(&self, done: usize, total: usize, ahead: usize, message: &str) {
        let state = State {
            done,
            total,
            ahead,
            rate: self.clock.rate(done),
        };
        match &self.form {
            Form::Silent => {}
            Form::Bar(bar) => {
                bar.set_length(total as u64);
                bar.set_message(bar_line(self.label, state, message));
                bar.set_position(done as u64);
            }
            Form::Lines(last) => {
                if self.is_due(last, done == total) {
                    self.console.say(&progress_line(self.label, state, message));
                }
            }
        }
    }

    /// A line is due every [`LINE_EVERY`], and at the end of what took longer than that.
    fn is_due(&self, last: &Mutex<Option<Instant>>, finished: bool) -> bool {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.unwrap_or(self.clock.started).elapsed() >= LINE_EVERY;
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

impl Clock {
    fn start() -> Self {
        Self {
            started: Instant::now(),
            first: OnceLock::new(),
        }
    }

    /// Steps a second; `None` before there is a step to time.
    fn rate(&self, done: usize) -> Option<f64> {
        let &(begun, before) = self.first.get_or_init(|| match done {
            // What begins anew is timed from the beginning.
            0 | 1 => (self.started, 0),
            resumed => (Instant::now(), resumed),
        });
        let steps = done.saturating_sub(before);
        (steps > 0).then(|| steps as f64 / begun.elapsed().as_secs_f64().max(1e-9))
    }
}

impl State {
    /// Time left with all that follows; `None` at the very end, and before it is known.
    fn left(self) -> Option<String> {
        let steps = self.total.saturating_sub(self.done) + self.ahead;
        let rate = self.rate.filter(|_| steps > 0)?;
        Some(format!("{} left", about(steps as f64 / rate)))
    }

    /// Part that is done, 0..=1.
    fn part(self) -> f64 {
        self.done.min(self.total) as f64 / self.total.max(1) as f64
    }
}

fn new_bar(console: &Console) -> ProgressBar {
    // The line is made here, so that what it holds is known; a narrower terminal cuts it.
    let style =
        ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    console.bars().add(ProgressBar::new(0)).with_style(style)
}

/// `training [=>    ] 1234/4000, 3 min 40 s left, R 0.91 D 0.64`: the rate stands where there is no message.
fn bar_line(label: &str, state: State, message: &str) -> String {
    let full = (state.part() * BAR as f64) as usize;
    let tip = if full < BAR { ">" } else { "" };
    let bar = format!("{}{tip}", "=".repeat(full));
    let mut line = format!("{label} [{bar:BAR$}] {}/{}", state.done, state.total);
    let rate = state.rate.filter(|_| message.is_empty()).map(rate);
    for part in rate.into_iter().chain(state.left()) {
        let _ = write!(line, ", {part}");
    }
    if !message.is_empty() {
        let _ = write!(line, ", {message}");
    }
    line
}

fn progress_line(label: &str, state: State, message: &str) -> String {
    let State { done, total, .. } = state;
    let mut line = format!("{label}: {done}/{total} ({:.0} %)", 100.0 * state.part());
    for part in state.rate.map(rate).into_iter().chain(state.left()) {
        let _ = write!(line, ", {part}");
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

    fn state(done: usize, ahead: usize) -> State {
        State {
            done,
            total: 200,
            ahead,
            rate: Some(5.0),
        }
    }

    #[test]
    fn a_line_tells_rate_and_time_left() {
        let line = progress_line("training", state(50, 0), "L_R 0.7");
        assert_eq!(line, "training: 50/200 (25 %), 5.0/s, 30 s left, L_R 0.7");
        let line = progress_line("training", state(200, 0), "");
        assert_eq!(line, "training: 200/200 (100 %), 5.0/s");
    }

    #[test]
    fn time_left_is_that_of_what_follows_too() {
        let line = progress_line("R warm-up", state(200, 300), "");
        assert_eq!(line, "R warm-up: 200/200 (100 %), 5.0/s, 1 min 0 s left");
        let unknown = State {
            rate: None,
            ..state(1, 300)
        };
        assert_eq!(progress_line("x", unknown, ""), "x: 1/200 (0 %)");
    }

    #[test]
    fn a_bar_of_a_training_fits_80_columns() {
        let state = State {
            done: 12_345,
            total: 20_000,
            ahead: 0,
            rate: Some(12.8),
        };
        let line = bar_line("training", state, "R 0.91 D 0.64 accuracy 100/64 %");
        let text =
            "training [===>  ] 12345/20000, 9 min 58 s left, R 0.91 D 0.64 accuracy 100/64 %";
        assert_eq!(line, text);
        assert!(line.len() <= 80, "{}", line.len());
        let line = bar_line(
            "refining",
            State {
                done: 20_000,
                ..state
            },
            "",
        );
        assert_eq!(line, "refining [======] 20000/20000, 12.8/s");
    }

    #[test]
    fn resumed_work_is_timed_from_where_it_goes_on() {
        let clock = Clock::start();
        assert_eq!(clock.rate(900), None);
        let rate = clock.rate(901).unwrap();
        let (begun, before) = *clock.first.get().unwrap();
        assert_eq!(before, 900);
        assert!(rate >= 1.0 / begun.elapsed().as_secs_f64());
        assert!(Clock::start().rate(1).is_some());
    }
}
