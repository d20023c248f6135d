//! Whole pieces of work: read the sources, check them, warn of what is unlikely to succeed, compute, keep the result.
//!
//! The `simgan` command and the Python package call the same functions; each gives them its own [`Listener`]. Hints name
//! the options of the command, of which those of Python have the names.
//!
//! ```
//! use simgan_workflow::presets;
//!
//! // The built-in configurations, as `simgan config` lists and prints them.
//! let gaze = presets::named("gaze").unwrap();
//! assert!(gaze.document().text.contains("[training]"));
//! ```

pub mod compare;
pub mod configuration;
pub mod data;
pub mod evaluate;
mod examples;
pub mod export;
pub mod fit;
pub mod framing;
pub mod init;
pub mod judge;
pub mod kernels;
pub mod listener;
pub mod model_card;
pub mod presets;
pub mod refine;
pub mod task_choice;
mod tensorboard;
pub mod train;
pub mod turing;
mod usage_error;
pub mod warnings;

pub use configuration::Settings;
pub use listener::{Listener, Progress};
pub use task_choice::TaskChoice;
pub use usage_error::UsageError;
