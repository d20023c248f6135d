//! Training a refiner: warm-ups, Algorithm 1, log, images and checkpoints.

pub mod bookmark;
pub mod changes;
pub mod checkpoint;
pub mod checkpoint_manifest;
pub mod config;
mod course;
#[cfg(test)]
mod crash_tests;
pub mod diversity;
pub mod event_log;
pub mod image_grid;
mod kept_checkpoints;
pub mod label_shift;
pub mod memory;
mod monitor;
mod nearness;
mod progress;
pub mod reproducibility;
mod request;
mod run_dir;
mod run_log;
pub mod schedule;
pub mod schema;
mod setup;
#[cfg(test)]
mod stabilizer_keys_test;
mod task_watch;
mod train;
pub mod watch;
mod work;

pub use config::Config;
pub use progress::{Observer, Preparation, Progress, Stage, Summary};
pub use request::{Request, Requests};
pub use run_dir::{RunDir, RunLock, RunManifest, SideManifest};
pub use setup::check_machine;
pub use train::{train, train_until};
