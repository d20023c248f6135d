//! Optimizers of the two networks: stochastic gradient descent (the paper) and Adam.

use std::path::Path;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::training::config::TrainingConfig;
use crate::{Error, Result};

/// Which optimizer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptimizerKind {
    /// Stochastic gradient descent with momentum.
    Sgd,
    /// Adam (Kingma and Ba, 2015), epsilon 1e-8.
    #[default]
    Adam,
}

/// The optimizer of one network, with clipping of the global gradient norm.
pub struct Optimizer {
    inner: ModuleOptimizer,
    gradient_clip: f64,
}

impl Optimizer {
    /// The optimizer that `config` asks for, without state.
    pub fn new(config: &TrainingConfig) -> Self {
        let inner = match config.optimizer {
            OptimizerKind::Sgd if config.momentum == 0.0 => SgdConfig::new().init(),
            OptimizerKind::Sgd => SgdConfig::new()
                .with_momentum(Some(MomentumConfig {
                    momentum: config.momentum,
                    dampening: 0.0,
                    nesterov: false,
                }))
                .init(),
            OptimizerKind::Adam => AdamConfig::new()
                .with_beta_1(config.adam_beta_1 as f32)
                .with_beta_2(config.adam_beta_2 as f32)
                .with_epsilon(1e-8)
                .init(),
        };
        Self {
            inner,
            gradient_clip: config.gradient_clip,
        }
    }

    /// One update of `network` on `loss`; returns the network and the gradient's global norm before clipping.
    ///
    /// # Errors
    /// A gradient that is not finite; the network is then not updated.
    pub fn step<M: Module>(
        &mut self,
        network: M,
        loss: &Tensor<1>,
        learning_rate: f64,
    ) -> Result<(M, f32)> {
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let norm = global_norm(&network, &gradients);
        if !norm.is_finite() {
            return Err(Error::training(format!("the gradient norm is {norm}")).with_hint(
                "lower the learning rate or set training.gradient_clip; the last checkpoint is intact",
            ));
        }
        let gradients = if self.gradient_clip > 0.0 && f64::from(norm) > self.gradient_clip {
            scaled(&network, gradients, self.gradient_clip / f64::from(norm))
        } else {
            gradients
        };
        Ok((self.inner.step(learning_rate, network, gradients), norm))
    }

    /// Writes the optimizer's state.
    pub fn save(&self, path: &Path) -> Result<()> {
        let bytes = self
            .inner
            .into_bytes()
            .map_err(|e| Error::model(format!("optimizer state cannot be written: {e}")))?;
        fs_err::write(path, &bytes[..])?;
        Ok(())
    }

    /// Restores the state written by [`save`](Self::save).
    pub fn load(self, path: &Path) -> Result<Self> {
        let bytes = fs_err::read(path)?;
        let inner = self
            .inner
            .from_bytes(burn::tensor::Bytes::from_bytes_vec(bytes))
            .map_err(|e| {
                Error::model(format!(
                    "{} is not a valid optimizer state: {e}",
                    path.display()
                ))
            })?;
        Ok(Self { inner, ..self })
    }
}

/// L2 norm over all parameters' gradients together.
pub fn global_norm<M: Module>(network: &M, gradients: &GradientsParams) -> f32 {
    struct SumOfSquares<'a> {
        gradients: &'a GradientsParams,
        sum: Option<Tensor<1>>,
    }
    impl ModuleVisitor for SumOfSquares<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.get::<D>(param.id) {
                let squares = gradient.square().sum();
                self.sum = Some(match self.sum.take() {
                    Some(sum) => sum + squares,
                    None => squares,
                });
            }
        }
    }
    let mut visitor = SumOfSquares {
        gradients,
        sum: None,
    };
    network.visit(&mut visitor);
    visitor.sum.map_or(0.0, |sum| sum.sqrt().into_scalar())
}

fn scaled<M: Module>(network: &M, gradients: GradientsParams, factor: f64) -> GradientsParams {
    struct Scale {
        gradients: GradientsParams,
        factor: f64,
    }
    impl ModuleVisitor for Scale {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.remove::<D>(param.id) {
                self.gradients.register(param.id, gradient * self.factor);
            }
        }
    }
    let mut visitor = Scale { gradients, factor };
    network.visit(&mut visitor);
    visitor.gradients
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[derive(Module, Debug)]
    struct Weight {
        weight: Param<Tensor<1>>,
    }

    fn network() -> Weight {
        let device = Device::default().autodiff();
        Weight {
            weight: Param::from_tensor(Tensor::from_floats([3.0, 4.0], &device)),
        }
    }

    fn values(network: &Weight) -> Vec<f32> {
        network.weight.val().inner().try_into_vec_as().unwrap()
    }

    fn sgd(gradient_clip: f64) -> Optimizer {
        Optimizer::new(&TrainingConfig {
            optimizer: OptimizerKind::Sgd,
            momentum: 0.0,
            gradient_clip,
            ..TrainingConfig::default()
        })
    }

    /// The loss |w|^2 / 2 has the gradient w, of norm 5.
    fn step(mut optimizer: Optimizer) -> (Vec<f32>, f32) {
        let network = network();
        let loss = network.weight.val().square().sum() * 0.5;
        let (network, norm) = optimizer.step(network, &loss, 0.1).unwrap();
        (values(&network), norm)
    }

    #[test]
    fn sgd_steps_down_the_gradient() {
        let (weights, norm) = step(sgd(0.0));
        assert!((norm - 5.0).abs() < 1e-5);
        assert!((weights[0] - 2.7).abs() < 1e-6 && (weights[1] - 3.6).abs() < 1e-6);
    }

    #[test]
    fn clipping_scales_to_the_limit() {
        let (weights, norm) = step(sgd(1.0));
        assert!(
            (norm - 5.0).abs() < 1e-5,
            "the norm before clipping is reported"
        );
        assert!((weights[0] - (3.0 - 0.06)).abs() < 1e-6);
        assert!((weights[1] - (4.0 - 0.08)).abs() < 1e-6);
    }

    #[test]
    fn infinite_gradients_are_refused() {
        let network = network();
        let loss = (network.weight.val() * f32::INFINITY).sum();
        assert!(sgd(0.0).step(network, &loss, 0.1).is_err());
    }
}
