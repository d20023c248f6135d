//! Changes to parts of a text: every other byte stays.

use std::ops::Range;

/// Changes to a text, in any order; no two overlap.
pub(super) struct Edits<'a> {
    text: &'a str,
    changes: Vec<(Range<usize>, String)>,
}

impl<'a> Edits<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            text,
            changes: vec![],
        }
    }

    /// Puts `new` in place of `part`, a slice of the text.
    pub(super) fn replace(&mut self, part: &'a str, new: String) {
        self.replace_at(place_in(self.text, part), new);
    }

    /// Puts `new` at a place.
    pub(super) fn replace_at(&mut self, place: Range<usize>, new: String) {
        if self.text[place.clone()] != new {
            self.changes.push((place, new));
        }
    }

    /// The changed text.
    pub(super) fn apply(mut self) -> String {
        self.changes.sort_by_key(|(place, _)| place.start);
        let (mut text, mut end) = (String::with_capacity(self.text.len()), 0);
        for (place, new) in self.changes {
            text += &self.text[end..place.start];
            text += &new;
            end = place.end;
        }
        text + &self.text[end..]
    }
}

/// Where `part`, a slice of `text`, lies in it.
pub(super) fn place_in(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

/// Arrays of numbers with others in their place: `values` are those of all numbers in `json`, which holds nothing else,
/// in order. Numbers that stay the same keep their text, and so does the space between them.
pub(super) fn with_numbers(json: &str, values: &[f64]) -> String {
    let mut edits = Edits::of(json);
    let is_of_number = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let words = json
        .split(|c| !is_of_number(c))
        .filter(|word| !word.is_empty());
    for (word, &value) in words.zip(values) {
        if word.parse() != Ok(value) {
            edits.replace(word, crate::objects::decimal(value));
        }
    }
    edits.apply()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_keeps_its_bytes() {
        let text = "a, b,  c";
        let mut edits = Edits::of(text);
        edits.replace(&text[7..], "long".into());
        edits.replace(&text[..1], "x".into());
        edits.replace(&text[3..4], "b".into());
        assert_eq!(edits.apply(), "x, b,  long");
        let json = "[[1.50, 2e1],\n [3,-4]]";
        assert_eq!(
            with_numbers(json, &[1.5, 21.0, 3.0, -4.25]),
            "[[1.50, 21],\n [3,-4.25]]"
        );
    }
}
