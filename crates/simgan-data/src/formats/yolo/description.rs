//! What a YOLO set says of its classes and key points: `data.yaml`, or `classes.txt` with a name a line.
//!
//! Of YAML the part is read that such files are written in: `names` as a list or a map on one line or on several, and
//! `kpt_shape` and `flip_idx` as lists. Anything else under these keys is refused, all other keys are passed over.

use std::collections::BTreeMap;

use crate::formats::yolo::line::PointShape;
use simgan_base::{Error, Result};

/// Most names and points.
const MAX_NAMES: usize = 100_000;
const MAX_POINTS: usize = 1000;

/// Names of classes by number, and the shape of key points.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Description {
    pub(super) names: BTreeMap<usize, String>,
    pub(super) points: Option<PointShape>,
    /// From where each key point of a mirrored image comes.
    pub(super) flipped: Option<Vec<usize>>,
}

impl Description {
    /// Reads `classes.txt`.
    pub(super) fn of_names(text: &str) -> Self {
        let names = text.lines().map(str::trim).filter(|name| !name.is_empty());
        Self {
            names: names.map(str::to_owned).enumerate().collect(),
            ..Self::default()
        }
    }

    /// Reads `data.yaml`.
    ///
    /// # Errors
    /// A value of these keys that is not understood. The sentence starts with "it" or the key.
    pub(super) fn of_yaml(text: &str) -> Result<Self> {
        let names = value(text, "names")?.map(|value| names(&value));
        let points = value(text, "kpt_shape")?.map(|value| shape(&value));
        let flipped = value(text, "flip_idx")?.map(|value| numbers(&value, "flip_idx"));
        let description = Self {
            names: names.transpose()?.unwrap_or_default(),
            points: points.transpose()?,
            flipped: flipped.transpose()?.filter(|order| !order.is_empty()),
        };
        description.check()?;
        Ok(description)
    }

    fn check(&self) -> Result<()> {
        let (Some([points, _]), Some(flipped)) = (self.points, &self.flipped) else {
            return Ok(());
        };
        let mut sorted = flipped.clone();
        sorted.sort_unstable();
        match sorted.into_iter().eq(0..points) {
            true => Ok(()),
            false => Err(Error::data(format!(
                "flip_idx is no order of the {points} key points of kpt_shape"
            ))),
        }
    }

    /// What a class is called: its number where classes have no names.
    ///
    /// # Errors
    /// Others have names, and it has none. The sentence starts with "it".
    pub(super) fn class(&self, number: usize) -> Result<String> {
        match self.names.get(&number) {
            _ if self.names.is_empty() => Ok(number.to_string()),
            Some(name) => Ok(name.clone()),
            None => Err(
                Error::data(format!("it has the class {number}, which has no name")).with_hint(
                    "names stand in data.yaml (`names`) or in classes.txt, from class 0 on",
                ),
            ),
        }
    }

    /// Names of the key points.
    pub(super) fn point_names(&self) -> Vec<String> {
        let count = self.points.map_or(0, |[count, _]| count);
        (0..count).map(|at| format!("point_{at}")).collect()
    }
}

/// The items of a list or map: keys (empty in a list) and scalars.
type Items = Vec<(String, String)>;

/// The items below a key of the outermost level; `None` without it.
fn value(text: &str, key: &str) -> Result<Option<Items>> {
    let malformed = |line: &str| {
        Error::data(format!("`{key}` is not understood: `{}`", line.trim())).with_hint(
            "write it as a list, `names: [cat, dog]`, or an item a line, `- cat` or `0: cat`",
        )
    };
    let mut lines = text.lines().map(without_comment);
    let prefix = format!("{key}:");
    let Some(first) = lines.find_map(|line| line.strip_prefix(&prefix).map(str::to_owned)) else {
        return Ok(None);
    };
    let first = first.trim().to_owned();
    if first.starts_with(['[', '{']) {
        let mut flow = first;
        while !flow.ends_with([']', '}']) {
            let next = lines.next().ok_or_else(|| malformed(&flow))?;
            flow = format!("{flow} {}", next.trim());
        }
        return flow_items(&flow).map(Some).ok_or_else(|| malformed(&flow));
    }
    if !first.is_empty() {
        return Err(malformed(&first));
    }
    let mut items = vec![];
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let item = line.trim_start().strip_prefix("- ");
        let is_below = line.starts_with([' ', '\t']) || item.is_some();
        if !is_below {
            break;
        }
        let pair = match item {
            Some(item) => Some((String::new(), item)),
            None => line
                .split_once(':')
                .map(|(key, item)| (key.trim().to_owned(), item)),
        };
        let (key, item) = pair.ok_or_else(|| malformed(line))?;
        items.push((key, scalar(item).ok_or_else(|| malformed(line))?));
    }
    match items.len() {
        0 => Err(malformed("")),
        _ => Ok(Some(items)),
    }
}

/// `[a, 'b, c']` or `{0: a, 1: b}`.
fn flow_items(text: &str) -> Option<Items> {
    let is_map = text.starts_with('{');
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    let closes = if is_map { '}' } else { ']' };
    let mut items = vec![];
    for part in parts(inner.trim().trim_end_matches(',')) {
        let (key, item) = match is_map {
            true => part.split_once(':').map(|(key, item)| (key.trim(), item))?,
            false => ("", part),
        };
        items.push((key.to_owned(), scalar(item)?));
    }
    text.ends_with(closes).then_some(items)
}

/// What commas outside quotes divide.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quote) = (vec![], 0, None);
    for (at, character) in text.char_indices() {
        match (character, quote) {
            (_, Some(open)) if character == open => quote = None,
            ('\'' | '"', None) => quote = Some(character),
            (',', None) => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !text[start..].trim().is_empty() {
        parts.push(&text[start..]);
    }
    parts
}

/// A plain or quoted text; `None` of what is neither.
fn scalar(text: &str) -> Option<String> {
    let text = text.trim();
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote) {
            let inner = inner.strip_suffix(quote)?;
            return (!inner.contains([quote, '\\'])).then(|| inner.to_owned());
        }
    }
    let is_plain = !text.is_empty() && !text.starts_with(['[', '{', '&', '*', '!', '|', '>']);
    is_plain.then(|| text.to_owned())
}

/// A line up to a `#` outside quotes.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, character) in line.char_indices() {
        match (character, quote) {
            (_, Some(open)) if character == open => quote = None,
            ('\'' | '"', None) if !before.is_alphanumeric() => quote = Some(character),
            ('#', None) if before.is_whitespace() => return line[..at].trim_end(),
            _ => {}
        }
        before = character;
    }
    line.trim_end()
}

fn names(items: &Items) -> Result<BTreeMap<usize, String>> {
    let mut names = BTreeMap::new();
    for (at, (key, name)) in items.iter().enumerate() {
        let number = match key.as_str() {
            "" => Some(at),
            key => key.parse().ok(),
        };
        let number = number.filter(|&number| number < MAX_NAMES).ok_or_else(|| {
            Error::data(format!(
                "`names` has the key `{key}`, which is no number of a class"
            ))
        })?;
        if names.insert(number, name.clone()).is_some() {
            return Err(Error::data(format!("`names` has the class {number} twice")));
        }
    }
    Ok(names)
}

fn numbers(items: &Items, key: &str) -> Result<Vec<usize>> {
    let number = |(_, text): &(String, String)| text.parse().ok();
    let numbers: Option<Vec<usize>> = items.iter().map(number).collect();
    numbers.ok_or_else(|| Error::data(format!("`{key}` is no list of whole numbers")))
}

fn shape(items: &Items) -> Result<PointShape> {
    match numbers(items, "kpt_shape")?[..] {
        [points @ 1..=MAX_POINTS, numbers @ 2..=3] => Ok([points, numbers]),
        _ => Err(Error::data(format!(
            "`kpt_shape` must be [POINTS, 2 or 3] with at most {MAX_POINTS} points"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_read_in_every_way_they_are_written() {
        let pairs = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned());
            names.enumerate().collect::<BTreeMap<_, _>>()
        };
        for text in [
            "path: x\nnames: [cat, 'a, b']  # two\nnc: 2\n",
            "names: [cat,\n  \"a, b\",\n]\n",
            "names: {0: cat, 1: 'a, b'}",
            "names:\n  0: cat # it\n  1: \"a, b\"\n\ntrain: images\n",
            "train: x\nnames:\n- cat\n- 'a, b'\nnc: 2\n",
        ] {
            let read = Description::of_yaml(text).unwrap();
            assert_eq!(read.names, pairs(&["cat", "a, b"]), "{text}");
        }
        assert_eq!(
            Description::of_names("cat\r\n\na, b\n").names,
            pairs(&["cat", "a, b"])
        );
        let pose = Description::of_yaml("kpt_shape: [2, 3]\nflip_idx: [1, 0]\nnc: 1").unwrap();
        assert_eq!(
            (pose.points, pose.flipped.clone()),
            (Some([2, 3]), Some(vec![1, 0]))
        );
        assert_eq!(pose.point_names(), ["point_0", "point_1"]);
        assert_eq!(pose.class(4).unwrap(), "4");
        let named = Description::of_names("cat");
        assert_eq!(named.class(0).unwrap(), "cat");
        assert!(named.class(1).unwrap_err().to_string().contains("class 1"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "names: cat",
            "names:\nnc: 2",
            "names: [cat, dog",
            "names: {a: cat}",
            "names:\n  0: cat\n  0: dog",
            "names: [*x]",
            "kpt_shape: [2, 4]",
            "kpt_shape: [a, 2]",
            "kpt_shape: [2, 3]\nflip_idx: [1, 1]",
        ] {
            assert!(Description::of_yaml(text).is_err(), "{text}");
        }
        assert_eq!(
            Description::of_yaml("train: x").unwrap(),
            Description::default()
        );
    }

    proptest! {
        #[test]
        fn any_text_returns(text in "(names:|kpt_shape:|[\\[\\]{}a-c0-9:,'\"# \n-]){0,30}") {
            let _ = Description::of_yaml(&text);
        }
    }
}
