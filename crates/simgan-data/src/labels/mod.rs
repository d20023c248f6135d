//! Label tables whose text is carried over byte for byte.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use simgan_base::files::limits;
use simgan_base::formats::csv_text;
use simgan_base::formats::csv_text::MAX_RECORD;
use simgan_base::{Error, Result};

/// Names of the column that holds an image's path; otherwise it is the first.
const FILE_COLUMNS: [&str; 4] = ["file", "filename", "image", "path"];

/// Column of the number of objects in an image; others say something of an only one.
pub(crate) const OBJECTS: &str = "objects";
/// Most columns of a table.
pub(crate) const MAX_COLUMNS: usize = 4096;
/// Most rows of a table.
const MAX_ROWS: usize = 10_000_000;

/// A label table: the text of a `labels.csv`, and which of its rows belong to the images.
///
/// The text is kept as it is (line ends, quotes, a byte-order mark), so that labels can be carried over
/// byte for byte. Cloning and [`subset`](Self::subset) share it. Rows take 8 bytes beside their text.
#[derive(Clone, Debug)]
pub struct Labels {
    table: Arc<Table>,
    rows: Arc<[u32]>,
}

#[derive(Debug)]
struct Table {
    /// What errors call this table.
    origin: String,
    text: Vec<u8>,
    delimiter: u8,
    /// Start of every row, in bytes.
    starts: Vec<u64>,
    columns: Vec<String>,
    file_column: usize,
}

impl Labels {
    /// Reads a table from CSV text with a header line (delimiter: comma, else semicolon, else tab).
    /// `origin` is what errors call it.
    ///
    /// # Errors
    /// No header, a row with more or fewer fields than the header, a quote that is never closed: names the line. UTF-16
    /// text, a first line `sep=;`, more than 4096 columns, 10,000,000 rows or 1 MiB in a row.
    pub fn parse(text: Vec<u8>, origin: impl Into<String>) -> Result<Self> {
        let origin = origin.into();
        refuse_other_texts(&text, &origin)?;
        let body = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let offset = text.len() - body.len();
        let delimiter = csv_text::delimiter(body);
        let (end, first) = csv_text::record(&text, offset, delimiter);
        check_record(&text, offset, end, delimiter, &origin)?;
        let names = csv_text::fields(&text[offset..end], delimiter);
        let columns: Vec<String> = names.iter().map(|c| c.trim().to_owned()).collect();
        if columns.iter().all(String::is_empty) {
            return Err(
                Error::data(format!("{origin} has no header line")).with_hint(
                    "its first line names the columns, for example file,gaze_pitch,gaze_yaw",
                ),
            );
        }
        let is_file = |c: &String| FILE_COLUMNS.contains(&c.to_ascii_lowercase().as_str());
        let file_column = columns.iter().position(is_file).unwrap_or(0);
        let starts = row_starts(&text, first, delimiter, columns.len(), &origin)?;
        let rows = (0..starts.len() as u32).collect();
        let table = Table {
            origin,
            text,
            delimiter,
            starts,
            columns,
            file_column,
        };
        Ok(Self {
            table: Arc::new(table),
            rows,
        })
    }

    /// A table made here: `header` and `rows` are lines without line end, of as many fields, separated by commas,
    /// none of them in quotes; the first column has the files.
    pub(crate) fn of_lines(origin: impl Into<String>, header: &str, rows: &[String]) -> Self {
        let mut text = format!("{header}\n").into_bytes();
        let starts = rows
            .iter()
            .map(|row| {
                let start = text.len() as u64;
                text.extend(row.bytes());
                text.push(b'\n');
                start
            })
            .collect();
        let table = Table {
            origin: origin.into(),
            text,
            delimiter: b',',
            starts,
            columns: header.split(',').map(str::to_owned).collect(),
            file_column: 0,
        };
        Self {
            table: Arc::new(table),
            rows: (0..rows.len() as u32).collect(),
        }
    }

    /// Reads a `labels.csv`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and when the file cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(
            limits::read(path, limits::LABELS)?,
            path.display().to_string(),
        )
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Names of the columns, in order, the file column among them.
    pub fn columns(&self) -> &[String] {
        &self.table.columns
    }

    /// Name of the column that holds each image's path.
    pub fn file_column(&self) -> &str {
        &self.table.columns[self.table.file_column]
    }

    /// Whether there is a column called `name`.
    pub fn has_column(&self, name: &str) -> bool {
        self.table.columns.iter().any(|c| c == name)
    }

    /// Bytes of the header, with its line end and, if there is one, the byte-order mark.
    pub fn raw_header(&self) -> &[u8] {
        let end = self
            .table
            .starts
            .first()
            .map_or(self.table.text.len(), |&s| s as usize);
        &self.table.text[..end]
    }

    /// Bytes of row `row`, with its line end (which the last row of a file may lack: see [`write_to`](Self::write_to)).
    pub fn raw_row(&self, row: usize) -> &[u8] {
        self.table.raw_row(self.rows[row] as usize)
    }

    /// Text of a cell, quotes removed; `None` without such a row or column.
    pub fn get(&self, row: usize, column: &str) -> Option<String> {
        let column = self.table.columns.iter().position(|c| c == column)?;
        let row = *self.rows.get(row)?;
        self.table.field(row as usize, column)
    }

    /// Text of all cells of row `row`, in the order of [`columns`](Self::columns), quotes removed.
    pub fn cells(&self, row: usize) -> Vec<Cow<'_, str>> {
        let (text, delimiter) = (self.raw_row(row), self.table.delimiter);
        let (end, _) = csv_text::record(text, 0, delimiter);
        csv_text::fields(&text[..end], delimiter)
    }

    /// Path of the image that row `row` belongs to, as written.
    pub fn file(&self, row: usize) -> String {
        let row = self.rows[row] as usize;
        self.table
            .field(row, self.table.file_column)
            .unwrap_or_default()
    }

    /// Line of row `row` in the file, counted from 1.
    pub fn line(&self, row: usize) -> usize {
        self.table.line(self.rows[row] as usize)
    }

    /// What errors call this table: its path.
    pub fn origin(&self) -> &str {
        &self.table.origin
    }

    /// Values of a numeric column.
    ///
    /// # Errors
    /// No such column (names those there are), two of that name, or a cell that is not a finite number (names file, line,
    /// column and value).
    pub fn numbers(&self, column: &str) -> Result<Vec<f32>> {
        self.column_of(column, |text| {
            text.parse().ok().filter(|n: &f32| n.is_finite())
        })
    }

    /// Texts of a column, without the space around them.
    ///
    /// # Errors
    /// No such column (names those there are), or two of that name.
    pub(crate) fn texts(&self, column: &str) -> Result<Vec<String>> {
        self.column_of(column, |text| Some(text.to_owned()))
    }

    /// Whether row `row` is that of an image with none or several objects, of which most cells are empty.
    pub(crate) fn has_no_only_object(&self, row: usize) -> bool {
        let row = self.rows[row] as usize;
        self.table.other_number_of_objects(row).is_some()
    }

    /// Cells of a column as `read` reads them, without the space around them; what it does not read is no number.
    ///
    /// # Errors
    /// Those of [`numbers`](Self::numbers).
    pub(crate) fn column_of<T>(
        &self,
        column: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>> {
        let table = &*self.table;
        let index = table.position(column)?;
        let cell = |&row: &u32| {
            let text = table.field(row as usize, index).unwrap_or_default();
            read(text.trim()).ok_or_else(|| table.not_a_number(row as usize, column, &text))
        };
        self.rows.iter().map(cell).collect()
    }

    /// Whether every cell of a column is a finite number.
    pub fn is_numeric(&self, column: &str) -> bool {
        self.numbers(column).is_ok()
    }

    /// The rows at `rows`, in that order, sharing this table's text.
    #[must_use]
    pub fn subset(&self, rows: &[usize]) -> Self {
        Self {
            table: Arc::clone(&self.table),
            rows: rows.iter().map(|&row| self.rows[row]).collect(),
        }
    }

    /// Writes header and rows byte for byte. A line end is added only where one is missing between two rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_to(&self, mut writer: impl Write) -> std::io::Result<()> {
        let mut previous = self.raw_header();
        writer.write_all(previous)?;
        for row in 0..self.len() {
            if !previous.ends_with(b"\n") && !previous.ends_with(b"\r") {
                writer.write_all(b"\n")?;
            }
            previous = self.raw_row(row);
            writer.write_all(previous)?;
        }
        Ok(())
    }

    /// This table with other cells: `change` is given the fields of each row and replaces some; every other byte stays.
    pub(crate) fn with_cells(
        &self,
        mut change: impl FnMut(usize, &mut Vec<Cow<'_, str>>) -> Result<()>,
    ) -> Result<Self> {
        let table = &*self.table;
        let mut place = vec![None; table.starts.len()];
        let rows = self.rows.iter().enumerate();
        rows.for_each(|(row, &at)| place[at as usize] = Some(row));
        let first = table
            .starts
            .first()
            .map_or(table.text.len(), |&start| start as usize);
        let mut text = table.text[..first].to_vec();
        for (at, row) in place.into_iter().enumerate() {
            let raw = table.raw_row(at);
            let (end, _) = csv_text::record(raw, 0, table.delimiter);
            let before = csv_text::fields(&raw[..end], table.delimiter);
            let mut after = before.clone();
            row.map_or(Ok(()), |row| change(row, &mut after))?;
            let spans = csv_text::spans(&raw[..end], table.delimiter);
            for (field, span) in spans.into_iter().enumerate() {
                text.extend((field > 0).then_some(table.delimiter));
                match after[field] == before[field] {
                    true => text.extend(&raw[span]),
                    false => text.extend(after[field].bytes()),
                }
            }
            text.extend(&raw[end..]);
        }
        let rows = self.rows.to_vec();
        let changed = Self::parse(text, table.origin.clone())?.with_rows(rows);
        changed.ok_or_else(|| Error::data(format!("{} lost a row", table.origin)))
    }

    /// Text and chosen rows, as the cache stores them.
    pub(crate) fn parts(&self) -> (&[u8], &[u32]) {
        (&self.table.text, &self.rows)
    }

    /// This table with other rows of its text; `None` if one does not exist.
    pub(crate) fn with_rows(self, rows: Vec<u32>) -> Option<Self> {
        let known = rows
            .iter()
            .all(|&row| (row as usize) < self.table.starts.len());
        known.then(|| Self {
            rows: rows.into(),
            ..self
        })
    }
}

/// Start of every row, each checked to have `columns` fields.
fn row_starts(
    text: &[u8],
    first: usize,
    delimiter: u8,
    columns: usize,
    origin: &str,
) -> Result<Vec<u64>> {
    let mut starts = vec![];
    let mut start = first;
    while start < text.len() {
        let (end, next) = csv_text::record(text, start, delimiter);
        let found = check_record(text, start, end, delimiter, origin)?;
        if found != columns {
            let line = line_of(text, start);
            return Err(Error::data(format!(
                "{origin}, line {line}: {found} fields, but the header has {columns}"
            ))
            .with_hint("a field that contains a comma needs quotes round it"));
        }
        if starts.len() == MAX_ROWS {
            return Err(Error::data(format!(
                "{origin} has more than {MAX_ROWS} rows"
            )));
        }
        starts.push(start as u64);
        start = next;
    }
    starts.shrink_to_fit();
    Ok(starts)
}

/// Number of fields of the record between `start` and `end`.
fn check_record(
    text: &[u8],
    start: usize,
    end: usize,
    delimiter: u8,
    origin: &str,
) -> Result<usize> {
    let (fields, open) = csv_text::shape(&text[start..end], delimiter);
    let what = match (open, end - start > MAX_RECORD) {
        (true, _) => "it opens a quote that is never closed".to_owned(),
        (_, true) => format!("it has more than {MAX_RECORD} bytes"),
        _ if fields > MAX_COLUMNS => {
            format!("it has {fields} fields; at most {MAX_COLUMNS} are read")
        }
        _ => return Ok(fields),
    };
    let line = line_of(text, start);
    Err(Error::data(format!("{origin}, line {line}: {what}"))
        .with_hint("a quote at the start of a field needs another at its end"))
}

fn line_of(text: &[u8], offset: usize) -> usize {
    1 + text[..offset].iter().filter(|&&c| c == b'\n').count()
}

impl Table {
    fn raw_row(&self, row: usize) -> &[u8] {
        let end = self
            .starts
            .get(row + 1)
            .map_or(self.text.len(), |&s| s as usize);
        &self.text[self.starts[row] as usize..end]
    }

    fn field(&self, row: usize, column: usize) -> Option<String> {
        let field = csv_text::field(self.raw_row(row), self.delimiter, column);
        field.map(Cow::into_owned)
    }

    fn line(&self, row: usize) -> usize {
        line_of(&self.text, self.starts[row] as usize)
    }

    /// The cell of the column `objects`, unless it is 1.
    fn other_number_of_objects(&self, row: usize) -> Option<String> {
        let column = self.columns.iter().position(|name| name == OBJECTS)?;
        self.field(row, column).filter(|count| count.trim() != "1")
    }

    /// Index of the only column called `name`.
    fn position(&self, name: &str) -> Result<usize> {
        let origin = &self.origin;
        if self.columns.iter().filter(|c| *c == name).count() > 1 {
            let message = format!("{origin} has two columns `{name}`");
            return Err(
                Error::data(message).with_hint("rename or delete the one that is not meant")
            );
        }
        let found = self.columns.iter().position(|c| c == name);
        found.ok_or_else(|| {
            Error::data(format!("{origin} has no column `{name}`"))
                .with_hint(format!("its columns are: {}", self.columns.join(", ")))
        })
    }

    fn not_a_number(&self, row: usize, column: &str, value: &str) -> Error {
        if let Some(objects) = self.other_number_of_objects(row)
            && value.trim().is_empty()
        {
            let file = self.field(row, self.file_column).unwrap_or_default();
            return Error::data(format!(
                "{}: {file} has {objects} objects, and so no one value of `{column}`",
                self.origin
            ))
            .with_hint(
                "keep the images with one object, DIR@only=objects:1, or cut every object out as an image of its own",
            );
        }
        Error::data(format!(
            "{}, line {}: column `{column}` is `{value}`, not a number",
            self.origin,
            self.line(row)
        ))
        .with_hint("numbers are written like -0.125, with a decimal point")
    }
}

/// Refuses what spreadsheets write instead of a table in UTF-8 that begins with its header.
fn refuse_other_texts(text: &[u8], origin: &str) -> Result<()> {
    if text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]) {
        let message = format!("{origin} is UTF-16 text");
        return Err(
            Error::data(message).with_hint("save it as UTF-8 (a spreadsheet's \"CSV UTF-8\")")
        );
    }
    let body = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if body.len() > 4 && body[..4].eq_ignore_ascii_case(b"sep=") {
        let message = format!("{origin}, line 1: `sep=` names a separator, not columns");
        let hint = "delete that line: the separator is found from the header";
        return Err(Error::data(message).with_hint(hint));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
