//! The labels of one image in a tar: a JSON object, or the number of a class.

use serde::de::IgnoredAny;

use crate::labels::MAX_COLUMNS;
use simgan_base::{Error, Result};

/// Column of the number in a `.cls` file.
const CLASS: &str = "class";

/// How labels are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `.json`: an object, a column a member.
    Json,
    /// `.cls`: the value of the column `class`.
    Class,
}

/// Columns and cells, in the order of the file. The column `file` is left out: the image's name stands there.
///
/// # Errors
/// The sentence starts with "its".
pub(crate) fn cells(kind: Kind, bytes: &[u8]) -> Result<Vec<(String, String)>> {
    let text = str::from_utf8(bytes).map_err(|_| Error::data("its labels are not UTF-8 text"))?;
    match kind {
        Kind::Class => Ok(vec![(CLASS.into(), text.trim().into())]),
        Kind::Json => members(text),
    }
}

fn members(text: &str) -> Result<Vec<(String, String)>> {
    let malformed = |e: serde_json::Error| Error::data(format!("its labels are malformed: {e}"));
    serde_json::from_str::<IgnoredAny>(text).map_err(malformed)?;
    let members = split(text).ok_or_else(|| Error::data("its labels are no JSON object"))?;
    if members.len() > MAX_COLUMNS {
        let found = members.len();
        let what = format!("its labels have {found} columns; at most {MAX_COLUMNS} are read");
        return Err(Error::data(what));
    }
    let mut cells = vec![];
    for (name, value) in members {
        let name: String = serde_json::from_str(name).map_err(malformed)?;
        if !name.eq_ignore_ascii_case("file") {
            cells.push((name, cell(value).map_err(malformed)?));
        }
    }
    let mut names: Vec<&String> = cells.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::data(format!("its labels have `{}` twice", pair[0]))),
        None => Ok(cells),
    }
}

/// The members of an object, name and value as they are written: the order and the text of numbers would be lost
/// otherwise. `json` is sound JSON; `None` if it is no object.
fn split(json: &str) -> Option<Vec<(&str, &str)>> {
    let inner = json.trim().strip_prefix('{')?.strip_suffix('}')?;
    let (mut members, mut start, mut colon) = (vec![], 0, None);
    let mut take = |start: usize, colon: usize, end: usize| {
        members.push((inner[start..colon].trim(), inner[colon + 1..end].trim()));
    };
    let mut place = Place::default();
    for (at, byte) in inner.bytes().enumerate() {
        let outermost = !place.in_string && place.depth == 0;
        match byte {
            b':' if outermost && colon.is_none() => colon = Some(at),
            b',' if outermost => {
                take(start, colon.take()?, at);
                start = at + 1;
            }
            _ => place.pass(byte),
        }
    }
    if let Some(colon) = colon {
        take(start, colon, inner.len());
    }
    Some(members)
}

/// Where a walk through JSON is.
#[derive(Default)]
struct Place {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Place {
    fn pass(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = self.in_string,
            b'"' => self.in_string = !self.in_string,
            b'[' | b'{' if !self.in_string => self.depth += 1,
            b']' | b'}' if !self.in_string => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// Strings as they are, numbers byte for byte, nothing of `null`, and compact JSON of what is nested.
fn cell(value: &str) -> serde_json::Result<String> {
    match value.as_bytes().first() {
        Some(b'"') => serde_json::from_str(value),
        Some(b'[' | b'{') => Ok(compact(value)),
        _ if value == "null" => Ok(String::new()),
        _ => Ok(value.to_owned()),
    }
}

/// JSON without the space between its parts.
fn compact(json: &str) -> String {
    let mut place = Place::default();
    let keep = |c: &char| {
        let kept = place.in_string || !c.is_ascii_whitespace();
        // All that matters is ASCII.
        place.pass(u8::try_from(*c).unwrap_or_default());
        kept
    };
    json.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Vec<(String, String)> {
        cells(Kind::Json, text.as_bytes()).unwrap()
    }

    #[test]
    fn values_keep_their_order_and_their_text() {
        let found = json(
            r#"{"yaw": 0.10000000000000000001, "File": "x.png", "a": -1E+02, "s": "q\"\u00e9,\n",
               "t": true, "n": null, "nested": [ 1.50, {"k": "a \\\" b"} ], "e": {}}"#,
        );
        let expected = [
            ("yaw", "0.10000000000000000001"),
            ("a", "-1E+02"),
            ("s", "q\"é,\n"),
            ("t", "true"),
            ("n", ""),
            ("nested", r#"[1.50,{"k":"a \\\" b"}]"#),
            ("e", "{}"),
        ];
        assert_eq!(found, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn a_class_is_a_column() {
        let found = cells(Kind::Class, b" 7\n").unwrap();
        assert_eq!(found, [("class".to_owned(), "7".to_owned())]);
    }

    #[test]
    fn what_is_no_object_of_labels_is_refused() {
        let many: Vec<String> = (0..=MAX_COLUMNS).map(|i| format!("\"{i}\":0")).collect();
        let many = format!("{{{}}}", many.join(","));
        for (text, part) in [
            ("[1]", "no JSON object"),
            ("{", "malformed"),
            ("{} {}", "malformed"),
            ("{\"a\": NaN}", "malformed"),
            (r#"{"a": 1, "b": 2, "a": 3}"#, "`a` twice"),
            (many.as_str(), "4097 columns; at most 4096"),
        ] {
            let error = cells(Kind::Json, text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert!(cells(Kind::Class, b"\xff").is_err());
    }

    #[test]
    fn nesting_costs_no_stack() {
        let text = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        let _ = cells(Kind::Json, text.as_bytes());
    }
}
