//! A place in the course of a training.

use crate::training::Config;
use crate::training::event_log::Phase;

/// Where a training stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) phase: Phase,
    /// Steps of the phase that are done.
    pub(super) done: usize,
    /// Steps of the phase in all.
    pub(super) total: usize,
}

impl Place {
    /// The place in `phase` after `done` steps.
    pub(super) fn new(config: &Config, phase: Phase, done: usize) -> Self {
        let training = &config.training;
        let total = match phase {
            Phase::RefinerWarmup => training.refiner_warmup,
            Phase::DiscriminatorWarmup => training.discriminator_warmup,
            Phase::Adversarial => training.steps,
        };
        Self { phase, done, total }
    }

    /// Iterations of Algorithm 1 that are done.
    pub(super) fn iterations(self) -> usize {
        match self.phase {
            Phase::Adversarial => self.done,
            Phase::RefinerWarmup | Phase::DiscriminatorWarmup => 0,
        }
    }
}
