//! A text of YOLO's: a line an object.

use crate::formats::yolo::line::{Line, PointShape};
use simgan_base::{Error, Result};

/// Lines with something in them, and their numbers from 1.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate();
    lines
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim().is_empty())
}

/// The lines of a text.
///
/// # Errors
/// The sentence starts with "line".
pub(super) fn parsed(text: &[u8], shape: Option<PointShape>) -> Result<Vec<Line<'_>>> {
    let lines = numbered(text, shape)?.into_iter();
    Ok(lines.map(|(_, line)| line).collect())
}

/// The lines of a text with their numbers from 1.
///
/// # Errors
/// Those of [`parsed`].
pub(super) fn numbered(text: &[u8], shape: Option<PointShape>) -> Result<Vec<(usize, Line<'_>)>> {
    let text = str::from_utf8(text).map_err(|_| Error::data("it is not UTF-8 text"))?;
    let line = |(at, line)| match Line::parse(line, shape) {
        Ok(line) => Ok((at, line)),
        Err(error) => Err(error.at(&format!("line {at}"))),
    };
    lines(text).map(line).collect()
}
