//! A logarithmic axis with marks at 1, 2 and 5 times the powers of ten, so that even one decade has a few.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// Values of an axis, both ends above zero.
#[derive(Clone, Debug)]
pub struct LogAxis(pub Range<f64>);

impl Ranged for LogAxis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let (low, high) = (self.0.start.ln(), self.0.end.ln());
        let part = (value.ln() - low) / (high - low);
        limit.0 + (part * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        let most = hint.max_num_points().max(2);
        let mut points = Vec::new();
        for multiples in [[1.0, 2.0, 5.0].as_slice(), &[1.0, 3.0], &[1.0]] {
            points = marks(&self.0, multiples);
            if points.len() <= most {
                return points;
            }
        }
        let every = points.len().div_ceil(most);
        points.into_iter().step_by(every).collect()
    }

    fn range(&self) -> Range<f64> {
        self.0.clone()
    }
}

/// The multiples of powers of ten within `range`.
fn marks(range: &Range<f64>, multiples: &[f64]) -> Vec<f64> {
    let first = range.start.log10().floor() as i32;
    let last = range.end.log10().ceil() as i32;
    let all =
        (first..=last).flat_map(|power| multiples.iter().map(move |m| m * 10_f64.powi(power)));
    all.filter(|mark| (range.start..=range.end).contains(mark))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::coord::ranged1d::BoldPoints;

    fn labels(range: Range<f64>) -> Vec<f64> {
        LogAxis(range).key_points(BoldPoints(6))
    }

    #[test]
    fn one_decade_has_several_marks() {
        assert_eq!(labels(0.9..30.0), [1.0, 2.0, 5.0, 10.0, 20.0]);
    }

    #[test]
    fn many_decades_have_few() {
        let marks = labels(1e-12..1e12);
        assert!(marks.len() <= 6 && marks.len() > 2, "{marks:?}");
    }

    #[test]
    fn equal_factors_are_equally_far_apart() {
        let axis = LogAxis(1.0..100.0);
        assert_eq!(axis.map(&1.0, (0, 200)), 0);
        assert_eq!(axis.map(&10.0, (0, 200)), 100);
        assert_eq!(axis.map(&100.0, (0, 200)), 200);
    }
}
