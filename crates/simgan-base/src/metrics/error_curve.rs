//! Share of images whose error stays below a threshold (paper, Table 2 and Fig. 7).

/// Thresholds in degrees at which every report reads the curve.
///
/// The paper's Table 2 names 7 degrees, but its figures are those of its Fig. 7 at 13 degrees: both are here.
pub const DEGREES: [f64; 5] = [5.0, 7.0, 9.0, 11.0, 13.0];

/// Percent (0..=100) of `errors` at or below `threshold`; 0 of nothing.
pub fn percent_within(errors: &[f64], threshold: f64) -> f64 {
    let within = errors.iter().filter(|&&error| error <= threshold).count();
    if errors.is_empty() {
        return 0.0;
    }
    100.0 * within as f64 / errors.len() as f64
}

/// `(threshold, percent within it)` at each of `thresholds`.
pub fn at(errors: &[f64], thresholds: &[f64]) -> Vec<(f64, f64)> {
    thresholds
        .iter()
        .map(|&threshold| (threshold, percent_within(errors, threshold)))
        .collect()
}

/// The cumulative error curve: `points + 1` thresholds spread evenly over `0..=limit`.
///
/// The grid depends on `limit` alone, so that curves of several estimators can be averaged.
pub fn cumulative(errors: &[f64], limit: f64, points: usize) -> Vec<(f64, f64)> {
    let thresholds: Vec<f64> = (0..=points)
        .map(|i| limit * i as f64 / points.max(1) as f64)
        .collect();
    at(errors, &thresholds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_inclusive() {
        let errors = [1.0, 5.0, 7.0, 20.0];
        assert_eq!(
            at(&errors, &[5.0, 7.0, 13.0]),
            [(5.0, 50.0), (7.0, 75.0), (13.0, 75.0)]
        );
        assert_eq!(percent_within(&[], 5.0), 0.0);
    }

    #[test]
    fn the_curve_rises_from_its_start_to_its_limit() {
        let curve = cumulative(&[0.0, 2.5, 10.0], 10.0, 4);
        let thresholds: Vec<f64> = curve.iter().map(|point| point.0).collect();
        assert_eq!(thresholds, [0.0, 2.5, 5.0, 7.5, 10.0]);
        assert!(curve.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        assert_eq!(curve[4].1, 100.0);
    }
}
