//! Exponential moving average of a network's weights: steadier than any single iterate. Of R's it is complementary to the
//! history of images.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;
use burn::tensor::container::TensorContainer;

/// Moves `average` towards `current`: `average = decay * average + (1 - decay) * current`.
///
/// Both must be the same network; `average` is a validation copy (`network.valid()`).
pub fn update<M: Module>(average: M, current: &M, decay: f64) -> M {
    let mut values = Values::default();
    current.visit(&mut values);
    average.map(&mut Blend {
        current: values.container,
        decay,
    })
}

#[derive(Default)]
struct Values {
    container: TensorContainer<ParamId>,
}

impl ModuleVisitor for Values {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.container.register(param.id, param.val().inner());
    }
}

struct Blend {
    current: TensorContainer<ParamId>,
    decay: f64,
}

impl ModuleMapper for Blend {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.current.remove::<Tensor<D>>(&param.id) {
            Some(current) => {
                param.map(|average| average * self.decay + current * (1.0 - self.decay))
            }
            None => param,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::Device;

    #[test]
    fn average_lies_between() {
        let device = Device::default().autodiff();
        let old = LinearConfig::new(3, 2).init(&device);
        let new = LinearConfig::new(3, 2).init(&device);
        // The same parameters with other values.
        let new = Linear {
            weight: Param::initialized(old.weight.id, new.weight.val()),
            bias: old.bias.clone(),
        };
        let weights = |network: &Linear| {
            let values = network.weight.val().into_data();
            values.iter::<f32>().collect::<Vec<_>>()
        };
        let average = update(old.valid(), &new, 0.75);
        let all = weights(&old)
            .into_iter()
            .zip(weights(&new))
            .zip(weights(&average));
        for ((old, new), average) in all {
            assert!((0.75 * old + 0.25 * new - average).abs() < 1e-6);
        }
    }
}
