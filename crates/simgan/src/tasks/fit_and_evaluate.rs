//! One estimator, fitted and scored.

use burn::tensor::Device;

use crate::tasks::config::EstimatorConfig;
use crate::tasks::evaluation::evaluate;
use crate::tasks::fit::{FitOptions, FitProgress, FitReport, fit};
use crate::tasks::scores::{EvaluateOptions, Evaluation};
use simgan_base::Result;
use simgan_data::Dataset;

/// Fits an estimator to `training` and scores it on `test`, real labelled images.
///
/// # Errors
/// Those of [`fit`] and [`evaluate`].
pub fn fit_and_evaluate(
    training: &Dataset,
    test: &Dataset,
    config: &EstimatorConfig,
    options: &FitOptions,
    scoring: &EvaluateOptions,
    device: &Device,
    progress: &mut dyn FnMut(FitProgress),
) -> Result<(Evaluation, FitReport)> {
    let (estimator, report) = fit(training, config, options, device, progress)?;
    Ok((evaluate(&estimator, test, scoring)?, report))
}
