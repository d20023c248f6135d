//! Options that several commands share. Those of one command stand with it in `commands/`.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use simgan_data::{OnBadImage, OpenOptions};
use simgan_kernels::ops::Precision;
use simgan_workflow::{Settings, TaskChoice};

use crate::device::DeviceChoice;

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalOptions {
    /// Compute device: cpu, cuda, rocm, metal, vulkan or webgpu, and which one (`cuda:1`); auto: a GPU if there is one
    #[arg(long, global = true, value_name = "KIND[:N]", default_value = "cpu")]
    pub device: DeviceChoice,
    /// Numbers that layers of a GPU compute in
    #[arg(long, global = true, value_name = "P", default_value = "f32")]
    pub precision: PrecisionChoice,
    /// Threads to compute with [default: one a core]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log more; twice for details (`RUST_LOG` goes further)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Colour what goes to stderr
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
}

/// Numbers that layers compute in; all else stays f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PrecisionChoice {
    // Single precision.
    F32,
    // Half precision; losses are scaled for its gradients.
    F16,
    // The upper half of f32.
    Bf16,
}

impl PrecisionChoice {
    /// As the library takes it.
    pub fn precision(self) -> Precision {
        match self {
            Self::F32 => Precision::F32,
            Self::F16 => Precision::F16,
            Self::Bf16 => Precision::Bf16,
        }
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    // On a terminal.
    Auto,
    // Always.
    Always,
    // Never.
    Never,
}

/// Options of every command that reads images.
#[derive(Debug, Args)]
pub struct DataOptions {
    /// What to do about an image that cannot be used: leave it out and name it, or end the command
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    pub on_bad_image: BadImageChoice,
    /// Folder for decoded images [default: the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Use only the images in the evaluation lists of an MPIIGaze folder
    #[arg(long)]
    pub evaluation_list: bool,
}

/// What to do with an image that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BadImageChoice {
    // Leave it out and say so.
    Skip,
    // Stop.
    Fail,
}

impl DataOptions {
    /// Options that leave unusable images out.
    pub fn skipping(cache_dir: Option<PathBuf>) -> OpenOptions {
        OpenOptions {
            on_bad_image: OnBadImage::Skip,
            cache_dir,
            ..OpenOptions::default()
        }
    }

    /// As the library takes them.
    pub fn open_options(&self) -> OpenOptions {
        OpenOptions {
            on_bad_image: match self.on_bad_image {
                BadImageChoice::Skip => OnBadImage::Skip,
                BadImageChoice::Fail => OnBadImage::Fail,
            },
            cache_dir: self.cache_dir.clone(),
            words: (self
                .evaluation_list
                .then(|| "evaluation".to_owned())
                .into_iter())
            .collect(),
        }
    }
}

/// Where settings come from.
#[derive(Debug, Args)]
pub struct SettingsOptions {
    /// Configuration: a file (TOML), or the name of a built-in one (`simgan config` lists them) [default: the run's]
    #[arg(long, visible_alias = "preset", value_name = "FILE|NAME")]
    pub config: Option<PathBuf>,
    /// Set one configuration key (`training.lambda=0.5`); may be repeated, wins over the file
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

impl SettingsOptions {
    /// As the library takes them.
    pub fn settings(&self) -> Settings {
        Settings {
            config: self.config.clone(),
            set: self.set.clone(),
        }
    }
}

/// What an estimator estimates.
#[derive(Debug, Default, Args)]
pub struct TaskOptions {
    /// `gaze`: short for --task gaze; label columns that are named elsewhere win
    #[arg(value_name = "TASK", conflicts_with = "task")]
    pub word: Option<TaskWord>,
    /// What to estimate: gaze, points:NAME[,NAME], box, column:NAME[,NAME] or class:NAME [default: that of the model, of the configuration, or
    /// the only one that the labels allow]
    #[arg(long, value_name = "TASK")]
    pub task: Option<String>,
}

/// The tasks that may stand without `--task`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TaskWord {
    // Direction of gaze, or the label columns of --target or of the configuration.
    Gaze,
}

impl TaskOptions {
    /// As the library takes them.
    pub fn choice(&self) -> TaskChoice {
        TaskChoice {
            task: self.task.clone(),
            gaze_by_default: self.word.is_some(),
        }
    }
}

/// Sets up the worker threads that decoding and computing share.
///
/// # Errors
/// The operating system gives no threads.
pub fn start_threads(threads: Option<u16>) -> anyhow::Result<()> {
    let Some(threads) = threads else {
        return Ok(());
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.into())
        .build_global()
        .context("worker threads cannot be started")
}
