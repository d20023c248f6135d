//! Refining a data set into a folder.

use std::path::Path;
use std::str::FromStr;

use burn::tensor::Device;
use simgan::judges;
use simgan::refine::{RefineOptions, RefineSummary, TrainedRefiner};
use simgan::training::RunDir;
use simgan_base::Result;
use simgan_base::formats::readable::thousands;
use simgan_data::preprocessing::CropKind;
use simgan_data::{Dataset, OpenOptions};

use crate::data;
use crate::listener::Listener;

/// Which checkpoint is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checkpoint {
    /// That of an iteration.
    Step(usize),
    /// The one whose refined images came nearest to real ones.
    Best,
}

impl FromStr for Checkpoint {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "best" => Ok(Self::Best),
            step => step
                .parse()
                .map(Self::Step)
                .map_err(|_| "neither an iteration nor `best`".to_owned()),
        }
    }
}

impl Checkpoint {
    /// Its iteration in `run`.
    ///
    /// # Errors
    /// Those of [`RunDir::best_checkpoint`].
    pub fn step(self, run: &RunDir) -> simgan_base::Result<usize> {
        match self {
            Self::Step(step) => Ok(step),
            Self::Best => run.best_checkpoint(),
        }
    }
}

/// Opens what is to be refined; with `full_size`, or for a refiner of random parts, at the size of the images.
///
/// # Errors
/// Those of [`TrainedRefiner::open`].
pub fn open(
    refiner: &TrainedRefiner,
    source: &str,
    full_size: bool,
    options: &OpenOptions,
    listener: &dyn Listener,
) -> Result<Dataset> {
    let preprocessing = &refiner.config().preprocessing;
    if !full_size && preprocessing.crop.kind != CropKind::Random {
        return data::open(source, preprocessing, options, listener);
    }
    data::open_by(source, listener, |progress| {
        refiner.open_whole(source, options, progress)
    })
}

/// The images as the run's refiner changes them, with their labels, in memory: that of an iteration, or the newest.
///
/// # Errors
/// Those of [`TrainedRefiner::load`] and of refining.
pub fn in_memory(
    run: &RunDir,
    step: Option<usize>,
    images: &Dataset,
    device: &Device,
    listener: &dyn Listener,
) -> Result<Dataset> {
    let refiner = TrainedRefiner::load(run, step, true, device)?;
    let progress = listener.begin("refining");
    let pixels = judges::refined(&refiner, images, &mut |done, all| {
        progress.update(done, all, "");
    })?;
    let all: Vec<usize> = (0..pixels.len()).collect();
    images.with_pixels_and_labels(pixels.gather(&all))
}

/// The images as every good checkpoint changes them, in memory: the newest has made `newest` of them. None where the run
/// kept one alone.
///
/// # Errors
/// Those of [`in_memory`].
pub fn versions_in_memory(
    run: &RunDir,
    images: &Dataset,
    newest: &Dataset,
    device: &Device,
    listener: &dyn Listener,
) -> Result<Vec<Dataset>> {
    let earlier = run.earlier_checkpoints()?.into_iter();
    let version = |step| in_memory(run, Some(step), images, device, listener);
    let mut versions: Vec<Dataset> = earlier.map(version).collect::<Result<_>>()?;
    if !versions.is_empty() {
        versions.push(newest.clone());
    }
    Ok(versions)
}

/// Refines `images` into `output` with progress; warns where the refiner did nothing.
///
/// # Errors
/// Those of [`TrainedRefiner::refine_with`].
pub fn refine(
    refiner: &TrainedRefiner,
    images: &Dataset,
    output: &Path,
    options: &RefineOptions,
    listener: &dyn Listener,
) -> Result<RefineSummary> {
    let progress = listener.begin("refining");
    let mut update = |done, total| progress.update(done, total, "");
    let summary = refiner.refine_with(options, images, output, &mut update)?;
    drop(progress);
    if summary.unchanged > 0 {
        listener.warn(&format!(
            "{} of {} images came out exactly as they went in: the refiner does nothing to them",
            thousands(summary.unchanged),
            thousands(summary.images)
        ));
    }
    Ok(summary)
}
