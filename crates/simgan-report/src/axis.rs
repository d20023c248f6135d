//! What an axis shows, and how its marks are written.

use std::ops::Range;

/// Positive values that span more than this factor get a logarithmic axis.
const LOG_SPAN: f64 = 30.0;

/// From the least to the largest value.
pub fn extent(values: impl Iterator<Item = f64>) -> Range<f64> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    low..high
}

/// Whether values of this extent are better seen on a logarithmic axis.
pub fn is_logarithmic(y: &Range<f64>) -> bool {
    y.start > 0.0 && y.end / y.start > LOG_SPAN
}

/// A little room above and below; zero stays the bottom where the values come near it or never change.
pub fn padded(y: &Range<f64>) -> Range<f64> {
    let span = y.end - y.start;
    if y.start == 0.0 && y.end == 0.0 {
        return 0.0..1.0;
    }
    if span <= 1e-3 * y.end.abs().max(1e-9) {
        return y.start.min(0.0) * 1.2..y.end.max(0.0) + 0.2 * y.end.abs().max(1e-9);
    }
    let near_zero = y.start >= 0.0 && y.start < 0.5 * span;
    let low = if near_zero {
        0.0
    } else {
        y.start - 0.06 * span
    };
    low..y.end + 0.06 * span
}

/// A short label for an axis: `0.25`, `1,500`, `20k`, `1e-4`.
pub fn tick(value: f64) -> String {
    let size = value.abs();
    match size {
        s if s < 1e-12 => "0".to_owned(),
        s if s >= 1e6 => format!("{}M", trim(value / 1e6, 2)),
        s if s >= 1e4 => format!("{}k", trim(value / 1e3, 1)),
        s if s >= 1.0 => trim(value, 2),
        s if s >= 1e-3 => trim(value, 4),
        _ => format!("{value:.0e}"),
    }
}

/// A number with at most `decimals` decimals and no zeros at its end.
fn trim(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_leave_room_and_know_zero() {
        assert_eq!(padded(&(0.2..1.0)).start, 0.0);
        assert!(padded(&(0.9..1.0)).start > 0.8);
        let constant = padded(&(0.001..0.001));
        assert!(constant.start == 0.0 && constant.end > 0.001);
        let around = padded(&(-3.0..-3.0));
        assert!(around.start < -3.0 && around.end > -3.0);
    }

    #[test]
    fn ticks_are_short() {
        let cases = [
            (0.0, "0"),
            (0.25, "0.25"),
            (1500.0, "1500"),
            (20_000.0, "20k"),
            (1.2e6, "1.2M"),
            (1e-4, "1e-4"),
        ];
        for (value, text) in cases {
            assert_eq!(tick(value), text);
        }
    }
}
