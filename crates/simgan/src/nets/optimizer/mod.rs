//! Optimizers of the two networks: stochastic gradient descent (the paper) and Adam.
//!
//! On the CPU a parameter is updated in one pass over its memory and in place; other devices do the same arithmetic
//! with tensor operations.

mod flex;
mod loss_scale;
pub mod rates;
mod rule;
pub(crate) mod squares;
mod state;
#[cfg(any(test, feature = "testing"))]
pub(crate) use state::check_header;

use std::path::Path;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use simgan_kernels::optimizer::Gradient;

use crate::nets::finite;
use crate::nets::parameter_path::ParameterPath;
use simgan_base::Result;

use loss_scale::{LossScale, scaled};
pub use rule::Rule;
use rule::Step;
use squares::Squares;
use state::{Moments, OptimizerState};

/// Which optimizer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimizerKind {
    /// Stochastic gradient descent with momentum.
    Sgd,
    /// Adam (Kingma and Ba, 2015), epsilon 1e-8.
    #[default]
    Adam,
}

/// The optimizer of one network, with clipping of the global gradient norm.
#[derive(Clone, Debug)]
pub struct Optimizer {
    rule: Rule,
    weight_decay: f64,
    gradient_clip: f64,
    loss_scale: LossScale,
    state: OptimizerState,
}

impl Optimizer {
    /// An optimizer without state that adds `weight_decay` times the weights to their gradient and clips nothing.
    pub fn new(rule: Rule, weight_decay: f64) -> Self {
        Self {
            rule,
            weight_decay,
            gradient_clip: 0.0,
            loss_scale: LossScale::default(),
            state: OptimizerState::default(),
        }
    }

    /// Scales gradients of a larger global norm than `gradient_clip` down to it; 0: no limit.
    pub fn with_gradient_clip(self, gradient_clip: f64) -> Self {
        Self {
            gradient_clip,
            ..self
        }
    }

    /// Updates done.
    pub fn steps(&self) -> u64 {
        self.state.steps
    }

    /// One update of `network` on `loss`; returns the gradient's global norm before clipping.
    ///
    /// Weights that nobody else holds are updated in place. Where layers compute in `f16`, the loss is scaled for their
    /// gradients; an update that overflows them is left out, and its norm is not finite.
    ///
    /// # Errors
    /// A gradient that is not finite, by its parameter; network and optimizer are then as before.
    pub fn step<M: Module>(
        &mut self,
        network: &mut M,
        loss: &Tensor<1>,
        learning_rate: f64,
    ) -> Result<f32> {
        let gradients = GradientsParams::from_grads(self.scaled(loss).backward(), network);
        self.follow(network, gradients, &loss.device(), learning_rate)
    }

    /// The loss whose gradients [`follow`](Self::follow) takes: scaled, where layers compute in `f16`.
    pub fn scaled(&self, loss: &Tensor<1>) -> Tensor<1> {
        scaled(loss, self.loss_scale.on(&loss.device()))
    }

    /// As [`step`](Self::step), with the `gradients` of the [`scaled`](Self::scaled) loss on `device`.
    ///
    /// # Errors
    /// Those of [`step`](Self::step).
    pub fn follow<M: Module>(
        &mut self,
        network: &mut M,
        mut gradients: GradientsParams,
        device: &Device,
        learning_rate: f64,
    ) -> Result<f32> {
        let scale = self.loss_scale.on(device);
        let norm = global_norm(network, &mut gradients) / scale;
        if !norm.is_finite() && scale > 1.0 {
            self.loss_scale.overflowed();
            return Ok(norm);
        }
        if !norm.is_finite() {
            return Err(finite::gradient_error(network, &gradients, norm));
        }
        self.loss_scale.went_well();
        self.state.steps += 1;
        let gradient = Gradient {
            factor: self.clip_factor(norm) / scale,
            decay: self.weight_decay as f32,
        };
        let mut update = Update {
            rule: self.rule,
            step: Step::new(self.rule, self.state.steps, learning_rate, gradient),
            gradients,
            state: &mut self.state,
            path: ParameterPath::default(),
        };
        // The only holder of the weights, so that they can change in place.
        let hollow = network.clone().map(&mut Hollow);
        *network = std::mem::replace(network, hollow).map(&mut update);
        Ok(norm)
    }

    /// Adds the squares of all moments to `sum`.
    pub(crate) fn add_squares(&self, sum: &mut Squares) {
        self.state.add_squares(sum);
    }

    /// Checks the moments of every parameter of the network that is called `what`.
    ///
    /// # Errors
    /// One is not finite: names its parameter.
    pub fn require_finite(&self, what: &str) -> Result<()> {
        self.state.require_finite(self.rule, what)
    }

    /// Scales a gradient of norm `norm` down to the limit.
    fn clip_factor(&self, norm: f32) -> f32 {
        let norm = f64::from(norm);
        match self.gradient_clip > 0.0 && norm > self.gradient_clip {
            true => (self.gradient_clip / norm) as f32,
            false => 1.0,
        }
    }

    /// Writes the optimizer's state as safetensors.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        self.state.save(self.rule, path)
    }

    /// Restores the state written by [`save`](Self::save) for the optimizer of `network`.
    ///
    /// # Errors
    /// A file that is damaged, of another kind of optimizer, or does not fit the network; nothing changes.
    pub fn load<M: Module>(&mut self, path: &Path, network: &M) -> Result<()> {
        self.state = OptimizerState::load(self.rule, network, path)?;
        Ok(())
    }
}

/// L2 norm over all parameters' gradients together.
fn global_norm<M: Module>(network: &M, gradients: &mut GradientsParams) -> f32 {
    let mut visitor = GradientSquares {
        gradients,
        sum: Squares::default(),
    };
    network.visit(&mut visitor);
    visitor.sum.total().sqrt() as f32
}

struct GradientSquares<'a> {
    gradients: &'a mut GradientsParams,
    sum: Squares,
}

impl ModuleVisitor for GradientSquares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let gradient = self.sum.add(gradient);
            self.gradients.register(param.id, gradient);
        }
    }
}

/// Puts single numbers in the place of parameters.
struct Hollow;

impl ModuleMapper for Hollow {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let device = param.val().device();
        Param::initialized(param.id, Tensor::empty([1; D], &device))
    }
}

/// Updates every parameter, and lets go of its gradient at once.
struct Update<'a> {
    rule: Rule,
    step: Step,
    gradients: GradientsParams,
    state: &'a mut OptimizerState,
    path: ParameterPath,
}

impl ModuleMapper for Update<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        let (id, weights, mapper) = param.consume();
        let checkpointing = weights.gradient_checkpointing_strategy();
        let weights = weights.inner();
        let moments = self.state.moments.entry(self.path.name());
        let moments = moments.or_insert_with(|| Moments::new(self.rule, &weights));
        let weights = self.step.apply(weights, gradient, &mut moments.values);
        let mut weights = Tensor::from_inner(weights);
        if let Some(strategy) = checkpointing {
            weights = weights.with_gradient_checkpointing_strategy(strategy);
        }
        Param::from_mapped_value(id, weights.require_grad(), mapper)
    }
}

#[cfg(test)]
mod tests;
