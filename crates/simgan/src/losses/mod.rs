//! The losses of the paper (section 2).
//!
//! The paper sums over images, patches and pixels. Here every term is a mean, so that its scale depends
//! neither on the batch nor on the image. With `w x h` patches and `n` pixels an image, the paper's
//! `lambda` on sums is `lambda * n / (w * h)` here: a factor of 15.3 for 35x55 eyes with 9x14 patches.

pub mod local_adversarial;
pub mod self_regularization;

use burn::tensor::Tensor;

use crate::nets::finite::not_finite;
use simgan_base::Result;

/// The value of a loss.
///
/// # Errors
/// A loss that is not finite: nothing may be updated with it.
pub fn finite_value(name: &str, loss: &Tensor<1>) -> Result<f32> {
    let value: f32 = loss.clone().into_scalar();
    if value.is_finite() {
        return Ok(value);
    }
    Err(not_finite(&format!("the {name}"), value))
}
