//! What a format of data sets is.

use crate::Preprocessing;
use crate::formats::candidate::Candidate;
use crate::formats::files::Files;
use simgan_base::Result;

/// A parser of a format, for hostile input: its name, the function of bytes, and sound examples.
#[cfg(any(test, feature = "testing"))]
pub type FuzzedParser = (&'static str, fn(&[u8]) -> Result<()>, fn() -> Vec<Vec<u8>>);

/// A format of data sets on disk.
pub(crate) struct Format {
    /// What people call it.
    pub(crate) name: &'static str,
    /// Words that may follow `?` in the name of a data set of this format.
    pub(crate) options: &'static [&'static str],
    /// Whether a folder or file has this format.
    pub(crate) detect: fn(&Candidate, &Request) -> Result<bool>,
    /// Lists its files.
    pub(crate) open: fn(Candidate, &Request) -> Result<Files>,
    /// What reads bytes in it.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) parsers: &'static [FuzzedParser],
}

/// What is asked of a data set when it is opened.
pub(crate) struct Request<'a> {
    /// Words behind `?` in its name.
    pub(crate) options: &'a [String],
    pub(crate) preprocessing: &'a Preprocessing,
}

impl Request<'_> {
    /// Whether the word `option` follows `?`.
    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|word| word == option)
    }
}
