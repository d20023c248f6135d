//! Where a training and its log stand between two steps: what [`Algorithm1`](crate::algorithm_1::Algorithm1) does not know.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::algorithm_1::scalars::ScalarMeans;
use crate::training::event_log;
use crate::training::event_log::{Event, Phase};
use crate::training::watch::Watch;
use simgan_base::Result;

/// With this, a training that goes on from a checkpoint logs and says what it would have if it had never stopped.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bookmark {
    /// Phase of the training.
    pub phase: Phase,
    /// Steps of this phase that are done.
    pub done: usize,
    /// Events in the log but for `started`, of which every process writes one.
    pub events: usize,
    /// Values of the steps since the last log line.
    pub means: ScalarMeans,
    /// How long symptoms have lasted.
    pub watch: Watch,
    /// Whether it was said that refined images are all alike, and that irises move.
    pub said: [bool; 2],
}

impl Bookmark {
    /// That of a checkpoint of format 2, written after iteration `step` at the end of a logged interval.
    ///
    /// # Errors
    /// The log at `log` cannot be read.
    pub fn of_format_2(step: usize, log: &Path) -> Result<Self> {
        let before =
            |event: &&Event| !matches!(event, Event::Started { .. }) && event.iteration() <= step;
        Ok(Self {
            phase: Phase::Adversarial,
            done: step,
            events: event_log::read(log)?.iter().filter(before).count(),
            means: ScalarMeans::default(),
            watch: Watch::default(),
            said: [false; 2],
        })
    }
}
