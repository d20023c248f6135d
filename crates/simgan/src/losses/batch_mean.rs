//! Means over mini-batches that several processes share, in losses that are no sums over images.

use burn::tensor::{Tensor, TensorData};

use crate::parallel::ProcessGroup;
use simgan_base::Result;

/// The mean over a whole mini-batch, of which `mean` is that over the share of this process.
///
/// Its gradient is that of `mean`. The mean over all processes of the gradients of a loss `f(mean)` is then
/// `f'(mean of means) * mean of gradients`: that of the loss of the whole mini-batch.
///
/// # Errors
/// Another process has gone.
pub fn batch_mean<const D: usize>(mean: Tensor<D>, group: &ProcessGroup) -> Result<Tensor<D>> {
    if group.is_alone() {
        return Ok(mean);
    }
    let share = mean.clone().detach();
    let (shape, device) = (mean.shape(), mean.device());
    let mut values: Vec<f32> = share.clone().into_data().iter::<f32>().collect();
    group.average(&mut values)?;
    let whole = Tensor::from_data(TensorData::new(values, shape), &device);
    Ok(mean - share + whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::Threads;
    use burn::tensor::Device;
    use std::thread;

    /// The square of the mean of four numbers, two of them here and two there.
    #[test]
    fn gradients_of_a_square_of_means_add_up() {
        let x = [0.5f32, -1.0, 2.0, 0.25];
        let mean = x.iter().sum::<f32>() / 4.0;
        thread::scope(|scope| {
            for (member, own) in Threads::group(2).into_iter().zip(x.chunks(2)) {
                scope.spawn(move || {
                    let group = ProcessGroup::of(member);
                    let device = Device::default().autodiff();
                    let data = TensorData::new(own.to_vec(), [2]);
                    let own = Tensor::<1>::from_data(data, &device).require_grad();
                    let whole = batch_mean(own.clone().mean(), &group).unwrap();
                    let loss = whole.square();
                    assert!((loss.clone().into_scalar::<f32>() - mean * mean).abs() < 1e-6);
                    let gradient = own.grad(&loss.backward()).unwrap();
                    // Of this process; the mean over both has half of it: 2 * mean / 4.
                    for slope in gradient.into_data().iter::<f32>() {
                        assert!((slope - mean).abs() < 1e-6, "{slope} {mean}");
                    }
                });
            }
        });
    }
}
