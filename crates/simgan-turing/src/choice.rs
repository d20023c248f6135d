//! What an image is, what a subject takes it for, and what a round asks.

use serde::{Deserialize, Serialize};

/// What an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A real image.
    Real,
    /// A synthetic image as the simulator made it.
    Synthetic,
    /// A refined one.
    Refined,
}

impl Kind {
    /// The right answer.
    pub fn right_choice(self) -> Choice {
        match self {
            Self::Real => Choice::Real,
            Self::Synthetic | Self::Refined => Choice::Synthetic,
        }
    }

    /// As tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Synthetic => "synthetic",
            Self::Refined => "refined",
        }
    }
}

/// What a subject takes an image for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// A real image.
    Real,
    /// One that a computer made.
    Synthetic,
}

impl Choice {
    /// As tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Synthetic => "synthetic",
        }
    }
}

/// What a round asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundName {
    /// Real or refined?
    Refined,
    /// Real or synthetic, as the simulator made it?
    Control,
}

impl RoundName {
    /// The images that are not real.
    pub fn made(self) -> Kind {
        match self {
            Self::Refined => Kind::Refined,
            Self::Control => Kind::Synthetic,
        }
    }

    /// As tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refined => "refined",
            Self::Control => "control",
        }
    }
}
