//! Where the records and fields of a CSV text lie, without changing a byte of it.

use std::borrow::Cow;
use std::ops::Range;

/// Most bytes of a record: behind a quote that is never closed, the rest of a file is not searched through.
pub const MAX_RECORD: usize = 1 << 20;

/// The end of the record that starts at `start` (before its line end), and the start of the next one.
///
/// Empty lines belong to the record before them, so the records together are the whole text. A record of more than
/// [`MAX_RECORD`] bytes is cut behind that.
pub fn record(text: &[u8], start: usize, delimiter: u8) -> (usize, usize) {
    let searched = &text[..text.len().min(start + MAX_RECORD + 1)];
    let mut at = start;
    let end = loop {
        at = field_end(searched, at, delimiter);
        match searched.get(at) {
            Some(&c) if c == delimiter => at += 1,
            _ => break at,
        }
    };
    let line_ends = text[end..]
        .iter()
        .take_while(|&&c| c == b'\n' || c == b'\r');
    (end, end + line_ends.count())
}

/// Index of the delimiter or line end (or the end of the text) behind the field that starts at `at`.
fn field_end(text: &[u8], mut at: usize, delimiter: u8) -> usize {
    if text.get(at) == Some(&b'"') {
        at = quote_end(text, at).unwrap_or(text.len());
    }
    let ends = |&c: &u8| c == delimiter || c == b'\n' || c == b'\r';
    at + text[at..].iter().position(ends).unwrap_or(text.len() - at)
}

/// Index behind the quote that closes the one at `at`; `None` if nothing does.
fn quote_end(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    while let Some(&c) = text.get(at) {
        at += 1;
        if c == b'"' {
            if text.get(at) != Some(&b'"') {
                return Some(at);
            }
            at += 1;
        }
    }
    None
}

/// Number of fields of one record (without line end), and whether the last one opens a quote that is never closed.
pub fn shape(record: &[u8], delimiter: u8) -> (usize, bool) {
    let (mut fields, mut at) = (0, 0);
    loop {
        fields += 1;
        let end = field_end(record, at, delimiter);
        if record.get(end) != Some(&delimiter) {
            let open = record.get(at) == Some(&b'"') && quote_end(record, at).is_none();
            return (fields, open);
        }
        at = end + 1;
    }
}

/// A field as a table holds it: in quotes where it needs them.
pub fn quoted(field: &str) -> Cow<'_, str> {
    if field.contains(['"', ',', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", field.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(field)
    }
}

/// Where the fields of one record (without line end) lie in it, quotes included.
pub fn spans(record: &[u8], delimiter: u8) -> Vec<Range<usize>> {
    let (mut spans, mut at) = (vec![], 0);
    loop {
        let end = field_end(record, at, delimiter);
        spans.push(at..end);
        if record.get(end) != Some(&delimiter) {
            return spans;
        }
        at = end + 1;
    }
}

/// The fields of one record (without line end), quotes removed.
pub fn fields(record: &[u8], delimiter: u8) -> Vec<Cow<'_, str>> {
    let spans = spans(record, delimiter).into_iter();
    spans.map(|span| unquote(&record[span])).collect()
}

/// Field `index` of the record at the start of `text`, quotes removed. The others are passed over, not copied: tables
/// may have many columns.
pub fn field(text: &[u8], delimiter: u8, index: usize) -> Option<Cow<'_, str>> {
    let mut start = 0;
    for _ in 0..index {
        let end = field_end(text, start, delimiter);
        if text.get(end) != Some(&delimiter) {
            return None;
        }
        start = end + 1;
    }
    Some(unquote(&text[start..field_end(text, start, delimiter)]))
}

fn unquote(field: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(field);
    let Some(inner) = text.strip_prefix('"') else {
        return text;
    };
    // What follows the closing quote belongs to the field as it is. Other readers do the same.
    let mut result = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('"') {
        result.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                result.push('"');
                rest = after;
            }
            None => {
                result.push_str(after);
                return Cow::Owned(result);
            }
        }
    }
    result.push_str(rest);
    Cow::Owned(result)
}

/// The delimiter that a header uses: a comma, or where it has none a semicolon or tab.
pub fn delimiter(text: &[u8]) -> u8 {
    let line = text.split(|&c| c == b'\n').next().unwrap_or_default();
    let found = [b',', b';', b'\t'].into_iter().find(|c| line.contains(c));
    found.unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records(text: &[u8]) -> Vec<Vec<String>> {
        let mut start = 0;
        let mut all = vec![];
        while start < text.len() {
            let (end, next) = record(text, start, b',');
            let record = fields(&text[start..end], b',');
            all.push(record.into_iter().map(Cow::into_owned).collect());
            start = next;
        }
        all
    }

    #[test]
    fn quotes_hide_delimiters_and_line_ends() {
        let text = b"a,\"b,\n\"\"c\"\"\",d\r\n\r\n1,2,3";
        assert_eq!(records(text), [["a", "b,\n\"c\"", "d"], ["1", "2", "3"]]);
    }

    #[test]
    fn the_delimiter_is_found_in_the_header() {
        assert_eq!(delimiter(b"a;b\n1,5;2"), b';');
        assert_eq!(delimiter(b"a\tb"), b'\t');
        assert_eq!(delimiter(b"a"), b',');
    }

    #[test]
    fn open_quotes_are_seen() {
        assert_eq!(shape(b"a,\"b", b','), (2, true));
        assert_eq!(shape(b"a,\"b\"\"", b','), (2, true));
        assert_eq!(shape(b"a,\"b\"", b','), (2, false));
        assert_eq!(shape(b"a,b\"", b','), (2, false));
        let long = [b"\"".as_slice(), &vec![b'\n'; 2 * MAX_RECORD]].concat();
        assert!(record(&long, 0, b',').0 > MAX_RECORD);
    }

    proptest! {
        /// The `csv` crate writes, this module reads.
        #[test]
        fn agrees_with_the_csv_crate(
            rows in prop::collection::vec(prop::collection::vec("[a-c\",\n\r ]{0,5}", 3), 1..6),
            crlf in any::<bool>(),
        ) {
            let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(vec![]);
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            prop_assert_eq!(records(&writer.into_inner().unwrap()), rows);
        }

        #[test]
        fn quoted_fields_are_read_back(row in prop::collection::vec("[a\",\n\r ]{0,5}", 1..4)) {
            let line: Vec<_> = row.iter().map(|field| quoted(field)).collect();
            let text = format!("x,{}\n", line.join(","));
            prop_assert_eq!(&records(text.as_bytes())[0][1..], &row[..]);
        }

        #[test]
        fn records_cover_any_text(text in prop::collection::vec(prop::sample::select(&b"ab,\"\r\n;"[..]), 0..60)) {
            let mut start = 0;
            while start < text.len() {
                let (end, next) = record(&text, start, b',');
                prop_assert!(start <= end && end <= next && next > start && next <= text.len());
                let all = fields(&text[start..end], b',');
                prop_assert_eq!(shape(&text[start..end], b',').0, all.len());
                for index in 0..=all.len() {
                    let one = field(&text[start..next], b',', index);
                    prop_assert_eq!(one.as_ref(), all.get(index));
                }
                start = next;
            }
        }
    }
}
