//! The exact binomial test against guessing.

use std::f64::consts::LN_2;

/// Probability that guessing (each answer right with 1/2) gives at least `right` right answers of
/// `all`: the test of the paper's Table 1.
///
/// `right` is at most `all`.
pub fn one_sided(right: usize, all: usize) -> f64 {
    let sum: f64 = (right..=all).map(|k| log_probability(k, all).exp()).sum();
    sum.min(1.0)
}

/// Probability that guessing gives a number of right answers as far from the half as `right` of
/// `all`, or farther, to either side.
///
/// `right` is at most `all`.
pub fn two_sided(right: usize, all: usize) -> f64 {
    // The distribution is symmetric, so that both tails are alike.
    (2.0 * one_sided(right.max(all - right), all)).min(1.0)
}

/// Logarithm of the probability of `k` right answers of `n` by guessing.
fn log_probability(k: usize, n: usize) -> f64 {
    let ways: f64 = (1..=k).map(|i| ((n - k + i) as f64 / i as f64).ln()).sum();
    ways - n as f64 * LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
    }

    /// The paper's Table 1, and the values of `scripts/turing_statistics.py` (SciPy).
    #[test]
    fn tests_have_their_known_values() {
        let cases = [
            (517, 1000, 0.148_344_675_386_639_15, 0.296_689_350_773_278_3),
            (
                162,
                200,
                9.921_850_443_705_584e-20,
                1.984_370_088_741_116_7e-19,
            ),
            (3, 10, 0.945_312_5, 0.343_75),
            (50, 100, 0.539_794_618_693_588_9, 1.0),
            (0, 5, 1.0, 0.062_5),
            (
                610,
                1000,
                1.788_369_802_895_997_2e-12,
                3.576_739_605_791_994_3e-12,
            ),
        ];
        for (right, all, one, two) in cases {
            close(one_sided(right, all), one);
            close(two_sided(right, all), two);
        }
    }

    #[test]
    fn all_that_can_happen_has_probability_one() {
        for n in [1, 2, 7, 100] {
            close(one_sided(0, n), 1.0);
            close(one_sided(n, n), 0.5f64.powi(n as i32));
            close(one_sided(n / 2 + 1, n) + one_sided(n - n / 2, n), 1.0);
        }
        assert_eq!(two_sided(5, 10), 1.0);
        assert_eq!(two_sided(0, 0), 1.0);
    }
}
