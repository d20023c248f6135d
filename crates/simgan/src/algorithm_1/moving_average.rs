//! Exponential moving average of R's weights: steadier than any single iterate of an adversarial
//! training, and complementary to the history of images.

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
    use crate::refiner::RefinerConfig;
    use burn::tensor::Device;
    use simgan_base::random::{Stream, generator};

    #[test]
    fn average_lies_between() {
        let config = RefinerConfig {
            feature_maps: 2,
            blocks: 1,
            ..RefinerConfig::eyes()
        };
        let device = Device::default().autodiff();
        let network = |seed| config.init(1, &mut generator(seed, Stream::RefinerWeights), &device);
        let (old, new) = (network(1), network(2));
        let weights = |r: &crate::refiner::Refiner| -> Vec<f32> {
            let mut all = Vec::new();
            struct Flat<'a>(&'a mut Vec<f32>);
            impl ModuleVisitor for Flat<'_> {
                fn visit_float<const D: usize>(&mut self, p: &Param<Tensor<D>>) {
                    self.0.extend(p.val().inner().into_data().iter::<f32>());
                }
            }
            r.visit(&mut Flat(&mut all));
            all
        };
        let average = update(old.valid(), &new, 0.75);
        for ((o, n), a) in weights(&old)
            .iter()
            .zip(weights(&new))
            .zip(weights(&average))
        {
            assert!((0.75 * o + 0.25 * n - a).abs() < 1e-6);
        }
    }
}
