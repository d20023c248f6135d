//! The tasks there are, and which of them labels allow.

mod boxes;
mod choice;
mod classes;
mod columns;
mod gaze;
mod kind;
mod points;
mod table;
mod target_task;

pub use choice::{choose, named};
pub use kind::Kind;
pub use table::KINDS;
