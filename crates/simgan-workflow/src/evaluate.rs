//! An estimator on labelled images.

use std::path::PathBuf;

use burn::tensor::Device;
use simgan::tasks::{self, Estimator, EvaluateOptions, Evaluation};
use simgan_base::Result;
use simgan_data::OpenOptions;

use crate::listener::Listener;
use crate::task_choice::TaskChoice;
use crate::{data, warnings};

/// What is evaluated, and how.
#[derive(Clone, Debug, Default)]
pub struct EvaluateRequest {
    /// What the estimator is expected to estimate.
    pub task: TaskChoice,
    /// Folder of the fitted model.
    pub model: PathBuf,
    /// Labelled images.
    pub data: String,
    /// How they are opened.
    pub open: OpenOptions,
    /// How they are scored.
    pub options: EvaluateOptions,
}

/// Scores an estimator.
///
/// # Errors
/// Those of [`Estimator::load`], [`data::open`], [`TaskChoice::check`] and [`tasks::evaluate`].
pub fn evaluate(
    request: &EvaluateRequest,
    device: &Device,
    listener: &dyn Listener,
) -> Result<Evaluation> {
    let estimator = Estimator::load(&request.model, device)?;
    let preprocessing = estimator.preprocessing();
    let images = data::open(&request.data, preprocessing, &request.open, listener)?;
    request.task.check(estimator.target(), &images)?;
    warnings::of_labels(estimator.target(), &images, listener);
    tasks::evaluate(&estimator, &images, &request.options)
}
