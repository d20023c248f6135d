//! Tables in Markdown.

/// A table of text, each line with its end; a `|` in a cell is written so that it does not end the cell.
pub fn table<S: AsRef<str>>(head: &[S], rows: &[Vec<String>]) -> String {
    let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
    let rule = vec!["---"; head.len()];
    let rows = rows
        .iter()
        .map(|row| row.iter().map(String::as_str).collect());
    [head, rule].into_iter().chain(rows).map(line).collect()
}

fn line(cells: Vec<&str>) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_stays_in_its_cell() {
        let rows = [vec!["x|y".to_owned(), "1".to_owned()]];
        assert_eq!(
            table(&["a", "b"], &rows),
            "| a | b |\n| --- | --- |\n| x\\|y | 1 |\n"
        );
    }
}
