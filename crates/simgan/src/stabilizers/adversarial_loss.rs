//! The adversarial loss: the paper's cross-entropy, and two that came after it.
//!
//! All judge every patch on its own and average. Least squares and hinge need one score a patch instead of two
//! logits; it is [`realness`], the log-odds of "real" under the paper's softmax, so that the sides meet at 0 and
//! [`accuracy`](crate::losses::local_adversarial::accuracy) means the same with every loss.

use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::losses::local_adversarial;
use crate::losses::local_adversarial::{Class, cross_entropy};

/// Which adversarial loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdversarialLossKind {
    /// The paper's (section 2.2), for R in its non-saturating form.
    #[default]
    #[serde(alias = "cross_entropy")]
    CrossEntropy,
    /// LSGAN (Mao et al., ICCV 2017, [arXiv 1611.04076](https://arxiv.org/abs/1611.04076)): squared distance of the
    /// score to 1 (real) and -1 (refined). Its slope does not vanish where D is sure.
    #[serde(alias = "least_squares")]
    LeastSquares,
    /// Hinge (Lim and Ye 2017, [arXiv 1705.02894](https://arxiv.org/abs/1705.02894)): D learns from patches with a
    /// margin below 1 only; R's loss is the negative score.
    Hinge,
}

/// The adversarial losses of both players.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AdversarialLoss {
    /// Which one.
    pub kind: AdversarialLossKind,
    /// Share of "refined" in the target of real images, 0..0.5; cross-entropy only.
    ///
    /// One-sided (Salimans et al., NIPS 2016, [arXiv 1606.03498](https://arxiv.org/abs/1606.03498)): it keeps D from
    /// being too sure of real images. The target of refined ones stays whole, because a share of "real" in it would
    /// reward R for staying where it is.
    pub label_smoothing: f64,
}

/// Log-odds of "real": the difference of both logits, positive where D takes a patch for real.
///
/// # Shapes
/// - `logits`: `[batch, 2, patches down, patches across]`
/// - result: `[batch, 1, patches down, patches across]`
pub fn realness(logits: Tensor<4>) -> Tensor<4> {
    let (real, refined) = (Class::Real as usize, Class::Refined as usize);
    logits.clone().slice_dim(1, real..real + 1) - logits.slice_dim(1, refined..refined + 1)
}

impl AdversarialLoss {
    /// A loss; `label_smoothing` is the share of "refined" in D's target of real images.
    pub fn new(kind: AdversarialLossKind, label_smoothing: f64) -> Self {
        Self {
            kind,
            label_smoothing,
        }
    }

    /// D's loss, the mean of its halves. A discriminator that knows nothing has log 2 (cross-entropy without
    /// smoothing) or 1 (the others).
    ///
    /// # Shapes
    /// - `refined`, `real`: logits `[batch, 2, patches down, patches across]`
    pub fn discriminator(&self, refined: Tensor<4>, real: Tensor<4>) -> Tensor<1> {
        let (on_refined, on_real) = match self.kind {
            AdversarialLossKind::CrossEntropy if self.label_smoothing == 0.0 => {
                return local_adversarial::discriminator_loss(refined, real);
            }
            AdversarialLossKind::CrossEntropy => {
                (cross_entropy(refined, Class::Refined), self.smoothed(real))
            }
            AdversarialLossKind::LeastSquares => (
                (realness(refined) + 1.0).square().mean(),
                (realness(real) - 1.0).square().mean(),
            ),
            AdversarialLossKind::Hinge => (
                relu(realness(refined) + 1.0).mean(),
                relu(1.0 - realness(real)).mean(),
            ),
        };
        (on_refined + on_real) * 0.5
    }

    /// R's adversarial term: low when D takes refined images for real. Negative values are usual with `hinge`.
    ///
    /// # Shapes
    /// - `refined`: logits `[batch, 2, patches down, patches across]`
    pub fn refiner(&self, refined: Tensor<4>) -> Tensor<1> {
        match self.kind {
            AdversarialLossKind::CrossEntropy => local_adversarial::refiner_loss(refined),
            AdversarialLossKind::LeastSquares => (realness(refined) - 1.0).square().mean() * 0.5,
            AdversarialLossKind::Hinge => -realness(refined).mean(),
        }
    }

    fn smoothed(&self, real: Tensor<4>) -> Tensor<1> {
        cross_entropy(real.clone(), Class::Real) * (1.0 - self.label_smoothing)
            + cross_entropy(real, Class::Refined) * self.label_smoothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    /// Logits (real, refined) of the patches of one image.
    const REFINED: [(f64, f64); 3] = [(0.2, 0.9), (1.5, -1.0), (-3.0, 0.5)];
    const REAL: [(f64, f64); 3] = [(0.1, 0.3), (4.0, -1.0), (-0.5, 0.2)];

    fn loss(kind: AdversarialLossKind, label_smoothing: f64) -> AdversarialLoss {
        AdversarialLoss {
            kind,
            label_smoothing,
        }
    }

    fn logits(patches: [(f64, f64); 3], device: &Device) -> Tensor<4> {
        let maps = [patches.map(|p| p.0 as f32), patches.map(|p| p.1 as f32)].concat();
        Tensor::from_data(TensorData::new(maps, [1, 2, 1, 3]), device)
    }

    fn mean(patches: [(f64, f64); 3], f: impl Fn(f64, f64) -> f64) -> f64 {
        patches.iter().map(|&(a, b)| f(a, b)).sum::<f64>() / 3.0
    }

    /// Minus the logarithm of the softmax of `a`.
    fn surprise(a: f64, b: f64) -> f64 {
        (a.exp() + b.exp()).ln() - a
    }

    fn assert_losses(loss: AdversarialLoss, discriminator: f64, refiner: f64) {
        let device = Device::default();
        let of = |patches| logits(patches, &device);
        let d: f32 = loss.discriminator(of(REFINED), of(REAL)).into_scalar();
        let r: f32 = loss.refiner(of(REFINED)).into_scalar();
        assert!((f64::from(d) - discriminator).abs() < 1e-5, "{d}");
        assert!((f64::from(r) - refiner).abs() < 1e-5, "{r}");
    }

    #[test]
    fn cross_entropy_is_the_papers_and_smoothing_touches_real_images_alone() {
        let refined = mean(REFINED, |a, b| surprise(b, a));
        let real = mean(REAL, surprise);
        let refiner = mean(REFINED, surprise);
        let kind = AdversarialLossKind::CrossEntropy;
        assert_losses(loss(kind, 0.0), (refined + real) / 2.0, refiner);
        let smoothed = mean(REAL, |a, b| 0.9 * surprise(a, b) + 0.1 * surprise(b, a));
        assert_losses(loss(kind, 0.1), (refined + smoothed) / 2.0, refiner);
    }

    #[test]
    fn least_squares_measures_distances_to_both_targets() {
        let refined = mean(REFINED, |a, b| (a - b + 1.0).powi(2));
        let real = mean(REAL, |a, b| (a - b - 1.0).powi(2));
        let refiner = mean(REFINED, |a, b| (a - b - 1.0).powi(2) / 2.0);
        let loss = loss(AdversarialLossKind::LeastSquares, 0.0);
        assert_losses(loss, (refined + real) / 2.0, refiner);
    }

    #[test]
    fn hinge_counts_what_lies_within_the_margin() {
        let refined = mean(REFINED, |a, b| (a - b + 1.0).max(0.0));
        let real = mean(REAL, |a, b| (1.0 - a + b).max(0.0));
        let refiner = mean(REFINED, |a, b| b - a);
        let loss = loss(AdversarialLossKind::Hinge, 0.0);
        assert_losses(loss, (refined + real) / 2.0, refiner);
    }

    /// A step of D down its loss raises R's, and a step of R down its loss raises D's half on refined images.
    #[test]
    fn players_pull_apart_with_every_loss() {
        let device = Device::default().autodiff();
        for kind in [
            AdversarialLossKind::CrossEntropy,
            AdversarialLossKind::LeastSquares,
            AdversarialLossKind::Hinge,
        ] {
            let loss = loss(kind, 0.0);
            let refined = logits([(0.1, 0.2), (-0.3, 0.1), (0.2, 0.1)], &device).require_grad();
            let of_d = loss.discriminator(refined.clone(), logits(REAL, &device));
            let of_d = refined.grad(&of_d.backward()).unwrap();
            let of_r = refined
                .grad(&loss.refiner(refined.clone()).backward())
                .unwrap();
            let together: f32 = (of_d * of_r).sum().into_scalar();
            assert!(together < 0.0, "{kind:?}: {together}");
        }
    }
}
