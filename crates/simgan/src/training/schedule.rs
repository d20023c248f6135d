//! Learning rates over the iterations of Algorithm 1.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use simgan_base::{Error, Result};

/// Shape of the learning rate over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleKind {
    /// The same throughout (paper, eyes).
    #[default]
    Constant,
    /// Multiplied by `factor` at every milestone (paper, hands: 0.25 after 600,000 steps).
    Step,
    /// In a straight line from `decay_start` to `factor` at the end.
    Linear,
    /// In half a cosine from `decay_start` to `factor` at the end.
    Cosine,
}

/// Section `[schedule]`: one factor on both learning rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleConfig {
    /// Shape.
    pub kind: ScheduleKind,
    /// `step`: factor at each milestone; `linear`, `cosine`: factor reached at the end. 0..=1.
    pub factor: f64,
    /// `step`: iterations after which the rate drops.
    pub milestones: Vec<usize>,
    /// `linear`, `cosine`: fraction of all iterations before the decay starts, 0..1.
    pub decay_start: f64,
}

impl Default for ScheduleConfig {
    fn default() -> Self {
        Self {
            kind: ScheduleKind::Constant,
            factor: 0.1,
            milestones: Vec::new(),
            decay_start: 0.0,
        }
    }
}

impl ScheduleConfig {
    /// Checks the ranges given at the fields.
    pub fn validate(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.factor) {
            return Err(Error::config(format!(
                "`schedule.factor` is {}, must lie in 0..=1",
                self.factor
            )));
        }
        if !(0.0..1.0).contains(&self.decay_start) {
            return Err(Error::config(format!(
                "`schedule.decay_start` is {}, must lie in 0..1",
                self.decay_start
            )));
        }
        Ok(())
    }

    /// Factor on the learning rates when `done` of `total` iterations are done.
    pub fn factor_at(&self, done: usize, total: usize) -> f64 {
        let fraction = done as f64 / total.max(1) as f64;
        let decayed = ((fraction - self.decay_start) / (1.0 - self.decay_start)).clamp(0.0, 1.0);
        match self.kind {
            ScheduleKind::Constant => 1.0,
            ScheduleKind::Step => {
                let passed = self.milestones.iter().filter(|&&m| done >= m).count();
                self.factor.powi(passed as i32)
            }
            ScheduleKind::Linear => 1.0 - (1.0 - self.factor) * decayed,
            ScheduleKind::Cosine => {
                let wave = (1.0 + (std::f64::consts::PI * decayed).cos()) / 2.0;
                self.factor + (1.0 - self.factor) * wave
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(kind: ScheduleKind) -> ScheduleConfig {
        ScheduleConfig {
            kind,
            factor: 0.2,
            milestones: vec![10, 20],
            decay_start: 0.5,
        }
    }

    #[test]
    fn constant_stays() {
        assert_eq!(schedule(ScheduleKind::Constant).factor_at(99, 100), 1.0);
    }

    #[test]
    fn step_drops_at_milestones() {
        let s = schedule(ScheduleKind::Step);
        assert_eq!(s.factor_at(9, 100), 1.0);
        assert_eq!(s.factor_at(10, 100), 0.2);
        assert!((s.factor_at(20, 100) - 0.04).abs() < 1e-12);
    }

    #[test]
    fn decays_start_late_and_reach_the_factor() {
        for kind in [ScheduleKind::Linear, ScheduleKind::Cosine] {
            let s = schedule(kind);
            assert_eq!(s.factor_at(50, 100), 1.0);
            assert!((s.factor_at(75, 100) - 0.6).abs() < 1e-12);
            assert!((s.factor_at(100, 100) - 0.2).abs() < 1e-12);
        }
    }
}
