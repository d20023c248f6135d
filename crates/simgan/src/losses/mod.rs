//! The losses of the paper (section 2).
//!
//! The paper sums over images, patches and pixels. Here every term is a mean, so that its scale depends
//! neither on the batch nor on the image. With `w x h` patches and `n` pixels an image, the paper's
//! `lambda` on sums is `lambda * n / (w * h)` here: a factor of 15.3 for 35x55 eyes with 9x14 patches.

pub mod batch_mean;
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
    let mut value = None;
    read_finite(vec![(name, loss.clone(), &mut value)])?;
    Ok(value.unwrap_or(f32::NAN))
}

/// Puts the values of losses, each with its name, into their places. They are read together: a device is waited for once,
/// not for every loss.
///
/// # Errors
/// As [`finite_value`]; names the first.
pub fn read_finite(losses: Vec<(&str, Tensor<1>, &mut Option<f32>)>) -> Result<()> {
    let tensors = losses.iter().map(|(_, loss, _)| loss.clone().inner());
    let together = Tensor::cat(tensors.collect(), 0).into_data();
    for ((name, _, place), value) in losses.into_iter().zip(together.iter::<f32>()) {
        if !value.is_finite() {
            return Err(not_finite(&format!("the {name}"), value));
        }
        *place = Some(value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn loss(value: f32) -> Tensor<1> {
        Tensor::from_floats([value], &Device::default())
    }

    #[test]
    fn values_come_to_their_places() {
        let (mut a, mut b) = (None, None);
        read_finite(vec![("a", loss(1.5), &mut a), ("b", loss(-2.0), &mut b)]).unwrap();
        assert_eq!((a, b), (Some(1.5), Some(-2.0)));
    }

    #[test]
    fn the_first_that_is_not_finite_is_named() {
        let (mut a, mut b) = (None, None);
        let losses = vec![
            ("first", loss(1.0), &mut a),
            ("second", loss(f32::NAN), &mut b),
        ];
        let error = read_finite(losses).unwrap_err();
        assert!(error.to_string().contains("the second is NaN"), "{error}");
    }
}
