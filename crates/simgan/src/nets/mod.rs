//! What every network is made of: layers, weights, optimizers.
//!
//! ```
//! use simgan::nets::activation::Activation;
//! use simgan::nets::graph::{Graph, Window};
//!
//! // A network is counted from its shape, without building it.
//! let graph = Graph::new([1, 35, 55])
//!     .convolution(64, Window::padded(3, 1), Some(Activation::Relu))
//!     .residual_block(3, Activation::Relu);
//! assert_eq!(graph.output(), [64, 35, 55]);
//! assert_eq!(graph.parameters(), 64 * (9 + 1) + 2 * 64 * (9 * 64 + 1));
//! assert_eq!(graph.receptive_field(), 7);
//! ```

pub mod activation;
pub mod finite;
pub mod graph;
pub mod image_tensor;
pub mod initialization;
pub mod layers;
pub mod moving_average;
pub mod optimizer;
pub mod parameter_path;
pub mod shared_gradients;
pub mod spectral_norm;
pub mod weights;
