//! Pearson's correlation.

use crate::metrics::summary::mean;

/// Pearson correlation of two series of equal length, -1..=1; 0 where one of them is constant.
pub fn pearson(x: &[f64], y: &[f64]) -> f64 {
    let (mean_x, mean_y) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (&a, &b) in x.iter().zip(y) {
        let (a, b) = (a - mean_x, b - mean_y);
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    let scale = (xx * yy).sqrt();
    if scale == 0.0 {
        return 0.0;
    }
    (xy / scale).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_correlate_fully_and_constants_not_at_all() {
        let x = [1.0, 2.0, 3.0, 5.0];
        assert!((pearson(&x, &x.map(|v| 3.0 * v - 7.0)) - 1.0).abs() < 1e-12);
        assert!((pearson(&x, &x.map(|v| -v)) + 1.0).abs() < 1e-12);
        assert_eq!(pearson(&x, &[4.0; 4]), 0.0);
    }

    #[test]
    fn a_known_value() {
        // numpy.corrcoef([1, 2, 3, 4], [2, 1, 4, 3])[0, 1]
        assert!((pearson(&[1.0, 2.0, 3.0, 4.0], &[2.0, 1.0, 4.0, 3.0]) - 0.6).abs() < 1e-12);
    }
}
