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
//! | what may change inside boxes and masks (not in the paper) | [`hold`] |
//! | history of refined images (section 2.3) | [`history_buffer`] |
//! | warm-ups, learning rates, the whole training | [`training`] |
//! | what came after the paper, all off by default | [`stabilizers`] |
//! | several processes train one run (not in the paper) | [`parallel`] |
//! | data of section 3.1 | [`data`] |
//! | refined data set | [`refine`] |
//! | gaze estimators, Tables 2 and 3, Fig. 7 | [`tasks`], [`base::metrics`] |
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

pub mod algorithm_1;
pub mod discriminator;
pub mod feature_transform;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod history_buffer;
pub mod hold;
#[cfg(test)]
mod hostile;
pub mod judges;
pub mod keypoints;
pub mod losses;
pub mod measures;
pub mod nets;
pub mod parallel;
pub mod refine;
pub mod refiner;
pub mod stabilizers;
pub mod task_consistency;
pub mod tasks;
pub mod training;
pub mod verification;

pub use simgan_base as base;
pub use simgan_base::{Error, ErrorKind, Result, random, settings};
pub use simgan_data as data;
pub use simgan_simulator as simulator;
