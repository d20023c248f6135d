//! One estimator, fitted and scored.

use burn::tensor::Device;

use crate::tasks::config::EstimatorConfig;
use crate::tasks::evaluation;
use crate::tasks::fit::{FitOptions, FitProgress, FitReport, fit};
use crate::tasks::scores::{EvaluateOptions, Evaluation, Scored};
use simgan_base::Result;
use simgan_data::Dataset;

/// Fits an estimator to `training` and scores it on `test`, real labelled images.
///
/// # Errors
/// Those of [`fit`] and [`evaluate`](evaluation::evaluate).
pub fn fit_and_evaluate(
    training: &Dataset,
    test: &Dataset,
    config: &EstimatorConfig,
    options: &FitOptions,
    scoring: &EvaluateOptions,
    device: &Device,
    progress: &mut dyn FnMut(FitProgress),
) -> Result<(Evaluation, FitReport)> {
    let (scored, report) =
        fit_and_score(training, test, config, options, scoring, device, progress)?;
    Ok((scored.evaluation, report))
}

/// As [`fit_and_evaluate`], with label, answer and error of every image.
pub(super) fn fit_and_score(
    training: &Dataset,
    test: &Dataset,
    config: &EstimatorConfig,
    options: &FitOptions,
    scoring: &EvaluateOptions,
    device: &Device,
    progress: &mut dyn FnMut(FitProgress),
) -> Result<(Scored, FitReport)> {
    let (estimator, report) = fit(training, config, options, device, progress)?;
    Ok((evaluation::scored(&estimator, test, scoring)?, report))
}
