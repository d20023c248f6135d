//! The losses of the paper (section 2).
//!
//! The paper sums over images, patches and pixels. Here every term is a mean, so that its scale depends
//! neither on the batch nor on the image. With `w x h` patches and `n` pixels an image, the paper's
//! `lambda` on sums is `lambda * n / (w * h)` here: a factor of 15.3 for 35x55 eyes with 9x14 patches.

pub mod local_adversarial;
pub mod self_regularization;
