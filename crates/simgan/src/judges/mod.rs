//! Judges of a refined data set that took no part in making it: are the labels kept, did it become real?
//!
//! Where the irises are, by a finder that has learned nothing ([`iris_centre`](crate::measures::iris_centre)) and by an estimator, tells how far
//! refining has moved them ([`label_shift`](crate::measures::label_shift)). A classifier trained afterwards ([`two_sample`]) and a distance of
//! features ([`kernel_distance`](crate::measures::kernel_distance)) tell how well refined images can be told from real ones. [`judge()`] asks all of them; [`advice`] says which images to learn from.
//!
//! ```
//! use simgan::judges::{choose, two_sample};
//!
//! // What is judged of a large set: the same images every time.
//! assert_eq!(choose(1000, 4), choose(1000, 4));
//! // The classifier that is to tell refined images from real ones.
//! let classifier = two_sample::classifier();
//! assert_eq!(classifier.targets.len(), 1);
//! classifier.validate()?;
//! # Ok::<(), simgan::Error>(())
//! ```

pub mod advice;
pub mod judgement;
pub(crate) mod judgement_table;
pub mod two_sample;

pub use judgement::{JudgeOptions, JudgedImages, Judgement, choose, judge, refined};
pub use two_sample::TwoSample;
