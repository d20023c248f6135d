//! Gradients of mini-batches that several processes share, in one message.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};

use crate::parallel::ProcessGroup;
use simgan_base::Result;

/// Replaces the `gradients` of `network`, and `values` beside them, by their means over the processes of `group`: those of the
/// whole mini-batch, because shares are equal and losses are means.
///
/// # Errors
/// Another process has gone.
pub fn average<M: Module>(
    network: &M,
    gradients: &mut GradientsParams,
    values: &mut [f32],
    group: &ProcessGroup,
) -> Result<()> {
    if group.is_alone() {
        return Ok(());
    }
    let mut flat = Flatten {
        gradients,
        flat: values.to_vec(),
    };
    network.visit(&mut flat);
    let mut flat = flat.flat;
    group.average(&mut flat)?;
    let (means, flat) = flat.split_at(values.len());
    values.copy_from_slice(means);
    network.visit(&mut Replace { gradients, flat });
    Ok(())
}

/// Appends every gradient.
struct Flatten<'a> {
    gradients: &'a GradientsParams,
    flat: Vec<f32>,
}

impl ModuleVisitor for Flatten<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.flat.extend(gradient.into_data().iter::<f32>());
        }
    }
}

/// Takes every gradient from the beginning of what is left.
struct Replace<'a> {
    gradients: &'a mut GradientsParams,
    flat: &'a [f32],
}

impl ModuleVisitor for Replace<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let shape = gradient.shape();
            let (own, rest) = self.flat.split_at(shape.num_elements());
            self.flat = rest;
            let data = TensorData::new(own.to_vec(), shape);
            let gradient = Tensor::<D>::from_data(data, &gradient.device());
            self.gradients.register(param.id, gradient);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::Threads;
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::Device;
    use std::thread;

    /// Gradients of a line's weights and bias on `images`, which are scaled by their rank.
    fn averaged(group: &ProcessGroup, network: &Linear, rows: &[f32]) -> (Vec<f32>, f32) {
        let device = Device::default().autodiff();
        let data = TensorData::new(rows.to_vec(), [rows.len() / 3, 3]);
        let x = Tensor::<2>::from_data(data, &device);
        let loss = network.forward(x).square().mean();
        let mut values = [loss.clone().into_scalar::<f32>()];
        let mut gradients = GradientsParams::from_grads(loss.backward(), network);
        average(network, &mut gradients, &mut values, group).unwrap();
        let mut flat = Flatten {
            gradients: &gradients,
            flat: Vec::new(),
        };
        network.visit(&mut flat);
        (flat.flat, values[0])
    }

    #[test]
    fn means_over_shares_are_those_of_the_whole() {
        let device = Device::default().autodiff();
        let network = LinearConfig::new(3, 2).init(&device);
        let rows: Vec<f32> = (0..18).map(|i| (i * i % 11) as f32 / 5.0 - 1.0).collect();
        let (expected, loss) = averaged(&ProcessGroup::alone(), &network, &rows);
        assert_eq!(expected.len(), 3 * 2 + 2);
        thread::scope(|scope| {
            for (member, rows) in Threads::group(2).into_iter().zip(rows.chunks(9)) {
                let network = network.clone();
                let expected = &expected;
                scope.spawn(move || {
                    let group = ProcessGroup::of(member);
                    let (gradients, mean) = averaged(&group, &network, rows);
                    assert!((mean - loss).abs() < 1e-6);
                    for (found, expected) in gradients.iter().zip(expected) {
                        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
                    }
                });
            }
        });
    }
}
