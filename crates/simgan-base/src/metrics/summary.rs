//! Mean, median, quantiles and standard deviation.

/// Arithmetic mean; 0 of nothing.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Median: the middle value, or the mean of the two middle ones; 0 of nothing.
pub fn median(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

/// The least value that at least the part `q` (0..=1) of the values are at or below; 0 of nothing.
pub fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(0.0)
}

/// Mean and standard deviation (divisor n); not a number of nothing.
pub fn moments(values: impl Iterator<Item = f64> + Clone) -> [f64; 2] {
    weighted_moments(values.map(|value| (value, 1.0)))
}

/// Mean and standard deviation (divisor: the sum of weights) of values with their weights, 0 or above; not a number where no
/// weight is above 0.
pub fn weighted_moments(weighted: impl Iterator<Item = (f64, f64)> + Clone) -> [f64; 2] {
    let add = |(sum, weights): (f64, f64), (value, weight): (f64, f64)| {
        (sum + value * weight, weights + weight)
    };
    let (sum, weights) = weighted.clone().fold((0.0, 0.0), add);
    let mean = sum / weights;
    let squares = weighted.map(|(value, weight)| (value - mean).powi(2) * weight);
    [mean, (squares.sum::<f64>() / weights).sqrt()]
}

/// Sample standard deviation (divisor n - 1); 0 for fewer than two values.
pub fn sample_sd(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// `mean ± sd` to so many decimals; the mean alone of one value, which has no spread.
pub fn mean_and_sd(mean: f64, sd: f64, count: usize, decimals: usize) -> String {
    match count {
        1 => format!("{mean:.decimals$}"),
        _ => format!("{mean:.decimals$} ± {sd:.decimals$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        assert_eq!((mean(&values), median(&values)), (5.0, 4.5));
        assert_eq!(moments(values.iter().copied()), [5.0, 2.0]);
        assert!((sample_sd(&values) - (32.0_f64 / 7.0).sqrt()).abs() < 1e-12);
        assert_eq!(median(&[9.0, 1.0, 5.0]), 5.0);
        assert_eq!(
            [0.0, 0.5, 0.9, 1.0].map(|q| quantile(&values, q)),
            [2.0, 4.0, 9.0, 9.0]
        );
    }

    #[test]
    fn one_value_has_no_spread() {
        assert_eq!(mean_and_sd(2.0, 0.0, 1, 2), "2.00");
        assert_eq!(mean_and_sd(2.0, 0.125, 2, 1), "2.0 ± 0.1");
    }

    #[test]
    fn few_values() {
        assert_eq!((mean(&[]), median(&[]), sample_sd(&[])), (0.0, 0.0, 0.0));
        assert_eq!((sample_sd(&[3.0]), quantile(&[], 0.9)), (0.0, 0.0));
    }
}
