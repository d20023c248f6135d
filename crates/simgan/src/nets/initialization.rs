//! Initial weights, drawn from a seeded stream so that a seed fixes a training.

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::{Tensor, TensorData};
use rand::{Rng, RngExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far initial weights spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// U(-1/sqrt(fan_in), 1/sqrt(fan_in)), biases too, with the fan-in of the weight before them:
    /// the default of PyTorch and Burn. A signal shrinks with every layer.
    #[default]
    Narrow,
    /// U(-sqrt(6/fan_in), sqrt(6/fan_in)), biases 0: a signal keeps its strength through layers with
    /// ReLU (He et al., ICCV 2015, [arXiv 1502.01852](https://arxiv.org/abs/1502.01852)).
    He,
}

impl Spread {
    fn bound(self, fan_in: usize, bias: bool) -> f32 {
        let fan_in = fan_in.max(1) as f32;
        match self {
            Self::Narrow => 1.0 / fan_in.sqrt(),
            Self::He if bias => 0.0,
            Self::He => (6.0 / fan_in).sqrt(),
        }
    }
}

/// Draws every parameter of `module` and numbers them in the order of the module.
///
/// The paper does not state its initialisation. Burn's own
/// draws come from one generator for the whole process and its parameter ids are random; here both
/// depend on `rng` and the module alone, so runs repeat and an optimizer's state can be restored.
pub fn initialize<M: Module>(module: M, spread: Spread, rng: &mut impl Rng) -> M {
    module.map(&mut Initializer {
        rng,
        spread,
        fan_in: 1,
        next_id: 1,
    })
}

struct Initializer<'a, R> {
    rng: &'a mut R,
    spread: Spread,
    fan_in: usize,
    next_id: u64,
}

impl<R: Rng> ModuleMapper for Initializer<'_, R> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (_, tensor, _) = param.consume();
        let shape = tensor.dims();
        match shape.as_slice() {
            // Linear weights are [in, out].
            [inputs, _] => self.fan_in = *inputs,
            // Convolution weights are [out, in, height, width].
            [_, kernel @ ..] if D > 2 => self.fan_in = kernel.iter().product(),
            _ => {}
        }
        let bound = self.spread.bound(self.fan_in, D == 1);
        let values: Vec<f32> = (0..shape.iter().product())
            .map(|_| self.rng.random_range(-1.0..1.0f32) * bound)
            .collect();
        let id = ParamId::from(self.next_id);
        self.next_id += 1;
        let drawn = Tensor::from_data(TensorData::new(values, shape), &tensor.device());
        if drawn.is_autodiff() {
            return Param::initialized(id, drawn.require_grad());
        }
        Param::initialized(id, drawn)
    }
}

/// Zeros in the place of `weights`, as much trained as those.
pub(crate) fn zeros<const D: usize>(weights: Tensor<D>) -> Tensor<D> {
    let trained = weights.is_require_grad();
    weights.zeros_like().set_require_grad(trained)
}
