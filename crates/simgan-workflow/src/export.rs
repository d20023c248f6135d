//! A trained network made ready for export, with the images that it is checked with.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use simgan::refine::TrainedRefiner;
use simgan::tasks::Estimator;
use simgan::training::RunDir;
use simgan_base::Result;
use simgan_data::{Dataset, OpenOptions, Preprocessing};
use simgan_export::{Exported, SAMPLES, default_source};

use crate::data;
use crate::listener::Listener;
use crate::refine::Checkpoint;

/// A trained network.
#[derive(Clone, Debug)]
pub enum Trained {
    /// The refiner of a run.
    Refiner {
        /// Folder of the run.
        run: PathBuf,
        /// Which checkpoint; `None`: the newest.
        checkpoint: Option<Checkpoint>,
        /// Whether the moving average of its weights is taken, where there is one.
        average: bool,
    },
    /// An estimator.
    Estimator {
        /// Its folder.
        model: PathBuf,
    },
}

/// What is exported, and with which images.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// The network.
    pub trained: Trained,
    /// Up to 1,000 images that are kept with what the network makes of them; `None`: a few of a
    /// simulator.
    pub samples: Option<String>,
    /// How they are opened.
    pub open: OpenOptions,
}

/// Loads the network and its samples.
///
/// # Errors
/// A run, model or data set that cannot be used; those of [`Exported`].
pub fn load(request: &ExportRequest, device: &Device, listener: &dyn Listener) -> Result<Exported> {
    match &request.trained {
        Trained::Refiner {
            run,
            checkpoint,
            average,
        } => {
            let run = RunDir::open(run)?;
            let step = checkpoint.map(|which| which.step(&run)).transpose()?;
            let refiner = TrainedRefiner::load(&run, step, *average, device)?;
            let chain = &refiner.config().preprocessing;
            let samples = samples(request, Some(&run), chain, listener)?;
            Exported::refiner(&run, &refiner, &samples)
        }
        Trained::Estimator { model } => estimator(request, model, device, listener),
    }
}

fn estimator(
    request: &ExportRequest,
    model: &Path,
    device: &Device,
    listener: &dyn Listener,
) -> Result<Exported> {
    let estimator = Estimator::load(model, device)?;
    let samples = samples(request, None, estimator.preprocessing(), listener)?;
    Exported::estimator(model, &estimator, &samples)
}

/// The samples asked for, or a few of a simulator.
fn samples(
    request: &ExportRequest,
    run: Option<&RunDir>,
    chain: &Preprocessing,
    listener: &dyn Listener,
) -> Result<Dataset> {
    match &request.samples {
        Some(source) => data::open(source, chain, &request.open, listener),
        None => {
            let images = data::open(&default_source(run), chain, &request.open, listener)?;
            Ok(images.subset(&images.spread(SAMPLES)))
        }
    }
}
