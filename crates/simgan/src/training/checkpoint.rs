//! Checkpoints: everything that Algorithm 1 changes, in one folder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use rand_chacha::ChaCha8Rng;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};

use crate::algorithm_1::Algorithm1;
use crate::history_buffer::{HistoryBuffer, HistoryConfig};
use crate::keypoints::{Hold, KeypointNetwork};
use crate::nets::weights;
use crate::refiner::Refiner;
use crate::stabilizers::StabilizerStreams;
use crate::training::bookmark::Bookmark;
use crate::training::checkpoint_manifest::FORMAT;
use crate::training::{Config, RunDir, checkpoint_manifest};
use simgan_base::files::limits;
use simgan_base::files::{disk, output_folder};
use simgan_base::formats::tensors;
use simgan_base::sampler::Position;
use simgan_base::{Error, Result};

const REFINER: &str = "refiner.safetensors";
const AVERAGE: &str = "refiner_average.safetensors";
const DISCRIMINATOR: &str = "discriminator.safetensors";
const REFINER_OPTIMIZER: &str = "refiner_optimizer.safetensors";
const DISCRIMINATOR_OPTIMIZER: &str = "discriminator_optimizer.safetensors";
const KEYPOINTS: &str = "keypoints.safetensors";
const HISTORY: &str = "history.safetensors";
const STATE: &str = "state.json";

/// The state that is neither weights nor images.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckpointState {
    /// Version of the files: `checkpoint_manifest::FORMAT`.
    pub format: u32,
    /// Version of this crate.
    pub version: String,
    /// Iterations of Algorithm 1 done.
    pub step: usize,
    /// Where the samplers stand (synthetic, real).
    pub positions: [Position; 2],
    /// Generator of the draws from the history.
    pub history_rng: ChaCha8Rng,
    /// Random streams of the stabilizers.
    pub stabilizers: StabilizerStreams,
    /// Where the training and its log stand.
    pub bookmark: Bookmark,
}

/// Writes a checkpoint of iteration `step` into `run`, in place of an older one of the same step. In the warm-ups
/// `step` is 0.
///
/// Everything is written beside its place, a [manifest](checkpoint_manifest) of it last, forced to the disk, and renamed.
///
/// # Errors
/// A file cannot be written, or the disk is full; what was there before stays.
pub fn save(
    run: &RunDir,
    algorithm: &Algorithm1,
    step: usize,
    bookmark: Bookmark,
) -> Result<PathBuf> {
    let path = run.checkpoint_folder(step);
    let partial = output_folder::begin(&path)?;
    let written = write(&partial, algorithm, step, bookmark)
        .and_then(|()| output_folder::replace(&partial, &path));
    if written.is_err() {
        // Makes room on a disk that is full.
        let _ = disk::remove_dir_all(&partial);
    }
    written.map(|()| path)
}

fn write(folder: &Path, algorithm: &Algorithm1, step: usize, bookmark: Bookmark) -> Result<()> {
    let metadata = HashMap::from([("step".to_owned(), step.to_string())]);
    let file = |name: &str| folder.join(name);
    weights::save(&algorithm.refiner, &file(REFINER), metadata.clone())?;
    weights::save(
        &algorithm.discriminator,
        &file(DISCRIMINATOR),
        metadata.clone(),
    )?;
    if let Some(average) = &algorithm.average {
        weights::save(average, &file(AVERAGE), metadata)?;
    }
    algorithm.refiner_optimizer.save(&file(REFINER_OPTIMIZER))?;
    algorithm
        .discriminator_optimizer
        .save(&file(DISCRIMINATOR_OPTIMIZER))?;
    if let Some(keypoints) = &algorithm.keypoints {
        weights::save(&keypoints.network, &file(KEYPOINTS), HashMap::new())?;
    }
    if let Some(history) = &algorithm.history {
        save_history(history, &file(HISTORY))?;
    }
    let state = CheckpointState {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        step,
        positions: algorithm.batches.positions(),
        history_rng: algorithm.history_rng.clone(),
        stabilizers: algorithm.stabilizers.streams(),
        bookmark,
    };
    let text = serde_json::to_string_pretty(&state)
        .map_err(|e| Error::model(format!("state cannot be written: {e}")))?;
    disk::write(&file(STATE), text)?;
    checkpoint_manifest::write(folder, step)
}

/// Reads the state of a checkpoint.
///
/// # Errors
/// A file that is missing or damaged, or a checkpoint of another format.
pub fn load_state(checkpoint: &Path) -> Result<CheckpointState> {
    let path = checkpoint.join(STATE);
    let text = limits::read_text(&path, limits::MODEL_MANIFEST)?;
    let state: CheckpointState = serde_json::from_str(&text)
        .map_err(|e| Error::model(format!("{} is damaged: {e}", path.display())))?;
    if state.format != FORMAT {
        return Err(Error::model(format!(
            "{} has the checkpoint format {}, this version resumes from format {FORMAT}",
            checkpoint.display(),
            state.format
        ))
        .with_hint(
            "train again, or resume with the version that wrote it; its weights can still be used to refine",
        ));
    }
    Ok(state)
}

/// Restores networks, optimizers and history of `checkpoint`, whose state is `state`, into a fresh `algorithm`.
///
/// # Errors
/// A file that is damaged or does not fit the algorithm.
pub fn restore(
    mut algorithm: Algorithm1,
    checkpoint: &Path,
    state: CheckpointState,
    history: &HistoryConfig,
) -> Result<Algorithm1> {
    let file = |name: &str| checkpoint.join(name);
    algorithm.refiner = weights::load(algorithm.refiner, &file(REFINER))?;
    algorithm.discriminator = weights::load(algorithm.discriminator, &file(DISCRIMINATOR))?;
    if let Some(average) = algorithm.average.take() {
        if !file(AVERAGE).is_file() {
            return Err(Error::model(format!(
                "{} has no moving average, `training.average_decay` asks for one",
                checkpoint.display()
            ))
            .with_hint("resume with the run's own training.average_decay"));
        }
        algorithm.average = Some(weights::load(average, &file(AVERAGE))?);
    }
    algorithm
        .refiner_optimizer
        .load(&file(REFINER_OPTIMIZER), &algorithm.refiner)?;
    algorithm
        .discriminator_optimizer
        .load(&file(DISCRIMINATOR_OPTIMIZER), &algorithm.discriminator)?;
    if algorithm.history.is_some() {
        let image_len = algorithm.batches.image_shape().iter().product();
        algorithm.history = Some(load_history(&file(HISTORY), history.size, image_len)?);
    }
    if let Some(keypoints) = &mut algorithm.keypoints {
        if !file(KEYPOINTS).is_file() {
            return Err(Error::model(format!(
                "{} has no network that finds points, `keypoints.points` asks for one",
                checkpoint.display()
            ))
            .with_hint("resume with the run's own [keypoints]"));
        }
        keypoints.network = weights::load(keypoints.network.clone(), &file(KEYPOINTS))?;
    }
    algorithm.history_rng = state.history_rng;
    algorithm.stabilizers.resume(state.stabilizers);
    Ok(algorithm)
}

/// The weights file that refining uses: the moving average where there is one and `average` allows it.
pub fn refiner_file(checkpoint: &Path, average: bool) -> PathBuf {
    let file = checkpoint.join(AVERAGE);
    if average && file.is_file() {
        return file;
    }
    checkpoint.join(REFINER)
}

/// What holds the points of refined images, where the run's configuration asks for it and the checkpoint knows any.
pub fn load_hold(checkpoint: &Path, config: &Config, device: &Device) -> Result<Option<Hold>> {
    let (file, keypoints) = (checkpoint.join(KEYPOINTS), &config.keypoints);
    if keypoints.radius == 0.0 || !file.is_file() {
        return Ok(None);
    }
    let network = KeypointNetwork::load(
        &file,
        config.preprocessing.channels,
        keypoints.points.len(),
        device,
    )?;
    Ok(Some(Hold::new(&network, keypoints.radius)))
}

/// Loads a refiner's weights into `refiner`.
pub fn load_refiner(refiner: Refiner, file: &Path) -> Result<Refiner> {
    weights::load(refiner, file)
}

fn save_history(history: &HistoryBuffer, path: &Path) -> Result<()> {
    let bytes: Vec<u8> = history
        .images()
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let image_len = history.images().len() / history.len().max(1);
    let damaged = |e| Error::model(format!("history cannot be written: {e}"));
    let view =
        TensorView::new(Dtype::F32, vec![history.len(), image_len], &bytes).map_err(damaged)?;
    let file = safetensors::serialize([("images", view)], None).map_err(damaged)?;
    disk::write(path, file)?;
    Ok(())
}

fn load_history(path: &Path, capacity: usize, image_len: usize) -> Result<HistoryBuffer> {
    let bytes = tensors::read(path)?;
    let origin = path.display().to_string();
    let file = tensors::parse(&bytes, path)?;
    let (_, images) = weights::tensor_values(&file, "images", &origin)?;
    HistoryBuffer::from_images(capacity, image_len, images)
}
