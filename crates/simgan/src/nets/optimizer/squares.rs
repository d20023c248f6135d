//! Sums of squares over many tensors: norms, and whether every number is finite.

use burn::tensor::Tensor;
use simgan_kernels::optimizer::sum_of_squares;

use crate::nets::optimizer::flex;

/// A running sum of squares; not finite if a value is not.
#[derive(Default)]
pub(crate) struct Squares {
    /// Of tensors on the CPU.
    sum: f64,
    /// Of those on another device, which is asked once.
    elsewhere: Option<Tensor<1>>,
}

impl Squares {
    /// Adds the values of `tensor`, which is given back.
    pub(crate) fn add<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        match flex::storage(tensor) {
            Ok(tensor) => {
                self.sum += sum_of_squares(tensor.storage());
                flex::tensor(tensor)
            }
            Err(tensor) => {
                let squares = tensor.clone().square().sum();
                self.elsewhere = Some(match self.elsewhere.take() {
                    Some(sum) => sum + squares,
                    None => squares,
                });
                tensor
            }
        }
    }

    /// The sum.
    pub(crate) fn total(self) -> f64 {
        let elsewhere = self.elsewhere.map_or(0.0, |sum| sum.into_scalar::<f32>());
        self.sum + f64::from(elsewhere)
    }
}
