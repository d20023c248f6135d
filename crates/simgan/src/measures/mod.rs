//! Measures of refined images that need no label of a real one: where irises are, how far labels have moved, how far two
//! sets of images are apart.

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
