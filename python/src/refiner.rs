//! A trained refiner, for images in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::tensor::Device;
use numpy::{Element, PyReadonlyArrayDyn};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use simgan::refine::TrainedRefiner;
use simgan::training::RunDir;
use simgan_base::imaging::levels::{from_u8, to_u8};
use simgan_base::{Error, Result};
use simgan_workflow::refine::Checkpoint;

use crate::errors::Failure;
use crate::images::{self, Images, Shape};
use crate::{json, work};

/// Bytes of images that are at work at a time, between two looks for Ctrl-C.
const AT_WORK: usize = 16 << 20;

/// A trained refiner. `simgan.Refiner` documents it.
#[pyclass(frozen, subclass, module = "simgan._simgan")]
pub(crate) struct Refiner {
    refiner: Arc<TrainedRefiner>,
    run: PathBuf,
    average: bool,
    threads: Option<usize>,
}

/// The checkpoint called `name`; `None` is the newest good one.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config): it is none of the names there are.
pub(crate) fn checkpoint(name: &str) -> Result<Option<Checkpoint>> {
    match name {
        "latest" => Ok(None),
        name => name.parse().map(Some).map_err(|_: String| {
            Error::config(format!("there is no checkpoint called `{name}`"))
                .with_hint("give \"latest\", \"best\" or an iteration")
        }),
    }
}

/// The folder of a run, which stays the same when the process goes elsewhere, and the iteration of its checkpoint.
pub(crate) fn opened(run: &Path, name: &str) -> Result<(RunDir, Option<usize>)> {
    let which = checkpoint(name)?;
    let run = RunDir::open(&std::path::absolute(run)?)?;
    let step = which.map(|which| which.step(&run)).transpose()?;
    Ok((run, step))
}

#[pymethods]
impl Refiner {
    #[new]
    fn new(
        py: Python<'_>,
        run: PathBuf,
        checkpoint: String,
        average: bool,
        threads: Option<usize>,
    ) -> PyResult<Self> {
        let (refiner, run) = work::run(py, threads, move |_| {
            let (run, step) = opened(&run, &checkpoint)?;
            let refiner = TrainedRefiner::load(&run, step, average, &Device::flex())?;
            Ok((Arc::new(refiner), run.path().to_owned()))
        })?;
        Ok(Self {
            refiner,
            run,
            average,
            threads,
        })
    }

    /// Images, refined.
    fn refine<'py>(
        &self,
        py: Python<'py>,
        images: &Bound<'py, PyAny>,
        preprocessed: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.refiner.require_no_areas().map_err(Failure::Library)?;
        let (images, shape) = Images::of(images)?;
        let refined = shape.refined(&self.refiner.config().preprocessing);
        match images {
            Images::Levels(levels) => {
                let net = move |refiner: &TrainedRefiner, levels: Vec<u8>, part: Shape, _| {
                    refine_levels(refiner, &levels, part, preprocessed)
                };
                images::array(py, self.in_parts(py, &levels, shape, net)?, refined)
            }
            Images::Fractions(fractions) => {
                self.require_preprocessed(preprocessed)?;
                let net = |refiner: &TrainedRefiner, fractions: Vec<f32>, part: Shape, first| {
                    refine_fractions(refiner, &fractions, part, first)
                };
                images::array(py, self.in_parts(py, &fractions, shape, net)?, refined)
            }
        }
    }

    /// Sizes of the net and of what holds its points, as exports of `--format pytorch` describe them.
    fn architecture<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let architecture = simgan_export::architecture(&self.refiner);
        json::loads(py, &architecture.to_string())
    }

    /// The weights by the names of such an export.
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let weights = PyDict::new(py);
        for (name, shape, bytes) in simgan_export::weights(&self.refiner) {
            let values = bytes.as_chunks().0.iter();
            let values: Vec<f32> = values.map(|value| f32::from_le_bytes(*value)).collect();
            weights.set_item(name, images::array(py, values, shape)?)?;
        }
        Ok(weights)
    }

    /// Folder of the run.
    #[getter]
    fn run(&self) -> &Path {
        &self.run
    }

    /// Iteration of the checkpoint.
    #[getter]
    fn step(&self) -> usize {
        self.refiner.step()
    }

    /// Whether the moving average of the weights is taken where the checkpoint has one.
    #[getter]
    fn average(&self) -> bool {
        self.average
    }

    /// Threads to compute with; `None` is one a core.
    #[getter]
    fn threads(&self) -> Option<usize> {
        self.threads
    }

    /// SHA-256 of the file of the weights.
    #[getter]
    fn sha256(&self) -> &str {
        self.refiner.sha256()
    }

    /// Pixels around labelled points within which nothing moves, or `None`.
    #[getter]
    fn keypoint_radius(&self) -> Option<f64> {
        self.refiner.keypoint_radius()
    }

    /// `(height, width, channels)` of refined images.
    #[getter]
    fn image_shape(&self) -> (usize, usize, usize) {
        let [channels, height, width] = self.refiner.config().preprocessing.image_shape();
        (height, width, channels)
    }

    fn __repr__(&self) -> String {
        let (run, step) = (self.run.display(), self.step());
        format!("Refiner({:?}, checkpoint={step})", run.to_string())
    }
}

impl Refiner {
    /// Refines `array` part by part, in order. `net` is given a part's values, its shape and the number of its first image.
    fn in_parts<T: Element + Copy + Send + 'static>(
        &self,
        py: Python<'_>,
        array: &PyReadonlyArrayDyn<'_, T>,
        shape: Shape,
        net: impl Fn(&TrainedRefiner, Vec<T>, Shape, usize) -> Result<Vec<T>> + Copy + Send + 'static,
    ) -> PyResult<Vec<T>> {
        let length: usize = shape
            .refined(&self.refiner.config().preprocessing)
            .iter()
            .product();
        let mut refined = Vec::with_capacity(length);
        let images = (AT_WORK / shape.image_bytes::<T>()).max(1);
        for first in (0..shape.images).step_by(images) {
            let end = (first + images).min(shape.images);
            let part = shape.of_images(end - first);
            let values = images::copied(array, [first, end]);
            let refiner = Arc::clone(&self.refiner);
            refined.extend(work::run(py, self.threads, move |_| {
                net(&refiner, values, part, first).map_err(Failure::Library)
            })?);
        }
        Ok(refined)
    }

    /// Refuses fractions where the run has a step of preprocessing that is defined for levels alone.
    fn require_preprocessed(&self, preprocessed: bool) -> PyResult<()> {
        let preprocessing = &self.refiner.config().preprocessing;
        if preprocessed || !(preprocessing.equalize || preprocessing.range.is_some()) {
            return Ok(());
        }
        let message = "the run equalizes images or takes a range of their levels, which is done to uint8 images only";
        let error = Error::data(message).with_hint(
            "give uint8 images, or say preprocessed=True of float32 images to which it has been done",
        );
        Err(Failure::Library(error).into())
    }
}

fn refine_levels(
    refiner: &TrainedRefiner,
    levels: &[u8],
    shape: Shape,
    is_preprocessed: bool,
) -> Result<Vec<u8>> {
    let preprocessing = &refiner.config().preprocessing;
    let levels = images::preprocessed(levels, shape, preprocessing, is_preprocessed)?;
    let values: Vec<f32> = levels.into_iter().map(from_u8).collect();
    let refined: Vec<u8> = refiner
        .forward_in_slices(&values)
        .into_iter()
        .map(to_u8)
        .collect();
    Ok(pixel_by_pixel(refiner, &refined))
}

fn refine_fractions(
    refiner: &TrainedRefiner,
    fractions: &[f32],
    shape: Shape,
    first: usize,
) -> Result<Vec<f32>> {
    let preprocessing = &refiner.config().preprocessing;
    let values = images::scaled(fractions, shape, preprocessing, first)?;
    let refined = refiner.forward_in_slices(&values);
    let refined: Vec<f32> = refined.into_iter().map(images::fraction).collect();
    Ok(pixel_by_pixel(refiner, &refined))
}

fn pixel_by_pixel<T: Copy>(refiner: &TrainedRefiner, images: &[T]) -> Vec<T> {
    let [channels, height, width] = refiner.config().preprocessing.image_shape();
    images::channels_last(images, channels, height * width)
}
