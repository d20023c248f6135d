//! Cells of a label table that should be numbers and are none.

use std::borrow::Cow;

use crate::Labels;
use crate::targets::{GAZE_ANGLES, GAZE_VECTOR, SCREEN_POINT};

/// Gaps that are told one by one.
pub const TOLD: usize = 10;

/// What is missing from the number columns of a label table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gaps {
    /// The first [`TOLD`], a sentence each with line and column.
    pub told: Vec<String>,
    /// How many there are.
    pub count: usize,
}

/// What a cell holds.
#[derive(Clone, Copy, PartialEq)]
enum Cell {
    Number,
    /// NaN or infinity.
    NotFinite,
    Empty,
    Text,
}

impl Cell {
    fn of(text: &str) -> Self {
        match (text.trim(), text.trim().parse::<f32>()) {
            ("", _) => Self::Empty,
            (_, Ok(number)) if number.is_finite() => Self::Number,
            (_, Ok(_)) => Self::NotFinite,
            (_, Err(_)) => Self::Text,
        }
    }
}

impl Labels {
    /// Cells that are empty, not finite or no numbers, in columns of numbers: those of which at least half of the cells
    /// that are not empty are numbers, and those that are read as gaze or as points on the screen.
    pub fn gaps(&self) -> Gaps {
        let numeric = self.number_columns();
        let mut gaps = Gaps::default();
        for row in 0..self.len() {
            let is_empty_with_reason = self.has_no_only_object(row);
            for (column, text) in self.cells(row).iter().enumerate() {
                let cell = Cell::of(text);
                let is_gap = cell != Cell::Number && !(cell == Cell::Empty && is_empty_with_reason);
                if !numeric[column] || !is_gap {
                    continue;
                }
                gaps.count += 1;
                if gaps.told.len() < TOLD {
                    gaps.told.push(self.gap(row, column, text, cell));
                }
            }
        }
        gaps
    }

    fn gap(&self, row: usize, column: usize, text: &str, cell: Cell) -> String {
        let what: Cow<str> = match cell {
            Cell::Empty => "is empty".into(),
            Cell::NotFinite => format!("is `{}`, not a finite number", text.trim()).into(),
            Cell::Text | Cell::Number => format!("is `{}`, not a number", text.trim()).into(),
        };
        let (origin, line) = (self.origin(), self.line(row));
        format!("{origin}, line {line}: `{}` {what}", self.columns()[column])
    }

    /// Which columns hold numbers.
    fn number_columns(&self) -> Vec<bool> {
        let mut counts = vec![[0usize; 2]; self.columns().len()];
        for row in 0..self.len() {
            for (count, text) in counts.iter_mut().zip(self.cells(row)) {
                match Cell::of(&text) {
                    Cell::Number | Cell::NotFinite => count[0] += 1,
                    Cell::Text => count[1] += 1,
                    Cell::Empty => {}
                }
            }
        }
        let columns = self.columns().iter().zip(counts);
        columns
            .map(|(name, [numbers, texts])| {
                let known = GAZE_ANGLES.iter().chain(&GAZE_VECTOR).chain(&SCREEN_POINT);
                let mut known = known.filter(|known| *known == name);
                name != self.file_column()
                    && (known.next().is_some() || numbers > 0 && numbers >= texts)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(text: &str) -> Gaps {
        Labels::parse(text.as_bytes().to_vec(), "labels.csv")
            .unwrap()
            .gaps()
    }

    #[test]
    fn missing_and_non_finite_numbers_are_told_by_line_and_column() {
        let found = gaps("file,a,who,gaze_yaw\n0,1,x,nan\n1,,,x\n2,inf,3,\n3,4,y,1\n");
        let expected = [
            "labels.csv, line 2: `gaze_yaw` is `nan`, not a finite number",
            "labels.csv, line 3: `a` is empty",
            "labels.csv, line 3: `gaze_yaw` is `x`, not a number",
            "labels.csv, line 4: `a` is `inf`, not a finite number",
            "labels.csv, line 4: `gaze_yaw` is empty",
        ];
        assert_eq!(
            (found.told, found.count),
            (expected.map(String::from).to_vec(), 5)
        );
    }

    #[test]
    fn ten_are_told_and_all_counted() {
        let rows: String = (0..15).map(|i| format!("{i},NaN\n")).collect();
        let found = gaps(&format!("file,a\n{rows}"));
        assert_eq!((found.told.len(), found.count), (TOLD, 15));
        assert_eq!(gaps("0,1\n2,3\n"), Gaps::default());
    }
}
