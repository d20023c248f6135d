//! The interval of a proportion.

/// Standard normal quantile of a two-sided 95 % interval.
const Z: f64 = 1.959_964;

/// Wilson's 95 % score interval of a proportion `p` of `n` draws, `n` above 0 (Wilson, JASA 22, 1927).
pub fn wilson(p: f64, n: usize) -> [f64; 2] {
    let n = n as f64;
    let middle = p + Z * Z / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    [-half, half].map(|half| ((middle + half) / (1.0 + Z * Z / n)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By R: `prop.test(x, n, correct = FALSE)$conf.int`.
    #[test]
    fn wilsons_interval_has_its_known_values() {
        let cases = [
            (0.5, 100, [0.4038, 0.5962]),
            (0.9, 10, [0.5958, 0.9821]),
            (1.0, 20, [0.8389, 1.0]),
        ];
        for (p, n, expected) in cases {
            let found = wilson(p, n);
            let far = |i: usize| (found[i] - expected[i]).abs() > 1e-4;
            assert!(!far(0) && !far(1), "{p} of {n}: {found:?}");
        }
    }
}
