//! Results on stdout.

use std::io::{self, Write};

use serde::Serialize;
use simgan_base::formats::shape::Shape;

/// Writes `text` and a line end to stdout.
///
/// # Errors
/// Whatever stdout refuses; a reader that has gone ends the program silently (see `error_report::report`).
pub fn line(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()?;
    Ok(())
}

/// Writes bytes to stdout as they are.
pub fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()?;
    Ok(())
}

/// Writes `value` to stdout as indented JSON that names its shape.
pub fn json(shape: Shape, value: &impl Serialize) -> anyhow::Result<()> {
    line(shape.text(value)?.trim_end())
}

/// Aligned `name  value` lines.
pub fn table(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or(0);
    let lines: Vec<String> = rows
        .iter()
        .map(|(name, value)| format!("{name:width$}  {value}"))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_aligned() {
        let rows = [("a", "1".to_owned()), ("long", "2".to_owned())];
        assert_eq!(table(&rows), "a     1\nlong  2");
    }
}
