//! One key of a configuration, with the reason for its value.

/// A section in which something is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Preprocessing,
    Estimator,
}

impl Section {
    /// As TOML calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Preprocessing => "preprocessing",
            Self::Estimator => "estimator",
        }
    }
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) section: Section,
    /// Name below the section.
    pub(super) key: &'static str,
    /// TOML.
    pub(super) value: String,
    /// One sentence or two.
    pub(super) why: String,
}

impl Choice {
    pub(super) fn new(
        section: Section,
        key: &'static str,
        value: impl Into<toml::Value>,
        why: impl Into<String>,
    ) -> Self {
        Self {
            section,
            key,
            value: value.into().to_string(),
            why: why.into(),
        }
    }
}
