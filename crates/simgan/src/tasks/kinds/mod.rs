//! The tasks there are, and which of them labels allow.

mod choice;
mod classes;
mod columns;
mod gaze;
mod kind;
mod table;
mod target_task;

pub use choice::{choose, named};
pub use kind::Kind;
pub use table::KINDS;
