//! Training a refiner: warm-ups, Algorithm 1, log, images and checkpoints.

pub mod batches;
pub mod checkpoint;
pub mod config;
pub mod diversity;
pub mod event_log;
pub mod image_grid;
pub mod label_shift;
mod monitor;
pub mod moving_average;
pub mod optimizer;
mod run_dir;
mod run_log;
pub mod schedule;
mod trainer;
pub mod watch;

pub use config::Config;
pub use run_dir::{RunDir, RunManifest, SideManifest};
pub use trainer::{Observer, Progress, Summary, train};
