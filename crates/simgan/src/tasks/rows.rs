//! A table of numbers, one row an image.

/// A table of numbers, one row an image, stored row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Numbers a row; at least 1.
    pub dimension: usize,
    /// `[rows, dimension]`.
    pub values: Vec<f32>,
}

impl Rows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.dimension
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// One row.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.dimension..(index + 1) * self.dimension]
    }

    /// Rows of `columns`, each with a number an image.
    pub(super) fn of_columns(columns: &[Vec<f32>]) -> Self {
        let images = columns.first().map_or(0, Vec::len);
        Self {
            dimension: columns.len(),
            values: (0..images)
                .flat_map(|image| columns.iter().map(move |column| column[image]))
                .collect(),
        }
    }

    /// The rows in the precision of scores.
    pub(super) fn widened(&self) -> Vec<Vec<f64>> {
        self.values
            .chunks(self.dimension)
            .map(|row| row.iter().map(|&v| f64::from(v)).collect())
            .collect()
    }

    /// The rows at `indices`, in that order.
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            dimension: self.dimension,
            values: indices.iter().flat_map(|&i| self.row(i)).copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_selected_in_order() {
        let rows = Rows {
            dimension: 2,
            values: vec![0.0, 1.0, 2.0, 3.0],
        };
        assert_eq!(
            rows.select(&[1, 0, 1]).values,
            [2.0, 3.0, 0.0, 1.0, 2.0, 3.0]
        );
        assert_eq!((rows.len(), rows.is_empty()), (2, false));
    }
}
