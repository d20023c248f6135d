//! Images chosen by a label: `DIR@only=COLUMN:VALUES`.

use std::collections::HashSet;
use std::fmt;

use crate::Labels;
use crate::names::natural_order;
use simgan_base::{Error, Result};

/// What a filter begins with in a `DIR` argument.
pub(super) const MARK: &str = "@only=";
/// Between the ends of a range.
const TO: &str = "..";
/// Values that a sentence names.
const NAMED: usize = 10;

/// A filter: the images whose cell of a label column holds one of some values, or holds none of
/// them.
///
/// Texts are compared without the space around them, and numbers only in ranges: `7` is not `07`,
/// but both are within `0..9`.
#[derive(Clone, Debug, PartialEq)]
pub struct Only {
    column: String,
    /// Whether the values are those of images that are left out.
    inverted: bool,
    values: Vec<Value>,
}

/// What a cell may hold.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    /// This text.
    Text(String),
    /// A number from the first to the second, both included.
    Range(f64, f64),
}

impl Only {
    /// Splits `PLACE@only=...@only=...` into `PLACE` and the filters; where `is_place` holds, a
    /// text is a place.
    ///
    /// # Errors
    /// No column, no value, an empty value, a `!` before another than the first, a malformed range.
    pub(super) fn split(text: &str, is_place: impl Fn(&str) -> bool) -> Result<(&str, Vec<Self>)> {
        let (mut place, mut filters) = (text, vec![]);
        while !is_place(place)
            && let Some((before, filter)) = place.rsplit_once(MARK)
        {
            filters.push(Self::parse(filter).map_err(|what| {
                Error::data(format!("{text}: {what}")).with_hint(
                    "a filter is DIR@only=COLUMN:VALUES, for example DIR@only=split:dev, \
                     DIR@only=person:0,1,2, DIR@only=track:0..19, or DIR@only=person:!3 (all others)",
                )
            })?);
            place = before;
        }
        filters.reverse();
        Ok((place, filters))
    }

    /// Reads `COLUMN:VALUES` or `COLUMN:!VALUES`.
    fn parse(filter: &str) -> Result<Self, String> {
        let Some((column, values)) = filter.split_once(':') else {
            return Err(format!("`{filter}` is not COLUMN:VALUES"));
        };
        let column = column.trim();
        if column.is_empty() {
            return Err(format!("`{filter}` names no column"));
        }
        let values = values.trim();
        let (inverted, values) = match values.strip_prefix('!') {
            Some(others) => (true, others.trim()),
            None => (false, values),
        };
        if values.is_empty() {
            return Err(format!("`{filter}` names no value"));
        }
        let values: Result<_, String> = values.split(',').map(Value::parse).collect();
        Ok(Self {
            column: column.to_owned(),
            inverted,
            values: values?,
        })
    }

    /// Rows of `labels` that all `filters` keep, in their order. Warns of values that no row holds.
    ///
    /// # Errors
    /// No such column (names those there are), a filter none of whose values is held by a row, or
    /// one behind `!` (names those there are), a range of a column whose cells are not all numbers
    /// (names the line).
    pub(crate) fn rows(filters: &[Self], labels: &Labels) -> Result<Vec<usize>> {
        let mut rows: Vec<usize> = (0..labels.len()).collect();
        for filter in filters {
            let keeps = filter.keeps(labels)?;
            rows.retain(|&row| keeps[row]);
        }
        Ok(rows)
    }

    /// Whether each row is kept.
    fn keeps(&self, labels: &Labels) -> Result<Vec<bool>> {
        let mut named = vec![false; labels.len()];
        let mut unknown = vec![];
        for value in &self.values {
            let holds = value.held(&self.column, labels)?;
            if !holds.contains(&true) {
                unknown.push(format!("`{value}`"));
            }
            named
                .iter_mut()
                .zip(holds)
                .for_each(|(all, one)| *all |= one);
        }
        if !unknown.is_empty() {
            self.tell_unknown(&unknown, labels)?;
        }
        let keeps = named.into_iter().map(|named| named != self.inverted);
        Ok(keeps.collect())
    }

    /// Values that no row holds may be a slip: behind `!` it would let images pass that were to be
    /// left out, so that a warning is too little.
    fn tell_unknown(&self, unknown: &[String], labels: &Labels) -> Result<()> {
        let (column, origin) = (&self.column, labels.origin());
        let values = listed(unknown);
        let message = format!("{origin}: no image has {values} in the column `{column}`");
        if !self.inverted && unknown.len() < self.values.len() {
            tracing::warn!("{message}");
            return Ok(());
        }
        let known: HashSet<String> = labels.texts(column)?.into_iter().collect();
        let mut known: Vec<String> = known.into_iter().collect();
        known.sort_by(|a, b| natural_order(a, b));
        Err(Error::data(message).with_hint(format!("its values are {}", listed(&known))))
    }
}

/// The first few values, and how many more there are.
fn listed(values: &[String]) -> String {
    let first = values[..values.len().min(NAMED)].join(", ");
    match values.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

impl Value {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("a value is empty".to_owned());
        }
        if text.starts_with('!') {
            return Err(format!(
                "`{text}`: one ! before the first value turns all of them"
            ));
        }
        let Some((low, high)) = text.split_once(TO) else {
            return Ok(Self::Text(text.to_owned()));
        };
        // `0...5` may be meant in two ways.
        let number = |end: &str| match end.starts_with('.') || end.ends_with('.') {
            true => None,
            false => number(end.trim()),
        };
        match (number(low), number(high)) {
            (Some(low), Some(high)) if low <= high => Ok(Self::Range(low, high)),
            (Some(_), Some(_)) => Err(format!("the range `{text}` ends before it begins")),
            _ => Err(format!("`{text}` is not a range of numbers")),
        }
    }

    /// Whether each row of `labels` holds it in `column`.
    fn held(&self, column: &str, labels: &Labels) -> Result<Vec<bool>> {
        match self {
            Self::Text(text) => {
                let cells = labels.texts(column)?.into_iter();
                Ok(cells.map(|cell| cell == *text).collect())
            }
            Self::Range(low, high) => {
                let cells = labels.column_of(column, number)?.into_iter();
                Ok(cells.map(|cell| (*low..=*high).contains(&cell)).collect())
            }
        }
    }
}

/// A finite number. Numbers of frames have more digits than `f32` holds.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

impl fmt::Display for Only {
    /// As in a `DIR` argument.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(Value::to_string).collect();
        let not = if self.inverted { "!" } else { "" };
        write!(f, "{MARK}{}:{not}{}", self.column, values.join(","))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Range(low, high) => write!(f, "{low}{TO}{high}"),
        }
    }
}

#[cfg(test)]
mod tests;
