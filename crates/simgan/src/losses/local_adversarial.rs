//! The local adversarial loss (paper, section 2.2): cross-entropy of every patch, averaged.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use simgan::losses::local_adversarial::discriminator_loss;
//!
//! // A discriminator that knows nothing: equal logits for every one of 14 x 9 patches.
//! let logits = Tensor::<4>::zeros([2, 2, 9, 14], &Device::default());
//! let loss: f32 = discriminator_loss(logits.clone(), logits).into_scalar();
//! assert!((loss - 2f32.ln()).abs() < 1e-5);
//! ```

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

/// The two classes of D; the number is the map of its logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A real image.
    Real = 0,
    /// A synthetic or refined image: D(x) is the probability of this class.
    Refined = 1,
}

/// `-log P(class)`, mean over images and patches.
///
/// # Shapes
/// - `logits`: `[batch, 2, patches down, patches across]`
pub fn cross_entropy(logits: Tensor<4>, class: Class) -> Tensor<1> {
    let class = class as usize;
    -log_softmax(logits, 1).slice_dim(1, class..class + 1).mean()
}

/// L_D (eq. 2): `-log D(refined) - log(1 - D(real))`, averaged over both halves.
///
/// A discriminator that knows nothing has the loss log 2.
pub fn discriminator_loss(refined: Tensor<4>, real: Tensor<4>) -> Tensor<1> {
    (cross_entropy(refined, Class::Refined) + cross_entropy(real, Class::Real)) * 0.5
}

/// l_real (eq. 3), non-saturating: `-log(1 - D(R(x)))`. Low when D takes refined images for real.
pub fn refiner_loss(refined: Tensor<4>) -> Tensor<1> {
    cross_entropy(refined, Class::Real)
}

/// Fraction of patches that D assigns to `class`, 0..=1, as a tensor of one value.
pub fn accuracy(logits: Tensor<4>, class: Class) -> Tensor<1> {
    let real = logits.clone().slice_dim(1, 0..1);
    let refined = logits.slice_dim(1, 1..2);
    let right = match class {
        Class::Real => real.greater(refined),
        Class::Refined => refined.greater(real),
    };
    right.float().mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    fn logits(values: [[f32; 2]; 3]) -> Tensor<4> {
        // Three patches of one image: [1, 2, 1, 3].
        let [a, b, c] = values;
        let maps = vec![a[0], b[0], c[0], a[1], b[1], c[1]];
        Tensor::from_data(TensorData::new(maps, [1, 2, 1, 3]), &Device::default())
    }

    #[test]
    fn cross_entropy_is_the_mean_over_patches() {
        let x = logits([[0.0, 0.0], [2.0, -1.0], [-3.0, 0.5]]);
        let expected: f64 = [(0.0f64, 0.0f64), (2.0, -1.0), (-3.0, 0.5)]
            .iter()
            .map(|(real, refined)| (real.exp() + refined.exp()).ln() - refined)
            .sum::<f64>()
            / 3.0;
        let loss: f32 = cross_entropy(x, Class::Refined).into_scalar();
        assert!((f64::from(loss) - expected).abs() < 1e-6);
    }

    #[test]
    fn large_logits_stay_finite() {
        let x = logits([[1e4, -1e4], [-1e4, 1e4], [0.0, 1e4]]);
        let loss: f32 = discriminator_loss(x.clone(), x).into_scalar();
        assert!(loss.is_finite());
    }

    #[test]
    fn ignorance_costs_log_2() {
        let x = logits([[0.3, 0.3], [1.0, 1.0], [-2.0, -2.0]]);
        let loss: f32 = discriminator_loss(x.clone(), x).into_scalar();
        assert!((loss - std::f32::consts::LN_2).abs() < 1e-6);
    }

    #[test]
    fn refiner_and_discriminator_pull_apart() {
        let taken_for_real = logits([[3.0, 0.0]; 3]);
        let found_out = logits([[0.0, 3.0]; 3]);
        let refiner = |x: &Tensor<4>| refiner_loss(x.clone()).into_scalar::<f32>();
        let discriminator =
            |x: &Tensor<4>| cross_entropy(x.clone(), Class::Refined).into_scalar::<f32>();
        assert!(refiner(&taken_for_real) < refiner(&found_out));
        assert!(discriminator(&taken_for_real) > discriminator(&found_out));
    }

    #[test]
    fn accuracy_counts_patches() {
        let x = logits([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]]);
        let right = |class| accuracy(x.clone(), class).into_scalar::<f32>();
        assert!((right(Class::Refined) - 2.0 / 3.0).abs() < 1e-6);
        assert!((right(Class::Real) - 1.0 / 3.0).abs() < 1e-6);
    }
}
