//! Coordinates of many images as rows: their columns.

use simgan_base::metrics::summary::mean;

/// Mean of each column.
pub(super) fn column_means(rows: &[Vec<f64>]) -> Vec<f64> {
    (0..rows.first().map_or(0, Vec::len))
        .map(|i| mean(&column(rows, i)))
        .collect()
}

/// One column of rows.
pub(super) fn column(rows: &[Vec<f64>], index: usize) -> Vec<f64> {
    rows.iter().map(|row| row[index]).collect()
}
