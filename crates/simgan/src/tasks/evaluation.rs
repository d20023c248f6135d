//! Scores of an estimator on labelled images.

use crate::tasks::estimator::Estimator;
use crate::tasks::scores::{EvaluateOptions, Evaluation, Scored, score};
use crate::tasks::target::Target;
use crate::tasks::task::{Labelled, Task};
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// Scores `estimator` on the labelled images of `data`.
///
/// Gaze estimators are scored on gaze labels in degrees, or else on screen points in pixels, which needs
/// calibration; with gaze labels a calibration is fitted in pitch and yaw. Estimators of label columns
/// are scored by Euclidean distance, those of classes by the percentage of wrong answers; the distance of `screen_x` and `screen_y` counts as pixels.
///
/// # Errors
/// No image, missing labels, screen points without calibration, and those of
/// [`Estimator::predict`] and [`calibration::choose`](crate::tasks::calibration::choose).
pub fn evaluate(
    estimator: &Estimator,
    data: &Dataset,
    options: &EvaluateOptions,
) -> Result<Evaluation> {
    Ok(scored(estimator, data, options)?.evaluation)
}

/// As [`evaluate`], with label, answer and error of every image.
pub(super) fn scored(
    estimator: &Estimator,
    data: &Dataset,
    options: &EvaluateOptions,
) -> Result<Scored> {
    let task = estimator.target().task();
    let labels = scorable(&*task, data, options)?;
    score(&*task, &labels, &estimator.answers(data)?, options)
}

/// Checks that `data` has the labels to score an estimator of `target`, before any work is done.
///
/// # Errors
/// Those of [`evaluate`] that follow from the labels.
pub fn check(target: &Target, data: &Dataset, options: &EvaluateOptions) -> Result<()> {
    scorable(&*target.task(), data, options).map(|_| ())
}

fn scorable(task: &dyn Task, data: &Dataset, options: &EvaluateOptions) -> Result<Labelled> {
    if data.is_empty() {
        return Err(Error::data("the data set to evaluate on has no images"));
    }
    let labels = task.labelled(data)?;
    task.check_calibration(labels.unit, options.calibrate)?;
    Ok(labels)
}
