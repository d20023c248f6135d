//! Weights of a Gaussian filter.

/// A standard deviation, in pixels, below which a filter changes nothing that counts.
const NARROW: f32 = 0.05;

/// One half of a symmetric Gaussian filter of standard deviation `sigma` pixels, its middle first, cut off at three of
/// them. Both halves sum to 1; a single weight, 1, where `sigma` is too small to blur.
pub fn half_gaussian(sigma: f32) -> Vec<f32> {
    if sigma < NARROW {
        return vec![1.0];
    }
    let radius = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f32> = (0..=radius)
        .map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp())
        .collect();
    let total = 2.0 * weights.iter().sum::<f32>() - weights[0];
    weights.iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_sum_to_one_and_fall_as_a_gaussian() {
        let weights = half_gaussian(2.0);
        assert_eq!(weights.len(), 7);
        let sum = 2.0 * weights.iter().sum::<f32>() - weights[0];
        assert!((sum - 1.0).abs() < 1e-6, "{sum}");
        assert!((weights[2] / weights[0] - (-0.5f32).exp()).abs() < 1e-6);
        assert_eq!(half_gaussian(0.0), [1.0]);
    }
}
