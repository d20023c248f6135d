//! The event log of a run: one JSON object a line in `RUN/events.jsonl`.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::algorithm_1::scalars::Scalars;
use crate::measures::TaskShift;
use simgan_base::files::disk;
use simgan_base::files::limits;
use simgan_base::{Error, Result};

/// Part of Algorithm 1 that a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The refiner learns self-regularization alone (paper, section 3.1: 1,000 steps).
    RefinerWarmup,
    /// The discriminator learns on images of the warmed-up refiner against real ones (paper, section 3.1: 200 steps).
    DiscriminatorWarmup,
    /// Algorithm 1.
    Adversarial,
}

impl Phase {
    /// As people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::RefinerWarmup => "refiner warm-up",
            Self::DiscriminatorWarmup => "discriminator warm-up",
            Self::Adversarial => "training",
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.label())
    }
}

/// What a look at a few refined images found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// How much they differ from each other, over what their originals do.
    pub diversity: f32,
    /// How far the one most like an image is from it, over the mean distance of two, over the same of their originals.
    pub diversity_nearest: f32,
    /// Mean shift of irises in pixels of an image 55 wide, by [gradient voting](crate::measures::iris_centre); only
    /// of eyes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_shift: Option<f32>,
    /// The same in images in which nothing has moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_shift_floor: Option<f32>,
    /// What refining adds to an estimator's answers; only where they [are kept](crate::task_consistency).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_shift: Option<TaskShift>,
}

/// One line of the log. `seconds` counts from the start of the process that wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First line of every process that works on the run.
    Started {
        /// Version of this crate.
        version: String,
        /// Number of synthetic and real images.
        images: [usize; 2],
        /// Trainable parameters of R and D.
        parameters: [usize; 2],
        /// Compute device.
        device: String,
    },
    /// Losses and rates.
    Step {
        /// Phase of Algorithm 1.
        phase: Phase,
        /// Step of this phase, counted from 1.
        step: usize,
        /// Seconds since the start.
        seconds: f64,
        /// The values.
        #[serde(flatten)]
        scalars: Scalars,
    },
    /// An image grid (rows: synthetic, refined, real) was written.
    Images {
        /// Iteration of Algorithm 1; 0 is before the first.
        step: usize,
        /// Path of the PNG below the run folder.
        path: String,
    },
    /// A look at a few refined images.
    Look {
        /// Iteration of Algorithm 1.
        step: usize,
        /// What it found.
        #[serde(flatten)]
        findings: Findings,
    },
    /// A checkpoint that was due, written next. Those that a signal or a warm-up makes are not logged.
    Checkpoint {
        /// Iteration of Algorithm 1.
        step: usize,
        /// Path below the run folder.
        path: String,
        /// Of refined from real images, with `training.keep_best`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kernel_distance: Option<f32>,
    },
    /// Something looks wrong; training goes on.
    Warning {
        /// Iteration of Algorithm 1.
        step: usize,
        /// What, and what to do.
        message: String,
    },
    /// Last line of a run that reached its end.
    Finished {
        /// Iterations of Algorithm 1.
        step: usize,
        /// Seconds since the start.
        seconds: f64,
    },
}

/// Appends events to a file, each flushed as it comes.
#[derive(Debug)]
pub struct EventLog {
    writer: BufWriter<disk::File>,
}

impl EventLog {
    /// Opens `path` for appending.
    pub fn append(path: &Path) -> Result<Self> {
        Ok(Self {
            writer: BufWriter::new(disk::File::append(path)?),
        })
    }

    /// Writes one line.
    pub fn write(&mut self, event: &Event) -> Result<()> {
        let line = serde_json::to_string(event)
            .map_err(|e| Error::training(format!("event cannot be written as JSON: {e}")))?;
        writeln!(self.writer, "{line}")?;
        self.writer.flush()?;
        Ok(())
    }

    /// Forces what was written to the disk.
    pub fn sync(&mut self) -> Result<()> {
        self.writer.flush()?;
        self.writer.get_ref().sync()
    }
}

/// Reads a whole log. A last line that was cut off (the process was killed) is left out.
///
/// # Errors
/// A line in the middle that is not an event names its number.
pub fn read(path: &Path) -> Result<Vec<Event>> {
    let lines = read_lines(path)?;
    Ok(lines.into_iter().map(|(_, event)| event).collect())
}

/// As [`read`], every event with its line.
pub(super) fn read_lines(path: &Path) -> Result<Vec<(String, Event)>> {
    parse(BufReader::new(limits::open(path, limits::EVENTS)?), path)
}

/// Reads the lines of a log; `path` is what errors call it.
pub(crate) fn parse(reader: impl BufRead, path: &Path) -> Result<Vec<(String, Event)>> {
    let lines: Vec<String> = reader.lines().collect::<std::io::Result<_>>()?;
    let last = lines.len();
    let mut events = Vec::with_capacity(lines.len());
    for (index, line) in lines.into_iter().enumerate() {
        match serde_json::from_str(&line) {
            Ok(event) => events.push((line, event)),
            Err(_) if index + 1 == last => break,
            Err(e) => {
                return Err(Error::model(format!(
                    "{}: line {} is not an event: {e}",
                    path.display(),
                    index + 1
                )));
            }
        }
    }
    Ok(events)
}

impl Event {
    /// Iteration of Algorithm 1 that the event belongs to; warm-ups and starts belong to 0.
    pub fn iteration(&self) -> usize {
        match self {
            Self::Started { .. } => 0,
            Self::Step { phase, step, .. } => match phase {
                Phase::Adversarial => *step,
                Phase::RefinerWarmup | Phase::DiscriminatorWarmup => 0,
            },
            Self::Images { step, .. }
            | Self::Look { step, .. }
            | Self::Checkpoint { step, .. }
            | Self::Warning { step, .. }
            | Self::Finished { step, .. } => *step,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(step: usize) -> Event {
        Event::Step {
            phase: Phase::Adversarial,
            step,
            seconds: 1.5,
            scalars: Scalars {
                refiner_loss: Some(0.25),
                ..Scalars::default()
            },
        }
    }

    #[test]
    fn events_round_trip_and_a_cut_last_line_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events.jsonl");
        let mut log = EventLog::append(&path).unwrap();
        log.write(&line(1)).unwrap();
        log.write(&line(2)).unwrap();
        assert_eq!(read(&path).unwrap(), [line(1), line(2)]);
        let text = fs_err::read_to_string(&path).unwrap();
        fs_err::write(&path, &text[..text.len() - 9]).unwrap();
        assert_eq!(read(&path).unwrap(), [line(1)]);
        fs_err::write(&path, format!("nonsense\n{text}")).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("line 1"));
    }

    #[test]
    fn what_a_look_did_not_find_is_left_out() {
        let text = r#"{"event":"look","step":100,"diversity":0.5,"diversity_nearest":0.25}"#;
        let findings = Findings {
            diversity: 0.5,
            diversity_nearest: 0.25,
            ..Findings::default()
        };
        let look = Event::Look {
            step: 100,
            findings,
        };
        assert_eq!(serde_json::from_str::<Event>(text).unwrap(), look);
        assert_eq!(serde_json::to_string(&look).unwrap(), text);
    }
}
