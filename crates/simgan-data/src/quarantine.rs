//! What to do with images that cannot be used, and the list of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use simgan_base::Error;

/// What to do with an image that cannot be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnBadImage {
    /// Leave it out and say so.
    Skip,
    /// Stop with an error that names it.
    #[default]
    Fail,
}

impl FromStr for OnBadImage {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "skip" => Ok(Self::Skip),
            "fail" => Ok(Self::Fail),
            _ => Err(Error::config(format!(
                "on-bad-image: `{text}` is neither `skip` nor `fail`"
            ))
            .with_hint("skip leaves unusable images out, fail stops at the first")),
        }
    }
}

impl fmt::Display for OnBadImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Skip => "skip",
            Self::Fail => "fail",
        })
    }
}

/// The images left out, each with its reason.
///
/// [`Display`](fmt::Display) is one line: how many, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    entries: Vec<(String, String)>,
}

impl Quarantine {
    /// Adds the image at `path` (below the folder), left out for `reason`.
    pub fn push(&mut self, path: impl Into<String>, reason: impl Into<String>) {
        self.entries.push((path.into(), reason.into()));
    }

    /// `(path, reason)` of every image left out.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.entries.iter().map(|(p, r)| (p.as_str(), r.as_str()))
    }

    /// Number of images left out.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was left out.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a> IntoIterator for &'a Quarantine {
    type Item = (&'a str, &'a str);
    type IntoIter = Box<dyn Iterator<Item = Self::Item> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl fmt::Display for Quarantine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((path, reason)) = self.entries.first() else {
            return f.write_str("no image left out");
        };
        let plural = if self.len() == 1 { "" } else { "s" };
        write!(f, "{} image{plural} left out: {path}: {reason}", self.len())?;
        match self.len() {
            1 => Ok(()),
            n => write!(f, "; and {} more", n - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_how_many_and_which() {
        let mut quarantine = Quarantine::default();
        assert_eq!(quarantine.to_string(), "no image left out");
        quarantine.push("a.png", "it is cut off");
        assert_eq!(
            quarantine.to_string(),
            "1 image left out: a.png: it is cut off"
        );
        quarantine.push("b.png", "it is empty");
        assert_eq!(
            quarantine.to_string(),
            "2 images left out: a.png: it is cut off; and 1 more"
        );
        assert_eq!(quarantine.iter().nth(1), Some(("b.png", "it is empty")));
    }

    #[test]
    fn the_choice_reads_and_writes_its_name() {
        for choice in [OnBadImage::Skip, OnBadImage::Fail] {
            assert_eq!(choice.to_string().parse::<OnBadImage>().unwrap(), choice);
        }
        let error = "ignore".parse::<OnBadImage>().unwrap_err();
        assert!(error.to_string().contains("`ignore`"));
    }
}
