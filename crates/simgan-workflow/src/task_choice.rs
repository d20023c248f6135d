//! Which task an estimator is for, as `--task` says it.

use std::mem::discriminant;
use std::path::Path;

use simgan::tasks::model_file::read_manifest;
use simgan::tasks::{EstimatorConfig, Target, kinds};
use simgan::training::RunDir;
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// What an estimator is asked to estimate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskChoice {
    /// `gaze`, `column:NAME[,NAME]` or `class:NAME`; `None`: what the model, the configuration or the labels say.
    pub task: Option<String>,
    /// Whether gaze is meant unless the configuration names columns.
    pub gaze_by_default: bool,
}

impl TaskChoice {
    /// The estimator of `config` for what is asked for: the task, or what the configuration names or is meant by default,
    /// or the one task that the labels of `data` allow, or of several the one that `run` has an estimator of.
    ///
    /// # Errors
    /// There is no such task or column, or the labels allow none or several.
    pub fn estimator(
        &self,
        config: &EstimatorConfig,
        data: &Dataset,
        run: Option<&Path>,
    ) -> Result<EstimatorConfig> {
        let target = match &self.task {
            Some(task) => kinds::named(task, data)?,
            None if self.gaze_by_default || config.names_target() => return Ok(config.clone()),
            None => kinds::choose(data).or_else(|several| of_run(run, data).ok_or(several))?,
        };
        let config = config.clone().with_target(&target);
        config.validate()?;
        Ok(config)
    }

    /// Checks that an estimator of `target` is meant.
    ///
    /// # Errors
    /// Another one is.
    pub fn check(&self, target: &Target, data: &Dataset) -> Result<()> {
        let Some(task) = &self.task else {
            return Ok(());
        };
        // The images that score need not show every class.
        let asked = kinds::named(task, data)?;
        let are_of_one_kind = discriminant(&asked) == discriminant(target);
        if are_of_one_kind && asked.task().columns() == target.task().columns() {
            return Ok(());
        }
        let message = format!(
            "--task is {task}, but the model estimates {}",
            target.names().join(", ")
        );
        Err(Error::config(message).with_hint("leave --task out: the model knows it"))
    }
}

/// The task of the estimator that `run` watches its refiner with, if the labels of `data` allow it.
fn of_run(run: Option<&Path>, data: &Dataset) -> Option<Target> {
    let run = RunDir::open(run?).ok()?;
    let target = read_manifest(&run.estimator()).ok()?.target;
    target.task().rows(data).is_ok().then_some(target)
}
