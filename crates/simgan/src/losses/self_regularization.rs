//! The self-regularization loss (paper, section 2.1): the refined image stays close to the synthetic one.

use burn::tensor::Tensor;

use crate::feature_transform::FeatureTransform;

/// Mean absolute difference of the features: `|psi(refined) - psi(synthetic)|` (the paper's L1 norm
/// divided by the number of elements). Gradients flow through `refined` only.
///
/// # Shapes
/// - `refined`, `synthetic`: `[batch, channels, height, width]`, values in [-1, 1]
pub fn self_regularization(
    psi: &FeatureTransform,
    refined: Tensor<4>,
    synthetic: Tensor<4>,
) -> Tensor<1> {
    (psi.forward(refined) - psi.forward(synthetic).detach())
        .abs()
        .mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn identity_measures_the_mean_absolute_difference() {
        let device = Device::default();
        let x = Tensor::<4>::zeros([2, 1, 3, 4], &device);
        let loss = self_regularization(&FeatureTransform::Identity, x.clone() + 0.25, x);
        assert!((loss.into_scalar::<f32>() - 0.25).abs() < 1e-6);
    }
}
