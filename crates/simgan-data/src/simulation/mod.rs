//! Simulators as data sets: `sim:eyes?seed=1`, rendered on demand.

pub(crate) mod generated;
pub mod source;
