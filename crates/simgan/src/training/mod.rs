//! Training a refiner: warm-ups, Algorithm 1, log, images and checkpoints.
//!
//! ```
//! use burn::tensor::Device;
//! use simgan::data::{Dataset, OpenOptions};
//! use simgan::training::{Config, RunDir, train};
//!
//! // Two iterations of tiny networks. Other simulated eyes stand in for photographs.
//! let mut config = Config::default();
//! config.training.batch_size = 2;
//! config.training.steps = 2;
//! config.training.refiner_warmup = 1;
//! config.training.discriminator_warmup = 1;
//! config.refiner.feature_maps = 2;
//! config.refiner.blocks = 1;
//! let open = |source| Dataset::open(source, &config.preprocessing, &OpenOptions::default());
//! let (rendered, real) = (open("sim:eyes?seed=1[:8]")?, open("sim:camera?seed=2[:8]")?);
//!
//! let folder = tempfile::tempdir()?;
//! let run = RunDir::create(&folder.path().join("run"), &config)?;
//! let summary = train(&config, &rendered, &real, &run, &Device::default(), &mut |_, _| {})?;
//! assert_eq!(summary.steps, 2);
//! assert!(run.events_file().is_file());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod bookmark;
pub mod changes;
pub mod checkpoint;
pub mod checkpoint_manifest;
pub mod config;
pub mod cost;
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
mod place;
mod progress;
mod record;
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
pub use setup::{check_machine, check_sides};
pub use train::{train, train_together, train_until};
