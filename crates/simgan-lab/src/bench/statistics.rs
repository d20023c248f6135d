//! Times of one competitor's steps in short.

use serde::Serialize;

/// Median, range and spread of the times of a stage, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// Middle of all times.
    pub median: f64,
    /// Shortest time.
    pub min: f64,
    /// Longest time.
    pub max: f64,
    /// Distance between the quartiles, as a fraction of the median.
    pub spread: f64,
    /// Timed steps.
    pub steps: usize,
}

impl Statistics {
    /// Of at least one time; `None` of none.
    pub fn of(seconds: &[f64]) -> Option<Self> {
        let mut sorted = seconds.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let median = quantile(&sorted, 0.5);
        let quartiles = quantile(&sorted, 0.75) - quantile(&sorted, 0.25);
        Some(Self {
            median,
            min,
            max,
            spread: if median > 0.0 {
                quartiles / median
            } else {
                0.0
            },
            steps: sorted.len(),
        })
    }
}

/// Linear between the two nearest of the `sorted` values, of which there is at least one.
fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    let place = fraction * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_range_and_spread() {
        let found = Statistics::of(&[5.0, 1.0, 2.0, 4.0, 3.0]).unwrap();
        assert_eq!((found.median, found.min, found.max), (3.0, 1.0, 5.0));
        assert!((found.spread - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(found.steps, 5);
        assert_eq!(Statistics::of(&[1.0, 2.0]).unwrap().median, 1.5);
        assert_eq!(Statistics::of(&[]), None);
    }
}
