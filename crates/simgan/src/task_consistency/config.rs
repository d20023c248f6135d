//! Section `[task_consistency]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use simgan_base::{Error, Result};

/// Section `[task_consistency]`: what an estimator of raw synthetic images answers shall stay as it is. Not in the paper.
///
/// Both weights stand beside the adversarial loss, outside of `training.lambda`. Answers are measured in units of their own
/// spread over the synthetic images, so that the weights do not depend on the labels' unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TaskConsistencyConfig {
    /// Weight of the squared mean, over a mini-batch, of what refining adds to the answers: their bias. 0 or above.
    pub bias: f64,
    /// Weight of the mean, over a mini-batch, of the square of what refining adds to each answer. 0 or above.
    pub each: f64,
    /// Fits the estimator and measures what refining adds to its answers at every look of the training, even where both weights
    /// are 0.
    pub watch: bool,
    /// Draws mini-batches of both sides so that the estimator's answers to their images are spread alike.
    pub match_content: bool,
    /// Synthetic images without the labels to learn from are trained without it and with a warning, not refused.
    pub optional: bool,
}

impl TaskConsistencyConfig {
    /// Whether an estimator is needed.
    pub fn is_on(&self) -> bool {
        self.watch || self.match_content || self.holds()
    }

    /// Whether changed answers cost anything.
    pub fn holds(&self) -> bool {
        self.bias > 0.0 || self.each > 0.0
    }

    /// Checks the ranges given at the fields.
    ///
    /// # Errors
    /// Names the key.
    pub fn validate(&self) -> Result<()> {
        for (key, weight) in [("bias", self.bias), ("each", self.each)] {
            if !(weight.is_finite() && weight >= 0.0) {
                return Err(Error::config(format!(
                    "`task_consistency.{key}` is {weight}, must be 0 (off) or above"
                )));
            }
        }
        Ok(())
    }
}
