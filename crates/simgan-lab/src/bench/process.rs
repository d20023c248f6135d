//! The parent's side of a worker: a process that is told `step N` and `quit` on stdin and answers each with one
//! line of JSON.
//!
//! | line of the worker | when |
//! |---|---|
//! | `{"ready": true, "warmup_seconds": S, ...}` | the stage is built and warm; other fields are about the worker |
//! | `{"seconds": [...]}` | after `step N`: seconds of each of the N steps |
//! | `{"peak_rss_mb": M, ...}` | after `quit` or the end of stdin; the worker then ends |
//! | `{"error": "..."}` | it cannot go on |

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A worker that runs.
pub struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// What it writes to stderr, told only if it fails.
    stderr: tempfile::NamedTempFile,
}

/// Why a worker does not go on, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl Worker {
    /// Starts `command` and waits until it is ready; returns what it says of itself, too.
    pub fn start(command: Command) -> Result<(Self, Value), Failure> {
        let mut worker = Self::spawn(command)?;
        let ready = worker.answer()?;
        Ok((worker, ready))
    }

    fn spawn(mut command: Command) -> Result<Self, Failure> {
        let stderr = tempfile::NamedTempFile::new()?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr.reopen()?)
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure("it has no pipes".to_owned()));
        };
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
            stderr,
        })
    }

    /// Seconds of each of `count` steps.
    pub fn step(&mut self, count: usize) -> Result<Vec<f64>, Failure> {
        writeln!(self.input, "step {count}")?;
        let answer = self.answer()?;
        let seconds = answer["seconds"].as_array();
        let seconds: Option<Vec<f64>> =
            seconds.and_then(|list| list.iter().map(Value::as_f64).collect());
        seconds
            .filter(|seconds| seconds.len() == count)
            .ok_or_else(|| Failure(format!("it answered {answer} to `step {count}`")))
    }

    /// Ends it; returns what it says of its memory.
    pub fn quit(mut self) -> Result<Value, Failure> {
        writeln!(self.input, "quit")?;
        let end = self.answer()?;
        self.child.wait()?;
        Ok(end)
    }

    /// The next line it says.
    fn answer(&mut self) -> Result<Value, Failure> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(self.last_words());
        }
        let answer: Value = serde_json::from_str(&line)
            .map_err(|_| Failure(format!("it answered `{}`", line.trim())))?;
        match answer["error"].as_str() {
            Some(error) => Err(Failure(error.to_owned())),
            None => Ok(answer),
        }
    }

    /// What a worker that has gone left on stderr: its last line, or its exit status.
    fn last_words(&mut self) -> Failure {
        let status = self.child.wait();
        let said = std::fs::read(self.stderr.path()).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
        let own = lines().find_map(|line| line.strip_prefix("error: "));
        match (own.or_else(|| lines().next_back()), status) {
            (Some(line), _) => Failure(line.to_owned()),
            (None, Ok(status)) => Failure(format!("it ended with {status}")),
            (None, Err(error)) => error.into(),
        }
    }
}

impl Drop for Worker {
    /// Nothing is left running, whatever happened.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_worker_is_stepped_and_ended() {
        let script = r#"echo '{"ready":true,"warmup_seconds":0.5}'
            while read word count; do case $word in
                step) echo '{"seconds":[0.25,0.5]}';;
                quit) echo '{"peak_rss_mb":12.5}'; exit;;
            esac; done"#;
        let (mut worker, ready) = Worker::start(shell(script)).unwrap();
        assert_eq!(ready["warmup_seconds"], 0.5);
        assert_eq!(worker.step(2), Ok(vec![0.25, 0.5]));
        assert!(worker.step(3).is_err());
        assert_eq!(worker.quit().unwrap()["peak_rss_mb"], 12.5);
    }

    #[test]
    fn a_failure_is_told_in_the_workers_words() {
        let failure = |script| Worker::start(shell(script)).err().map(|f| f.0);
        let told = failure(r#"echo '{"error":"no compiler"}'"#);
        assert_eq!(told.as_deref(), Some("no compiler"));
        let told = failure("echo trace >&2; echo 'ValueError: x' >&2; exit 1");
        assert_eq!(told.as_deref(), Some("ValueError: x"));
        let told = failure("echo 'error: it is broken' >&2; echo 'hint: mend it' >&2");
        assert_eq!(told.as_deref(), Some("it is broken"));
        assert!(failure("exit 3").is_some_and(|text| text.contains('3')));
    }
}
