//! One of several processes that refine a set together.

use std::fmt;
use std::str::FromStr;

use simgan_base::{Error, Result};

/// Process `index` of `count`, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// The only process.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// Process `index` of `count`.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): `index` is not in 1..=`count`.
    pub fn new(index: usize, count: usize) -> Result<Self> {
        if (1..=count).contains(&index) {
            return Ok(Self { index, count });
        }
        let message = format!("there is no shard {index} of {count}: they are counted from 1");
        Err(Error::config(message))
    }

    /// Its number, from 1.
    pub fn index(self) -> usize {
        self.index
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.count
    }

    /// Which of `count` shards does a part.
    pub(super) fn of_part(part: usize, count: usize) -> usize {
        part % count + 1
    }

    /// Whether this one does a part.
    pub(super) fn does(self, part: usize) -> bool {
        Self::of_part(part, self.count) == self.index
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl FromStr for Shard {
    type Err = Error;

    /// `2/4` is the second of four.
    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((index, count)) => Self::new(index, count),
            None => Err(Error::config(
                "a shard is written like 2/4, the second of four",
            )),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_one_shard() {
        let shards: Vec<Shard> = (1..=3).map(|i| Shard::new(i, 3).unwrap()).collect();
        for part in 0..10 {
            let does = shards.iter().filter(|shard| shard.does(part));
            assert_eq!(does.count(), 1);
        }
        assert!((0..10).all(|part| Shard::WHOLE.does(part)));
    }

    #[test]
    fn shards_are_read_as_they_are_written() {
        assert_eq!("2/4".parse::<Shard>().unwrap().to_string(), "2/4");
        for wrong in ["0/4", "5/4", "1/0", "2", "a/b", "-1/2", ""] {
            let error = wrong.parse::<Shard>().unwrap_err();
            assert_eq!(error.kind(), simgan_base::ErrorKind::Config, "{wrong}");
        }
    }
}
