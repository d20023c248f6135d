//! An estimator from labelled images.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde_json::{Value, json};
use simgan::tasks::{self, EstimatorConfig, EstimatorKind, FitOptions, FitProgress, FitReport};
use simgan_base::Result;
use simgan_base::formats::shape::Shape;
use simgan_data::{Dataset, OpenOptions};

use crate::configuration::{self, EstimatorSources, Settings};
use crate::listener::Listener;
use crate::task_choice::TaskChoice;
use crate::{data, warnings};

/// What is fitted, on what, and where it goes.
#[derive(Clone, Debug, Default)]
pub struct FitRequest {
    /// What to estimate.
    pub task: TaskChoice,
    /// Labelled images: raw synthetic, refined or real.
    pub data: String,
    /// Other versions of the very same images.
    pub versions: Vec<String>,
    /// Unlabelled real images to adapt to.
    pub adapt: Option<String>,
    /// Folder of the model: new or empty.
    pub out: PathBuf,
    /// Label columns to estimate.
    pub target: Vec<String>,
    /// Seed of weights, batches and the held-out part.
    pub seed: u64,
    /// The run whose preprocessing is taken, and whose `[estimator]` unless the settings name a configuration.
    pub run: Option<PathBuf>,
    /// Configuration and keys.
    pub settings: Settings,
    /// How images are opened.
    pub open: OpenOptions,
}

/// Fits an estimator and saves it.
///
/// # Errors
/// A folder that is not free, a wrong configuration, images that cannot be opened or are no versions of the others, and
/// those of [`tasks::fit()`] and [`Estimator::save`](simgan::tasks::Estimator::save).
pub fn fit(request: &FitRequest, device: &Device, listener: &dyn Listener) -> Result<FitReport> {
    data::require_free(&request.out, "--out")?;
    let read = request.versions.iter().chain(&request.adapt);
    let read = read.chain([&request.data]).map(String::as_str);
    data::require_outside(&request.out, "--out", read)?;
    let sources = EstimatorSources {
        run: request.run.as_deref(),
        target: &request.target,
        data: Some(&request.data),
    };
    let config = configuration::of_estimator(&request.settings, sources, &request.open, listener)?;
    let open = |source: &str| data::open(source, &config.preprocessing, &request.open, listener);
    let images = open(&request.data)?;
    let estimator = request
        .task
        .estimator(&config.estimator, &images, request.run.as_deref())?;
    warn_of_data(&estimator, &images, listener);
    let versions = request.versions.iter();
    let versions = versions.map(|source| version_of(&images, open(source)?));
    let options = FitOptions {
        variants: versions.collect::<Result<_>>()?,
        unlabelled: request.adapt.as_deref().map(open).transpose()?,
        seed: request.seed,
        preprocessing: config.preprocessing.clone(),
    };
    fit_and_save(
        &images,
        &estimator,
        &options,
        &request.out,
        device,
        listener,
    )
}

fn fit_and_save(
    images: &Dataset,
    estimator: &EstimatorConfig,
    options: &FitOptions,
    out: &Path,
    device: &Device,
    listener: &dyn Listener,
) -> Result<FitReport> {
    let progress = listener.begin("fitting");
    let mut update = |p: FitProgress| progress.update(p.step, p.steps, &message(&p));
    let (estimator, report) = tasks::fit(images, estimator, options, device, &mut update)?;
    estimator.save(out)?;
    Ok(report)
}

/// What [`to_json`] gives.
pub const SHAPE: Shape = Shape::new("fit", 1);

/// The result of [`fit`] as JSON: `{"out": out, "fit": report}`. `model` is an older name of `out`.
pub fn to_json(out: &Path, report: &FitReport) -> Value {
    json!({ "out": out, "model": out, "fit": report })
}

fn version_of(images: &Dataset, version: Dataset) -> Result<Dataset> {
    let hint = "--version is what `simgan refine` made of the images of --data";
    data::check_version(images, &version, hint)?;
    Ok(version)
}

/// Says what of the images speaks against the fit.
fn warn_of_data(config: &EstimatorConfig, images: &Dataset, listener: &dyn Listener) {
    warnings::of_labels(&config.target(), images, listener);
    if config.kind == EstimatorKind::Cnn {
        warnings::of_few(images, config.batch_size, "estimator.batch_size", listener);
    }
}

/// Loss of the last mini-batch and the best on the held-out part.
pub fn message(progress: &FitProgress) -> String {
    match progress.best_validation {
        Some(best) => format!("loss {:.4}, held out {best:.4}", progress.loss),
        None => format!("loss {:.4}", progress.loss),
    }
}
