//! Where a training and its log stand between two steps: what [`Algorithm1`](crate::algorithm_1::Algorithm1) does not know.

use serde::{Deserialize, Serialize};

use crate::algorithm_1::scalars::ScalarMeans;
use crate::training::event_log::Phase;
use crate::training::watch::Watch;

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
    /// Whether it was said that refined images are all alike, that irises move, and that answers do.
    pub said: [bool; 3],
}
