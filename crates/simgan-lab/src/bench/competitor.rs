//! Who is measured.

/// One competitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Competitor {
    /// This program.
    Ours,
    /// This program with Burn's own operators.
    Burn,
    /// PyTorch in one of its variants.
    PyTorch(&'static str),
}

/// PyTorch's variants, as its worker names them.
pub const VARIANTS: [&str; 4] = [
    "contiguous",
    "channels_last",
    "contiguous_compile",
    "channels_last_compile",
];

impl Competitor {
    /// Name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "simgan",
            Self::Burn => "burn-flex",
            Self::PyTorch(variant) => variant,
        }
    }
}
