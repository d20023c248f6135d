//! R1: a penalty on the slope of D at real images (Mescheder et al., ICML 2018,
//! [arXiv 1801.04406](https://arxiv.org/abs/1801.04406)), `weight / 2 * E |grad D(y)|^2`.
//!
//! Its gradient would take second derivatives, which automatic differentiation here does not have. But for a random
//! direction `u ~ N(0, I)` the slope along it, `grad D . u`, has the mean square `|grad D|^2`. The slope is a
//! central difference of two ordinary forward passes,
//!
//! ```text
//! |grad D(y)|^2 = E_u [ ((D(y + e u) - D(y - e u)) / (2 e))^2 ] + O(e^2)
//! ```
//!
//! and so differentiable for D's weights. The expectation is unbiased with one direction an image. D here is
//! [`realness`], patch by patch: the local form of R1 is the mean over patches of
//! each patch's own squared slope, which the same two passes give.

use burn::tensor::Tensor;

use crate::discriminator::Discriminator;
use crate::losses::finite_value;
use crate::stabilizers::adversarial_loss::realness;
use crate::stabilizers::draws::Draws;
use simgan_base::Result;
use simgan_base::random::Stream;

/// e, the step of the central difference: about one grey level a pixel. Smaller ones lose digits of f32, larger ones
/// see D's curvature.
const STEP: f64 = 0.01;

/// The penalty, at every so many updates of D.
#[derive(Clone, Debug)]
pub struct GradientPenalty {
    weight: f64,
    every: usize,
    /// Where the directions come from.
    pub draws: Draws,
}

impl GradientPenalty {
    /// A penalty of `weight` at every `every`th update of D; a weight of 0: none.
    pub fn new(weight: f64, every: usize, seed: u64) -> Self {
        Self {
            weight,
            every,
            draws: Draws::new(seed, Stream::GradientPenalty),
        }
    }

    /// D's `loss` with the penalty, and the penalty alone, if it is due (see [`term`](Self::term)).
    ///
    /// # Errors
    /// A penalty that is not finite.
    pub fn added_to(
        &mut self,
        loss: Tensor<1>,
        discriminator: &Discriminator,
        real: &Tensor<4>,
        updates: u64,
    ) -> Result<(Tensor<1>, Option<f32>)> {
        let Some(penalty) = self.term(discriminator, real, updates) else {
            return Ok((loss, None));
        };
        let value = finite_value("gradient penalty", &penalty)?;
        Ok((loss + penalty, Some(value)))
    }

    /// What to add to D's loss after `updates` updates, if it is due: `weight / 2` times the squared slope, times
    /// `every`, so that its mean over updates does not depend on how often it is computed (Karras et al., CVPR 2020).
    ///
    /// # Shapes
    /// - `real`: real images as D sees them, `[batch, channels, height, width]`
    pub fn term(
        &mut self,
        discriminator: &Discriminator,
        real: &Tensor<4>,
        updates: u64,
    ) -> Option<Tensor<1>> {
        let due = self.weight > 0.0 && updates.is_multiple_of(self.every as u64);
        due.then(|| {
            let directions = self.draws.normal_like(real);
            let slope = squared_slope(discriminator, real.clone(), directions);
            slope * (self.weight / 2.0 * self.every as f64)
        })
    }
}

/// Squared slope of D along `directions`, mean over images and patches.
///
/// # Shapes
/// - `images`, `directions`: `[batch, channels, height, width]`
pub fn squared_slope(
    discriminator: &Discriminator,
    images: Tensor<4>,
    directions: Tensor<4>,
) -> Tensor<1> {
    let step = directions * STEP;
    let above = realness(discriminator.forward(images.clone() + step.clone()));
    let below = realness(discriminator.forward(images - step));
    ((above - below) / (2.0 * STEP)).square().mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discriminator::{DiscriminatorConfig, Layer, Scope};
    use crate::nets::activation::Activation;
    use crate::nets::optimizer::{Optimizer, Rule};
    use burn::tensor::Device;
    use simgan_base::random::generator;

    const SHAPE: [usize; 3] = [1, 7, 9];

    fn discriminator(activation: Activation, scope: Scope) -> Discriminator {
        let layer = |feature_maps, stride| Layer::Convolution {
            feature_maps,
            kernel_size: 3,
            stride,
        };
        let config = DiscriminatorConfig {
            scope,
            activation,
            layers: vec![layer(6, 2), layer(5, 1)],
            ..DiscriminatorConfig::eyes()
        };
        let mut rng = generator(5, Stream::DiscriminatorWeights);
        config.init(SHAPE, &mut rng, &Device::default().autodiff())
    }

    fn images(seed: u64, batch: usize) -> Tensor<4> {
        let [channels, height, width] = SHAPE;
        let shape = [batch, channels, height, width];
        let like = Tensor::zeros(shape, &Device::default().autodiff());
        Draws::new(seed, Stream::RealOrder).normal_like(&like) * 0.5
    }

    fn penalty(gradient_penalty: f64, gradient_penalty_every: usize) -> GradientPenalty {
        GradientPenalty::new(gradient_penalty, gradient_penalty_every, 0)
    }

    /// |grad D|^2 of one image by automatic differentiation, mean over patches.
    fn analytic(d: &Discriminator, image: Tensor<4>) -> f64 {
        let image = image.detach().require_grad();
        let scores = || realness(d.forward(image.clone()));
        let [_, _, height, width] = scores().dims();
        let mut sum = 0.0;
        for y in 0..height {
            for x in 0..width {
                let score = scores().slice([0..1, 0..1, y..y + 1, x..x + 1]).sum();
                let gradient = image.grad(&score.backward()).unwrap();
                sum += f64::from(gradient.square().sum().into_scalar::<f32>());
            }
        }
        sum / (height * width) as f64
    }

    /// Mean of many directions, beside the analytic gradient.
    fn assert_estimates(activation: Activation, scope: Scope) {
        let d = discriminator(activation, scope);
        let image = images(1, 1);
        let expected = analytic(&d, image.clone());
        let many = image.repeat_dim(0, 4000);
        let mut penalty = penalty(2.0, 1);
        let estimate: f32 = penalty.term(&d, &many, 0).unwrap().into_scalar();
        let error = (f64::from(estimate) - expected).abs() / expected;
        assert!(error < 0.06, "{estimate} beside {expected}");
    }

    #[test]
    fn penalty_estimates_the_squared_gradient() {
        assert_estimates(Activation::Silu, Scope::Local);
        assert_estimates(Activation::Silu, Scope::Global);
        assert_estimates(Activation::LeakyRelu, Scope::Local);
    }

    /// One direction, beside the analytic gradient along it.
    #[test]
    fn one_direction_gives_the_slope_along_it() {
        let d = discriminator(Activation::Silu, Scope::Global);
        let (image, u) = (images(1, 1), images(2, 1));
        let slope: f32 = squared_slope(&d, image.clone(), u.clone()).into_scalar();
        let image = image.require_grad();
        let score = realness(d.forward(image.clone())).sum();
        let gradient = Tensor::from_inner(image.grad(&score.backward()).unwrap());
        let expected: f32 = (gradient * u).sum().square().into_scalar();
        assert!(
            (slope - expected).abs() < 1e-3 * expected,
            "{slope} {expected}"
        );
    }

    /// A small step of D down the penalty's gradient lowers the penalty by what the gradient promises.
    #[test]
    fn gradient_of_the_penalty_is_its_slope() {
        let mut d = discriminator(Activation::Silu, Scope::Local);
        let (real, u) = (images(1, 4), images(2, 4) * 2.0);
        let loss = |d: &Discriminator| squared_slope(d, real.clone(), u.clone());
        let before = loss(&d);
        let mut sgd = Optimizer::new(Rule::Sgd { momentum: 0.0 }, 0.0);
        let rate = 1e-2;
        let norm = sgd.step(&mut d, &before, rate).unwrap();
        let (before, after): (f32, f32) = (before.into_scalar(), loss(&d).into_scalar());
        let promised = rate as f32 * norm * norm;
        assert!(promised > 0.0);
        assert!(
            ((before - after) / promised - 1.0).abs() < 0.1,
            "{before} {after} {promised}"
        );
    }

    #[test]
    fn penalty_is_due_every_so_many_updates_and_weighs_the_same() {
        let d = discriminator(Activation::Silu, Scope::Local);
        let real = images(1, 4);
        let value = |penalty: &mut GradientPenalty, updates| {
            let term = penalty.term(&d, &real, updates);
            term.map(|term| term.into_scalar::<f32>())
        };
        let (mut always, mut seldom) = (penalty(1.0, 1), penalty(1.0, 4));
        let (a, b) = (value(&mut always, 8), value(&mut seldom, 8));
        assert!((b.unwrap() / a.unwrap() - 4.0).abs() < 1e-4);
        assert_eq!(value(&mut seldom, 9), None);
        assert_eq!(value(&mut penalty(0.0, 1), 0), None);
    }
}
