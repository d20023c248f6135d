//! Training a refiner: warm-ups, Algorithm 1, log, images and checkpoints.

pub mod batches;
pub mod bookmark;
pub mod changes;
pub mod checkpoint;
pub mod checkpoint_manifest;
mod checkpoints;
pub mod config;
pub mod diversity;
pub mod event_log;
pub mod finite;
pub mod image_grid;
pub mod label_shift;
mod monitor;
pub mod moving_average;
pub mod optimizer;
mod request;
mod run_dir;
mod run_log;
pub mod schedule;
mod setup;
pub(crate) mod trainer;
pub mod watch;

pub use config::Config;
pub use request::{Request, Requests};
pub use run_dir::{RunDir, RunLock, RunManifest, SideManifest};
pub use trainer::{Observer, Progress, Summary, train, train_until};
