//! Tables in Markdown that can be read as they stand.

/// A table of text, each line with its end. Columns are as wide as their widest cell, so that the
/// table is readable on a terminal too; columns of numbers stand to the right. A `|` in a cell is
/// written so that it does not end the cell.
pub fn table<S: AsRef<str>>(head: &[S], rows: &[Vec<String>]) -> String {
    let escaped = |cell: &str| cell.replace('|', "\\|");
    let head: Vec<String> = head.iter().map(|cell| escaped(cell.as_ref())).collect();
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| escaped(cell)).collect())
        .collect();
    let columns: Vec<Column> = (0..head.len())
        .map(|index| Column::of(&head, &rows, index))
        .collect();
    let rule: Vec<String> = columns.iter().map(Column::rule).collect();
    let lines = [&head, &rule].into_iter().chain(&rows);
    lines.map(|cells| line(cells, &columns)).collect()
}

/// How a column is written.
struct Column {
    /// Characters of its widest cell.
    width: usize,
    /// Whether it holds numbers, and stands to the right.
    numeric: bool,
}

impl Column {
    fn of(head: &[String], rows: &[Vec<String>], index: usize) -> Self {
        let cells = || rows.iter().filter_map(|row| row.get(index));
        let all = head.get(index).into_iter().chain(cells());
        // Three dashes are the shortest rule, a colon is a fourth.
        let width = all.map(|cell| cell.chars().count()).max().unwrap_or(0);
        let is_number = |cell: &String| {
            let text = cell.trim_start_matches(['+', '-', '<']);
            text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit())
        };
        Self {
            width: width.max(4),
            numeric: index > 0 && cells().all(is_number),
        }
    }

    fn rule(&self) -> String {
        match self.numeric {
            true => "-".repeat(self.width - 1) + ":",
            false => "-".repeat(self.width),
        }
    }

    fn pad(&self, cell: &str) -> String {
        let space = " ".repeat(self.width.saturating_sub(cell.chars().count()));
        match self.numeric {
            true => space + cell,
            false => cell.to_owned() + &space,
        }
    }
}

fn line(cells: &[String], columns: &[Column]) -> String {
    let cells = cells.iter().zip(columns);
    let cells: Vec<String> = cells.map(|(cell, column)| column.pad(cell)).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_a_bar_stays_in_its_cell() {
        let rows = [
            vec!["x|y".to_owned(), "1.25 ± 0.1".to_owned(), "a".to_owned()],
            vec!["longer".to_owned(), "-10".to_owned(), String::new()],
        ];
        assert_eq!(
            table(&["a", "b", "c"], &rows),
            "| a      |          b | c    |\n\
             | ------ | ---------: | ---- |\n\
             | x\\|y   | 1.25 ± 0.1 | a    |\n\
             | longer |        -10 |      |\n"
        );
    }
}
