//! The arithmetic of an update: by fused kernels on the CPU, by tensor operations on other devices.

use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use simgan_kernels::optimizer::{self as kernels, Gradient};

use crate::nets::optimizer::flex;

/// How weights follow their gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Stochastic gradient descent: `v = momentum * v + g`, `w = w - rate * v`; no state where `momentum` is 0.
    Sgd {
        /// Part of the velocity that stays, 0..1.
        momentum: f64,
    },
    /// Adam (Kingma and Ba, 2015), epsilon 1e-8.
    Adam {
        /// Decay of the first and the second moment, 0..1.
        betas: [f64; 2],
    },
}

/// Keeps Adam's quotient finite: the value of its paper and of PyTorch.
const EPSILON: f64 = 1e-8;

impl Rule {
    /// Name of the optimizer.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sgd { .. } => "sgd",
            Self::Adam { .. } => "adam",
        }
    }

    /// Names of what is kept for every weight from step to step.
    pub(super) fn moments(self) -> &'static [&'static str] {
        match self {
            Self::Sgd { momentum: 0.0 } => &[],
            Self::Sgd { .. } => &["velocity"],
            Self::Adam { .. } => &["first_moment", "second_moment"],
        }
    }
}

/// One step: the rule with its numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Gradient descent.
    Sgd(kernels::Sgd),
    /// Adam.
    Adam(kernels::Adam),
}

impl Step {
    /// The step number `count`, counted from 1.
    pub(super) fn new(rule: Rule, count: u64, rate: f64, gradient: Gradient) -> Self {
        match rule {
            Rule::Sgd { momentum } => Self::Sgd(kernels::Sgd {
                rate: rate as f32,
                momentum: momentum as f32,
                gradient,
            }),
            Rule::Adam { betas } => Self::Adam(kernels::Adam {
                gradient,
                ..kernels::Adam::new(rate, betas, EPSILON, count)
            }),
        }
    }

    /// The new weights; `moments` are those of [`Rule::moments`].
    pub(super) fn apply<const D: usize>(
        self,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        moments: &mut Vec<Tensor<1>>,
    ) -> Tensor<D> {
        let weights = match flex::storage(weights) {
            Ok(weights) => weights,
            Err(weights) => return self.by_operations(weights, gradient, moments),
        };
        match flex::storage(gradient) {
            Ok(gradient) => flex::tensor(self.fused(weights, &gradient, moments)),
            Err(gradient) => self.by_operations(flex::tensor(weights), gradient, moments),
        }
    }

    /// One pass over memory; moments are updated in place.
    fn fused(
        self,
        weights: FlexTensor,
        gradient: &FlexTensor,
        moments: &mut Vec<Tensor<1>>,
    ) -> FlexTensor {
        let gradient: &[f32] = gradient.storage();
        let mut held: Vec<FlexTensor> = moments
            .drain(..)
            .filter_map(|m| flex::storage(m).ok())
            .collect();
        let mut values = held.iter_mut().map(FlexTensor::storage_mut::<f32>);
        let weights = match (self, values.next(), values.next()) {
            (Self::Sgd(step), velocity, _) => flex::updated(weights, |weights| {
                kernels::sgd(step, weights, gradient, velocity);
            }),
            (Self::Adam(step), Some(first), Some(second)) => flex::updated(weights, |weights| {
                kernels::adam(step, weights, gradient, [first, second]);
            }),
            (Self::Adam(_), ..) => unreachable!("Adam keeps two moments"),
        };
        moments.extend(held.into_iter().map(flex::tensor::<1>));
        weights
    }

    /// The same by operations of any device.
    pub(super) fn by_operations<const D: usize>(
        self,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        moments: &mut Vec<Tensor<1>>,
    ) -> Tensor<D> {
        let shape = weights.dims();
        let flat: [usize; 1] = [shape.iter().product()];
        let weights = weights.reshape(flat);
        let gradient = self.prepared(gradient.reshape(flat), &weights);
        let moved = match self {
            Self::Sgd(step) => descended(step, weights, gradient, moments),
            Self::Adam(step) => adam(step, weights, gradient, moments),
        };
        moved.reshape(shape)
    }

    /// The gradient, clipped and with the penalty on the weights.
    fn prepared(self, gradient: Tensor<1>, weights: &Tensor<1>) -> Tensor<1> {
        let Gradient { factor, decay } = match self {
            Self::Sgd(step) => step.gradient,
            Self::Adam(step) => step.gradient,
        };
        let gradient = match factor == 1.0 {
            true => gradient,
            false => gradient * factor,
        };
        match decay == 0.0 {
            true => gradient,
            false => gradient + weights.clone() * decay,
        }
    }
}

fn descended(
    step: kernels::Sgd,
    weights: Tensor<1>,
    gradient: Tensor<1>,
    moments: &mut Vec<Tensor<1>>,
) -> Tensor<1> {
    let Some(velocity) = moments.pop() else {
        return weights - gradient * step.rate;
    };
    let velocity = velocity * step.momentum + gradient;
    moments.push(velocity.clone());
    weights - velocity * step.rate
}

fn adam(
    step: kernels::Adam,
    weights: Tensor<1>,
    gradient: Tensor<1>,
    moments: &mut Vec<Tensor<1>>,
) -> Tensor<1> {
    let news = [
        gradient.clone() * step.news[0],
        gradient.square() * step.news[1],
    ];
    let moved = moments.drain(..).zip(step.betas).zip(news);
    let moved: Vec<_> = moved
        .map(|((moment, beta), new)| moment * beta + new)
        .collect();
    *moments = moved;
    let quotient = moments[0].clone() / (moments[1].clone().sqrt() + step.epsilon);
    weights - quotient * step.rate
}
