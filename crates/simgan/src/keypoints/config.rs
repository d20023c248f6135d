//! Section `[keypoints]` of the configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use simgan_base::{Error, Result};
use simgan_data::PointUnit;

/// Section `[keypoints]`: points that stay where the synthetic images' labels say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeypointConfig {
    /// Names of the points: of `iris` the label columns are `iris_x` and `iris_y`, counted from the upper left corner of
    /// the preprocessed image. Empty: none, the paper's way.
    pub points: Vec<String>,
    /// Unit of those columns.
    pub unit: PointUnit,
    /// Points without such columns are left out with a warning, not refused.
    pub optional: bool,
    /// Weight of the heat maps' mean absolute difference beside psi's (both are multiplied by `training.lambda`), 0 or above;
    /// with 0 the points play no part in training.
    pub weight: f64,
    /// Distance from a point, in pixels of the preprocessed image, within which nothing moves when the refiner is applied:
    /// the synthetic patch takes the mean and contrast of the refined one, and no more. The whole change fades in up to
    /// twice that distance. 0: it is applied everywhere.
    pub radius: f64,
    /// Updates of the network that finds the points, before the training.
    pub steps: usize,
}

impl Default for KeypointConfig {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            unit: PointUnit::Auto,
            optional: false,
            weight: 10.0,
            radius: 0.0,
            steps: 2000,
        }
    }
}

impl KeypointConfig {
    /// Checks the ranges given at the fields, and that something holds the points where there are any.
    ///
    /// # Errors
    /// Names the key.
    pub fn validate(&self) -> Result<()> {
        if !(self.weight.is_finite() && self.weight >= 0.0) {
            return Err(Error::config(format!(
                "`keypoints.weight` is {}, must be 0 or above",
                self.weight
            )));
        }
        if !(self.radius.is_finite() && self.radius >= 0.0) {
            return Err(Error::config(format!(
                "`keypoints.radius` is {}, must be 0 (none) or above",
                self.radius
            )));
        }
        if !self.points.is_empty() && self.weight == 0.0 && self.radius == 0.0 {
            return Err(Error::config(
                "`keypoints.points` names points, but `keypoints.weight` and `keypoints.radius` are both 0: nothing would hold them",
            )
            .with_hint("set one of the two, or leave keypoints.points empty"));
        }
        if self.steps == 0 {
            return Err(Error::config("`keypoints.steps` is 0, must be at least 1")
                .with_hint("to keep no points, leave keypoints.points empty"));
        }
        Ok(())
    }
}
