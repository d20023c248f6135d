//! What every network is made of: layers, weights, optimizers.

pub mod activation;
pub mod finite;
pub mod graph;
pub mod image_tensor;
pub mod initialization;
pub mod layers;
pub mod moving_average;
pub mod optimizer;
pub mod parameter_path;
pub mod spectral_norm;
pub mod weights;
