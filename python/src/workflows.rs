//! Training, fitting, evaluating, comparing and judging: the work of the commands of these names.

use std::path::PathBuf;

use burn::tensor::Device;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use simgan::judges::Judgement;
use simgan::tasks::{Comparison, EvaluateOptions, Evaluation};
use simgan::training::event_log::Event;
use simgan::parallel::Member;
use simgan::training::{Progress, Request, Summary, train_until};
use simgan_workflow::compare::CompareRequest;
use simgan_workflow::evaluate::EvaluateRequest;
use simgan_workflow::fit::FitRequest;
use simgan_workflow::judge::JudgeRequest;
use simgan_workflow::train::{Prepared, TrainRequest};
use simgan_workflow::{self as workflow, Listener, TaskChoice, UsageError};

use crate::arguments::{OpenArguments, SettingsArguments};
use crate::errors::Failure;
use crate::json;
use crate::listener::PythonListener;
use crate::pool;
use crate::work::{self, Stop};

/// What every function here takes besides its own arguments.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Surroundings {
    pub(crate) threads: Option<usize>,
    pub(crate) on_progress: Option<Py<PyAny>>,
}

/// Does `job` and gives its JSON as Python's own values.
fn result(
    py: Python<'_>,
    Surroundings {
        threads,
        on_progress,
    }: Surroundings,
    job: impl FnOnce(&Device, &PythonListener, &Stop) -> Result<String, Failure> + Send + 'static,
) -> PyResult<Py<PyAny>> {
    let text = work::run(py, threads, move |stop| {
        job(
            &Device::flex(),
            &PythonListener::new(on_progress, stop),
            stop,
        )
    })?;
    Ok(json::loads(py, &text)?.unbind())
}

fn task(task: Option<String>) -> TaskChoice {
    TaskChoice {
        task,
        gaze_by_default: false,
    }
}

/// Arguments of `train`.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct TrainArguments {
    synthetic: Option<String>,
    real: Option<String>,
    out: PathBuf,
    resume: bool,
    allow_changes: bool,
    settings: SettingsArguments,
    open: OpenArguments,
}

/// Trains a refiner.
#[pyfunction]
pub(crate) fn train(
    py: Python<'_>,
    arguments: TrainArguments,
    surroundings: Surroundings,
) -> PyResult<Py<PyAny>> {
    result(py, surroundings, move |device, listener, stop| {
        let request = TrainRequest {
            synthetic: arguments.synthetic,
            real: arguments.real,
            out: arguments.out,
            resume: arguments.resume,
            allow_changes: arguments.allow_changes,
            settings: arguments.settings.into(),
            open: arguments.open.options()?,
        };
        workflow::train::refuse_other_run(&request)?;
        let prepared = workflow::train::prepare(&request, &Member::alone(device), listener)?;
        let summary = follow(&prepared, device, listener, stop)?;
        if summary.stopped {
            stop.ask(PyKeyboardInterrupt::new_err(format!(
                "stopped after {} iterations; {} is saved",
                summary.steps,
                request.out.display()
            )));
        }
        workflow::train::conclude(&prepared.run, &summary, listener);
        let result = workflow::train::to_json(&request.out, &summary);
        Ok(workflow::train::SHAPE.text(&result)?)
    })
}

/// Trains to the end, or until asked to stop: then everything is saved first.
fn follow(
    prepared: &Prepared,
    device: &Device,
    listener: &PythonListener,
    stop: &Stop,
) -> Result<Summary, Failure> {
    let mut observe = |event: Option<&Event>, progress: Progress| {
        if let Some(Event::Warning { message, .. }) = event {
            listener.warn(message);
        }
        listener.tell(&serde_json::json!({
            "stage": progress.label(),
            "done": progress.done,
            "total": progress.total,
            "ahead": progress.ahead,
            "event": event,
        }));
    };
    let mut requests = || match stop.is_asked() {
        true => Request::Stop,
        false => Request::Continue,
    };
    Ok(train_until(
        &prepared.config,
        &prepared.synthetic,
        &prepared.real,
        &prepared.run,
        device,
        &mut observe,
        &mut requests,
    )?)
}

/// Arguments of `fit`.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct FitArguments {
    task: Option<String>,
    data: String,
    versions: Vec<String>,
    adapt: Option<String>,
    out: PathBuf,
    target: Vec<String>,
    seed: u64,
    run: Option<PathBuf>,
    settings: SettingsArguments,
    open: OpenArguments,
}

/// Fits an estimator.
#[pyfunction]
pub(crate) fn fit(
    py: Python<'_>,
    arguments: FitArguments,
    surroundings: Surroundings,
) -> PyResult<Py<PyAny>> {
    result(py, surroundings, move |device, listener, _| {
        let request = FitRequest {
            task: task(arguments.task),
            data: arguments.data,
            versions: arguments.versions,
            adapt: arguments.adapt,
            out: arguments.out,
            target: arguments.target,
            seed: arguments.seed,
            run: arguments.run,
            settings: arguments.settings.into(),
            open: arguments.open.options()?,
        };
        let report = workflow::fit::fit(&request, device, listener)?;
        let result = workflow::fit::to_json(&request.out, &report);
        Ok(workflow::fit::SHAPE.text(&result)?)
    })
}

/// Arguments of `evaluate`.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct EvaluateArguments {
    task: Option<String>,
    model: PathBuf,
    data: String,
    calibrate: usize,
    calibration_seed: u64,
    open: OpenArguments,
}

/// Scores an estimator.
#[pyfunction]
pub(crate) fn evaluate(
    py: Python<'_>,
    arguments: EvaluateArguments,
    surroundings: Surroundings,
) -> PyResult<Py<PyAny>> {
    result(py, surroundings, move |device, listener, _| {
        let request = EvaluateRequest {
            task: task(arguments.task),
            model: arguments.model,
            data: arguments.data,
            open: arguments.open.options()?,
            options: EvaluateOptions {
                calibrate: arguments.calibrate,
                seed: arguments.calibration_seed,
            },
        };
        let result = workflow::evaluate::evaluate(&request, device, listener)?;
        Ok(Evaluation::SHAPE.text(&result)?)
    })
}

/// Arguments of `compare`.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct CompareArguments {
    task: Option<String>,
    run: PathBuf,
    synthetic: String,
    real_test: String,
    out: PathBuf,
    seeds: u32,
    calibrate: usize,
    augmented: bool,
    both: bool,
    versions: bool,
    real_training: Option<String>,
    target: Vec<String>,
    settings: SettingsArguments,
    open: OpenArguments,
}

/// Compares estimators of raw and of refined images.
#[pyfunction]
pub(crate) fn compare(
    py: Python<'_>,
    arguments: CompareArguments,
    surroundings: Surroundings,
) -> PyResult<Py<PyAny>> {
    if pool::is_forked() {
        return Err(Failure::Usage(UsageError {
            message: "compare does not work in a forked process".to_owned(),
            hint: "start a new one: multiprocessing.get_context(\"spawn\")".to_owned(),
        })
        .into());
    }
    result(py, surroundings, move |device, listener, _| {
        let request = CompareRequest {
            task: task(arguments.task),
            run: arguments.run,
            synthetic: arguments.synthetic,
            real_test: arguments.real_test,
            out: arguments.out,
            seeds: arguments.seeds,
            calibrate: arguments.calibrate,
            augmented: arguments.augmented,
            both: arguments.both,
            versions: arguments.versions,
            real_training: arguments.real_training,
            target: arguments.target,
            settings: arguments.settings.into(),
            open: arguments.open.options()?,
        };
        let result = workflow::compare::compare(&request, device, listener)?;
        Ok(Comparison::SHAPE.text(&result)?)
    })
}

/// Arguments of `judge`.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct JudgeArguments {
    run: PathBuf,
    synthetic: String,
    real: String,
    refined: Option<String>,
    iris_model: Option<PathBuf>,
    task_model: Option<PathBuf>,
    iris_unit: Option<f64>,
    seeds: u32,
    images: usize,
    out: Option<PathBuf>,
    open: OpenArguments,
}

/// Judges refined images.
#[pyfunction]
pub(crate) fn judge(
    py: Python<'_>,
    arguments: JudgeArguments,
    surroundings: Surroundings,
) -> PyResult<Py<PyAny>> {
    result(py, surroundings, move |device, listener, _| {
        let request = JudgeRequest {
            run: arguments.run,
            synthetic: arguments.synthetic,
            real: arguments.real,
            refined: arguments.refined,
            iris_model: arguments.iris_model,
            task_model: arguments.task_model,
            iris_unit: arguments.iris_unit,
            seeds: arguments.seeds,
            images: arguments.images,
            out: arguments.out,
            open: arguments.open.options()?,
        };
        let result = workflow::judge::judge(&request, device, listener)?;
        Ok(Judgement::SHAPE.text(&result)?)
    })
}
