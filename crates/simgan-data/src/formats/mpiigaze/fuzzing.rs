//! MPIIGaze's files as bytes, for hostile input.

use crate::formats::mpiigaze::evaluation_lists;
use simgan_base::formats::mat5::fixture::mpiigaze_day;
use simgan_base::{Error, Result};

pub(super) fn days() -> Vec<Vec<u8>> {
    vec![mpiigaze_day(false), mpiigaze_day(true)]
}

pub(super) fn list(bytes: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(bytes);
    match text.lines().all(evaluation_lists::is_line) {
        true => Ok(()),
        false => Err(Error::data("a line is no photo and side")),
    }
}

pub(super) fn lists() -> Vec<Vec<u8>> {
    vec![b"day01/0005.jpg left\nday02/0001.jpg right\n".to_vec()]
}
