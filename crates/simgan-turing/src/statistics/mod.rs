//! What answers show: counts, tests against guessing, intervals, and an estimate over subjects.

mod beta_binomial;
mod binomial;
mod proportion;

pub use beta_binomial::{OverSubjects, over_subjects};
pub use binomial::{one_sided, two_sided};
pub use proportion::wilson;
