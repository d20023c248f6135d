//! What a training tells while it is at work, and at its end.

use crate::algorithm_1::scalars::Scalars;
use crate::training::event_log::{Event, Phase};

/// A network that learns before the first phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// It finds [labelled points](crate::keypoints).
    Keypoints,
    /// Its answers [are kept](crate::task_consistency).
    Estimator,
}

/// A part of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the first phase.
    Preparation(Preparation),
    /// A phase of Algorithm 1.
    Phase(Phase),
}

/// How far the training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is going on.
    pub stage: Stage,
    /// Steps of it that are done.
    pub done: usize,
    /// Steps of it in all.
    pub total: usize,
    /// What comes after it, in steps of it: an estimate from the sizes of the networks.
    pub ahead: usize,
}

impl Progress {
    /// What is going on, as people read it.
    pub fn label(&self) -> &'static str {
        match self.stage {
            Stage::Preparation(Preparation::Keypoints) => "keypoints",
            Stage::Preparation(Preparation::Estimator) => "estimator",
            Stage::Phase(phase) => phase.label(),
        }
    }
}

/// Called after every step with the event that it logged, if any.
pub type Observer<'a> = dyn FnMut(Option<&Event>, Progress) + 'a;

/// Result of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Iterations of Algorithm 1 in the run.
    pub steps: usize,
    /// Seconds that this process took.
    pub seconds: f64,
    /// Means of the last logged interval.
    pub last: Scalars,
    /// Whether it returned because it was [asked to](crate::training::Request::Stop).
    pub stopped: bool,
    /// Whether the run had as many iterations already, or more, so that nothing was trained.
    pub already_done: bool,
}

impl Summary {
    /// The run has `steps` iterations, and more are not asked for.
    pub(super) fn already(steps: usize) -> Self {
        Self {
            steps,
            already_done: true,
            ..Self::of_nothing(false)
        }
    }

    /// Nothing was done.
    pub(super) fn of_nothing(stopped: bool) -> Self {
        Self {
            steps: 0,
            seconds: 0.0,
            last: Scalars::default(),
            stopped,
            already_done: false,
        }
    }
}
