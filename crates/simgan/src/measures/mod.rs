//! Measures of refined images that need no label of a real one: where irises are, how far labels have moved, how far two
//! sets of images are apart.
//!
//! ```
//! use simgan::data::{Dataset, OpenOptions, Preprocessing};
//! use simgan::measures::{LabelShift, label_shift::ShiftImages};
//!
//! // How far irises lie apart in two sets of images. These are the same, so not at all.
//! let eyes = "sim:eyes?seed=1[:4]";
//! let eyes = Dataset::open(eyes, &Preprocessing::default(), &OpenOptions::default())?;
//! let shift = LabelShift::by_gradients(&ShiftImages::new(&eyes, &eyes)?)?;
//! assert_eq!(shift.refined.mean, 0.0);
//! assert!(!shift.is_large());
//! # Ok::<(), simgan::Error>(())
//! ```

pub mod iris_centre;
pub mod kernel_distance;
pub mod label_shift;
pub mod random_features;
pub(crate) mod refined;
pub mod task_shift;

pub use iris_centre::IrisFinder;
pub use kernel_distance::KernelDistance;
pub use label_shift::{LabelShift, ShiftSummary};
pub use random_features::RandomFeatures;
pub use task_shift::TaskShift;
