//! Simulated + unsupervised learning (SimGAN): make labelled synthetic images look real with unlabelled
//! real ones, and keep the labels.
//!
//! Shrivastava et al., *Learning from Simulated and Unsupervised Images through Adversarial Training*,
//! CVPR 2017, <https://arxiv.org/abs/1612.07828>.
//!
//! | paper | module |
//! |---|---|
//! | Algorithm 1 | [`algorithm_1`] |
//! | refiner R (section 3.1, Fig. 6) | [`refiner`] |
//! | discriminator D (sections 3.1, 3.2; Fig. 8) | [`discriminator`] |
//! | local adversarial loss (section 2.2, eq. 2 and 3) | [`losses::local_adversarial`] |
//! | self-regularization (section 2.1) and psi | [`losses::self_regularization`], [`feature_transform`] |
//! | labelled points kept in their places (not in the paper) | [`keypoints`] |
//! | history of refined images (section 2.3) | [`history_buffer`] |
//! | warm-ups, learning rates, the whole training | [`training`] |
//! | what came after the paper, all off by default | [`stabilizers`] |
//! | data of section 3.1 | [`datasets`] |
//! | refined data set | [`refine`] |
//! | gaze estimators, Tables 2 and 3, Fig. 7 | [`estimators`], [`metrics`] |
//! | are the labels kept, did it become real (not in the paper) | [`judges`] |
//!
//! Images are `[batch, channels, height, width]` with values in [-1, 1]; angles are in radians.
//!
//! # Example
//!
//! Refine one image with a small, untrained refiner:
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use simgan::random::{Stream, generator};
//! use simgan::refiner::RefinerConfig;
//!
//! let device = Device::default();
//! let config = RefinerConfig { feature_maps: 8, blocks: 1, ..RefinerConfig::eyes() };
//! let refiner = config.init(1, &mut generator(0, Stream::RefinerWeights), &device);
//! let image = Tensor::<4>::zeros([1, 1, 35, 55], &device);
//! let refined = refiner.forward(image);
//! assert_eq!(refined.dims(), [1, 1, 35, 55]);
//! ```

pub mod activation;
pub mod algorithm_1;
pub mod datasets;
pub mod discriminator;
mod disk;
pub mod durable;
pub mod error;
pub mod estimators;
pub mod exposure;
pub mod feature_transform;
pub mod file_lock;
pub mod formats;
pub mod framing_search;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod gaussian;
pub mod history_buffer;
#[cfg(test)]
mod hostile;
pub mod image_tensor;
pub mod initialization;
pub mod judges;
pub mod keypoints;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod output_folder;
pub mod random;
pub mod refine;
pub mod refiner;
pub mod sampler;
pub mod settings;
mod sha256;
mod sha256_sums;
pub mod simulator;
pub mod stabilizers;
pub mod training;
pub mod verification;
pub mod weights;

pub use error::{Error, ErrorKind, Result};
