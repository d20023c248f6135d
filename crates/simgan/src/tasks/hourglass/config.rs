//! Section `[estimator.hourglass]` of a configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use simgan_base::{Error, Result};

/// Section `[estimator.hourglass]`: the network of `estimator.kind = "hourglass"`, which finds `estimator.points`.
///
/// The paper has two hourglasses and heat maps of 64x64; its numbers of maps and levels are unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HourglassConfig {
    /// Hourglasses one after the other, 1..=8; each gives heat maps that are learned from. Paper: 2.
    pub stacks: usize,
    /// Feature maps of every layer, 1..=1024.
    pub feature_maps: usize,
    /// How often each hourglass halves its maps, 1..=6.
    pub levels: usize,
    /// Pixels of the image along a side of a cell of the heat maps: 1, 2 or 4. Images of 128x128 and 2 give the paper's 64x64.
    pub cell: usize,
    /// Standard deviation of a point in its heat map, in cells, above 0 and at most 10.
    pub spread: f64,
}

impl Default for HourglassConfig {
    fn default() -> Self {
        Self {
            stacks: 2,
            feature_maps: 64,
            levels: 4,
            cell: 2,
            spread: 1.0,
        }
    }
}

impl HourglassConfig {
    /// Checks the ranges given at the fields.
    ///
    /// # Errors
    /// Names the key.
    pub fn validate(&self) -> Result<()> {
        let refuse = |key: &str, value: String, range: &str| {
            Err(Error::config(format!(
                "`estimator.hourglass.{key}` is {value}: it must be {range}"
            )))
        };
        for (key, value, most) in [
            ("stacks", self.stacks, 8),
            ("feature_maps", self.feature_maps, 1024),
            ("levels", self.levels, 6),
        ] {
            if !(1..=most).contains(&value) {
                return refuse(key, value.to_string(), &format!("1 to {most}"));
            }
        }
        if ![1, 2, 4].contains(&self.cell) {
            return refuse("cell", self.cell.to_string(), "1, 2 or 4");
        }
        if !(self.spread > 0.0 && self.spread <= 10.0) {
            return refuse("spread", self.spread.to_string(), "above 0 and at most 10");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wrong_key_is_named() {
        HourglassConfig::default().validate().unwrap();
        for text in [
            "stacks = 0",
            "feature_maps = 2000",
            "levels = 7",
            "cell = 3",
            "spread = nan",
        ] {
            let config: HourglassConfig = toml::from_str(text).unwrap();
            let error = config.validate().unwrap_err().to_string();
            let key = text.split(' ').next().unwrap();
            assert!(error.contains(&format!("hourglass.{key}")), "{error}");
        }
    }
}
