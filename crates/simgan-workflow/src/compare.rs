//! Raw against refined, by the estimators trained on them.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use simgan::refine::{RefineOptions, TrainedRefiner};
use simgan::tasks::{
    self, CompareData, CompareOptions, CompareProgress, Comparison, EvaluateOptions,
};
use simgan::training::{Config, RunDir};
use simgan_base::files::output_folder;
use simgan_base::{Error, Result};
use simgan_data::{Dataset, OpenOptions};

use crate::configuration::{self, EstimatorSources, Settings};
use crate::listener::Listener;
use crate::task_choice::TaskChoice;
use crate::{data, examples, fit, model_card, refine, tensorboard, warnings};

/// Test images whose answers `comparison.json` keeps at most.
const MOST_ANSWERS: usize = 1000;

/// What is compared, and how.
#[derive(Clone, Debug, Default)]
pub struct CompareRequest {
    /// What is estimated.
    pub task: TaskChoice,
    /// Folder of the trained run.
    pub run: PathBuf,
    /// Labelled synthetic images.
    pub synthetic: String,
    /// Labelled real images, not used in training.
    pub real_test: String,
    /// Folder for the refined images and `comparison.json`: new or empty.
    pub out: PathBuf,
    /// Estimators fitted on each side, at least 1.
    pub seeds: u32,
    /// Images that calibrate screen points.
    pub calibrate: usize,
    /// Whether to fit under plain augmentation as well.
    pub augmented: bool,
    /// Whether to fit on raw and refined images together as well.
    pub both: bool,
    /// Whether to fit on raw images and those of every checkpoint together as well.
    pub versions: bool,
    /// Other labelled real images, to fit on as an upper bound.
    pub real_training: Option<String>,
    /// Label columns to estimate.
    pub target: Vec<String>,
    /// Configuration and keys.
    pub settings: Settings,
    /// How images are opened.
    pub open: OpenOptions,
}

/// Fits and scores on both sides, and keeps `comparison.json` in the output and with the run.
///
/// # Errors
/// What is wrong with run, folders, configuration or labels, before any work; those of refining, fitting and scoring; a
/// result that cannot be written.
pub fn compare(
    request: &CompareRequest,
    device: &Device,
    listener: &dyn Listener,
) -> Result<Comparison> {
    let run = RunDir::open(&request.run)?;
    check_places(request)?;
    check_versions(request, &run)?;
    let config = config(request, listener)?;
    let open = |source: &str| data::open(source, &config.preprocessing, &request.open, listener);
    let (raw, test) = (open(&request.synthetic)?, open(&request.real_test)?);
    let real = request.real_training.as_deref().map(open).transpose()?;
    let mut config = config.clone();
    config.estimator = request
        .task
        .estimator(&config.estimator, &raw, Some(&request.run))?;
    check_labels(request, &config, &raw, &test)?;
    for data in [&raw, &test] {
        warnings::of_labels(&config.estimator.target(), data, listener);
    }
    warnings::of_swapped(&raw, &test, listener);
    warn_of_leak(&run, &test, "--real-test", listener);
    let partial = output_folder::begin(&request.out)?;
    let refined = refined(request, &run, &raw, &partial, device, listener)?;
    let versions = match request.versions {
        true => refine::versions_in_memory(&run, &raw, &refined, device, listener)?,
        false => vec![],
    };
    let sides = CompareData {
        raw: &raw,
        refined: &refined,
        versions: &versions,
        test: &test,
        real: real.as_ref(),
    };
    let mut comparison = compare_sides(request, &config, &sides, device, listener)?;
    let answers = comparison.answers.take();
    comparison.answers = answers.as_ref().map(|all| all.thinned(MOST_ANSWERS));
    let name = keep(request, &run, &partial, &comparison)?;
    examples::keep(&run, &name, &sides, answers.as_ref(), listener);
    tensorboard::keep_comparison(&run, &comparison, listener);
    model_card::keep(&run, listener);
    for warning in comparison.warnings() {
        listener.warn(&warning);
    }
    Ok(comparison)
}

fn check_places(request: &CompareRequest) -> Result<()> {
    data::require_free(&request.out, "--out")?;
    let read = [request.synthetic.as_str(), &request.real_test];
    let read = read.into_iter().chain(request.real_training.as_deref());
    data::require_outside(&request.out, "--out", read)
}

fn check_versions(request: &CompareRequest, run: &RunDir) -> Result<()> {
    match request.versions && run.earlier_checkpoints()?.is_empty() {
        false => Ok(()),
        true => Err(
            Error::model("--versions needs several checkpoints, and the run kept one").with_hint(
                "--both takes the one; training.checkpoint_every says how many there are",
            ),
        ),
    }
}

fn config(request: &CompareRequest, listener: &dyn Listener) -> Result<Config> {
    let sources = EstimatorSources {
        run: Some(&request.run),
        target: &request.target,
        data: None,
    };
    configuration::of_estimator(&request.settings, sources, &request.open, listener)
}

/// Refuses labels that do not fit the task before hours of work.
fn check_labels(
    request: &CompareRequest,
    config: &Config,
    raw: &Dataset,
    test: &Dataset,
) -> Result<()> {
    let target = config.estimator.target();
    target.values(raw)?;
    let options = EvaluateOptions {
        calibrate: request.calibrate,
        seed: 0,
    };
    tasks::evaluation::check(&target, test, &options)
}

/// Refines `raw` into `refined` below `folder` and reads that back, as a user of the images would.
fn refined(
    request: &CompareRequest,
    run: &RunDir,
    raw: &Dataset,
    folder: &Path,
    device: &Device,
    listener: &dyn Listener,
) -> Result<Dataset> {
    let refiner = TrainedRefiner::load(run, None, true, device)?;
    let folder = folder.join("refined");
    refine::refine(&refiner, raw, &folder, &RefineOptions::default(), listener)?;
    let source = folder.display().to_string();
    let preprocessing = &refiner.config().preprocessing;
    data::open(&source, preprocessing, &request.open, listener)
}

fn compare_sides(
    request: &CompareRequest,
    config: &Config,
    data: &CompareData<'_>,
    device: &Device,
    listener: &dyn Listener,
) -> Result<Comparison> {
    let options = CompareOptions {
        augmented: request.augmented,
        both: request.both,
        seeds: (0..request.seeds.into()).collect(),
        calibrate: request.calibrate,
        calibration_seed: 0,
        preprocessing: config.preprocessing.clone(),
    };
    let progress = listener.begin("comparing");
    let mut update = |p: CompareProgress| {
        let message = format!("{}, seed {}: {}", p.arm, p.seed, fit::message(&p.fit));
        progress.update(
            p.fits_done * p.fit.steps + p.fit.step,
            p.fits * p.fit.steps,
            &message,
        );
    };
    tasks::compare(data, &config.estimator, &options, device, &mut update)
}

/// Writes `comparison.json`, puts the output in its place, and leaves a copy with the run, where the report looks; returns
/// the name of that copy.
fn keep(
    request: &CompareRequest,
    run: &RunDir,
    partial: &Path,
    comparison: &Comparison,
) -> Result<String> {
    let output = Some((partial, &*request.out));
    data::keep_result(Comparison::SHAPE, comparison, output, &run.comparisons())
}

/// A score on images that the refiner was trained on says less.
pub fn warn_of_leak(run: &RunDir, test: &Dataset, option: &str, listener: &dyn Listener) {
    let Ok(manifest) = run.manifest() else { return };
    if manifest.real.fingerprint == test.fingerprint() {
        listener.warn(&format!("{option} holds the very images that the run was trained on: keep a part of them out of training"));
    }
}
