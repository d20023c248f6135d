//! Labels of simulated images as rows of a `labels.csv`: the path of the image below its folder in the column `file`,
//! then what the simulator knows.

use simgan_base::formats::csv_text::quoted;

/// Path of image `index` below its folder.
pub fn file_name(index: u64) -> String {
    format!("images/{index:06}.png")
}

/// The header of a simulator's `columns`, without line end.
pub fn header(columns: &[String]) -> String {
    row("file", columns)
}

/// The row of the image in `file`, without line end.
pub fn row(file: &str, cells: &[String]) -> String {
    let cells = cells.iter().map(|cell| quoted(cell));
    std::iter::once(file.into())
        .chain(cells)
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_its_file_and_quotes_what_would_be_two_cells() {
        let cells = ["0.5".to_owned(), "left, closed".to_owned()];
        let row = row(&file_name(3), &cells);
        assert_eq!(row, "images/000003.png,0.5,\"left, closed\"");
        assert_eq!(header(&["gaze_pitch".to_owned()]), "file,gaze_pitch");
    }
}
