//! How often people are right, and how much people differ: subjects as draws from a population.
//!
//! Answers of one person hang together, so that an interval from all answers in one heap is too
//! narrow. In the beta-binomial model every subject has a rate of right answers of its own, drawn
//! from a beta distribution with mean `mu`; `rho` is the correlation of two answers of one subject
//! (0: all subjects are alike). Both are estimated by maximum likelihood; the interval of `mu` is
//! that of the profile likelihood.

use serde::{Deserialize, Serialize};

/// Half the 95 % quantile of the chi-squared distribution of one degree of freedom.
const DROP: f64 = 3.841_458_820_694_124 / 2.0;
/// Halvings of an interval in a search: far beyond what doubles can tell apart.
const HALVINGS: usize = 60;
/// Steps of the coarse search over `rho`.
const STEPS: usize = 48;

/// The estimate over subjects.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverSubjects {
    /// Rate of right answers in the population of subjects, 0..=1.
    pub rate: f64,
    /// 95 % interval of `rate`, by profile likelihood.
    pub interval: [f64; 2],
    /// Correlation of two answers of one subject, 0..1; 0 where subjects differ no more than chance.
    pub correlation: f64,
}

/// Estimates from `(right, all)` of each subject; `None` of fewer than two, who tell no spread.
pub fn over_subjects(subjects: &[(usize, usize)]) -> Option<OverSubjects> {
    let subjects: Vec<_> = subjects.iter().copied().filter(|s| s.1 > 0).collect();
    if subjects.len() < 2 {
        return None;
    }
    let profile = |mu: f64| best_correlation(&subjects, mu).1;
    let rate = maximum(&profile, 0.0, 1.0);
    let (correlation, highest) = best_correlation(&subjects, rate);
    let inside = |mu: f64| profile(mu) >= highest - DROP;
    Some(OverSubjects {
        rate,
        interval: [border(&inside, rate, 0.0), border(&inside, rate, 1.0)],
        correlation,
    })
}

/// Log-likelihood, but for a constant: products over answers instead of gamma functions, exact at
/// `rho` 0 too.
fn log_likelihood(subjects: &[(usize, usize)], mu: f64, rho: f64) -> f64 {
    let sum = |start: f64, count: usize| -> f64 {
        (0..count).map(|j| (start + j as f64 * rho).ln()).sum()
    };
    let of = |&(right, all): &(usize, usize)| {
        sum(mu * (1.0 - rho), right) + sum((1.0 - mu) * (1.0 - rho), all - right)
            - sum(1.0 - rho, all)
    };
    subjects.iter().map(of).sum()
}

/// The `rho` that fits best with `mu`, and the log-likelihood there.
fn best_correlation(subjects: &[(usize, usize)], mu: f64) -> (f64, f64) {
    let likelihood = |rho: f64| log_likelihood(subjects, mu, rho);
    // Fine near 0, where `rho` usually lies.
    let at = |step: usize| (step as f64 / STEPS as f64).powi(3) * 0.999;
    let highest = (0..=STEPS)
        .max_by(|&a, &b| likelihood(at(a)).total_cmp(&likelihood(at(b))))
        .unwrap_or(0);
    let (low, high) = (highest.saturating_sub(1), (highest + 1).min(STEPS));
    let refined = maximum(&likelihood, at(low), at(high));
    match likelihood(refined) > likelihood(0.0) {
        true => (refined, likelihood(refined)),
        false => (0.0, likelihood(0.0)),
    }
}

/// Where `f`, which has one maximum between `low` and `high`, is highest: golden-section search.
fn maximum(f: &dyn Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    for _ in 0..HALVINGS {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        match f(left) < f(right) {
            true => low = left,
            false => high = right,
        }
    }
    (low + high) / 2.0
}

/// Between `from`, which is `inside`, and `to`: where that ends.
fn border(inside: &dyn Fn(f64) -> bool, from: f64, to: f64) -> f64 {
    let (mut good, mut bad) = (from, to);
    for _ in 0..HALVINGS {
        let middle = (good + bad) / 2.0;
        match inside(middle) {
            true => good = middle,
            false => bad = middle,
        }
    }
    good
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `scripts/turing_statistics.py` (SciPy).
    #[test]
    fn estimates_have_their_known_values() {
        let cases = [
            (
                vec![(52, 100), (48, 100), (61, 100), (45, 100), (55, 100)],
                [0.522_003, 0.462_508, 0.580_883, 0.002_434],
            ),
            (
                vec![(90, 100), (50, 100), (70, 100), (99, 100)],
                [0.781_820, 0.486_399, 0.920_364, 0.222_615],
            ),
            (
                vec![(10, 20), (12, 20), (9, 20)],
                [0.516_667, 0.384_424, 0.646_837, 0.0],
            ),
        ];
        for (subjects, expected) in cases {
            let OverSubjects {
                rate,
                interval,
                correlation,
            } = over_subjects(&subjects).unwrap();
            let found = [rate, interval[0], interval[1], correlation];
            for (found, expected) in found.into_iter().zip(expected) {
                assert!((found - expected).abs() < 2e-5, "{found} {expected}");
            }
        }
    }

    #[test]
    fn one_subject_tells_no_spread() {
        assert_eq!(over_subjects(&[(50, 100)]), None);
        assert_eq!(over_subjects(&[(50, 100), (0, 0)]), None);
    }

    #[test]
    fn subjects_who_are_all_right_have_a_rate_of_one() {
        let found = over_subjects(&[(20, 20), (20, 20)]).unwrap();
        assert!(found.rate > 1.0 - 1e-6 && found.interval[1] > 1.0 - 1e-6);
        // Two subjects who may be as one answer each: exp(-DROP) = mu^2.
        assert!((found.interval[0] - (-DROP / 2.0).exp()).abs() < 0.01);
    }
}
