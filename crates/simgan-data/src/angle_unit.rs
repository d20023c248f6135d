//! The unit of gaze angles, which belongs to a data set and is part of its `DIR` argument: `DIR@gaze=degrees`.

use std::f32::consts::TAU;
use std::fmt;

use serde::{Deserialize, Serialize};
use simgan_base::{Error, Result};

/// What a unit begins with in a `DIR` argument.
pub(crate) const MARK: &str = "@gaze=";

/// Unit of the columns `gaze_pitch` and `gaze_yaw`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AngleUnit {
    /// 2 pi are a full turn.
    #[default]
    Radians,
    /// 360 are a full turn.
    Degrees,
}

impl AngleUnit {
    /// Whether it is the unit of sets that name none.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// A full turn in this unit.
    pub fn full_turn(self) -> f32 {
        match self {
            Self::Radians => TAU,
            Self::Degrees => 360.0,
        }
    }

    /// `angle`, which is in this unit, in radians.
    pub fn radians(self, angle: f32) -> f32 {
        match self {
            Self::Radians => angle,
            Self::Degrees => angle.to_radians(),
        }
    }

    /// Splits `DIR@gaze=degrees` into `DIR` and the unit.
    ///
    /// # Errors
    /// Another word than `radians` or `degrees`.
    pub(crate) fn split(text: &str) -> Result<(&str, Option<Self>)> {
        let Some((place, unit)) = text.rsplit_once(MARK) else {
            return Ok((text, None));
        };
        let unit = match unit.trim() {
            "radians" => Self::Radians,
            "degrees" => Self::Degrees,
            other => {
                let message = format!("{text}: `{other}` is no unit of gaze angles");
                return Err(Error::data(message).with_hint(
                    "DIR@gaze=degrees or DIR@gaze=radians, after a slice and a framing",
                ));
            }
        };
        Ok((place, Some(unit)))
    }

    /// As [`split`](Self::split) reads it.
    pub(crate) fn suffix(self) -> String {
        format!("{MARK}{self}")
    }
}

impl fmt::Display for AngleUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Radians => "radians",
            Self::Degrees => "degrees",
        })
    }
}
