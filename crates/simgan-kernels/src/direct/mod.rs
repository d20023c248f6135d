//! Direct convolution of any kernel size and stride: for every kernel position (tap) the pixels it sees are rows of
//! a matrix, found through pointers, and the tap's weights are the other factor. Nothing is copied; pixels
//! outside the image point to a row of zeros (Dukhan, "The Indirect Convolution Algorithm", 2019,
//! [arXiv 1907.02129](https://arxiv.org/abs/1907.02129)).

mod gather;
mod product;
mod weight_gradient;

pub use product::{convolve, data_gradient};
pub use weight_gradient::weight_gradient;
