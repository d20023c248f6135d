//! Refining a whole data set: images of the same names, labels carried over byte for byte.
//!
//! The images are cut into parts, which processes share ([`Shard`]) and of which those that are done stay done when one
//! is killed. What comes out depends on neither, to the byte.

mod change;
mod encode;
mod folder;
mod names;
pub mod origin;
mod parts;
mod pipeline;
mod plan;
mod shard;
mod summary;
mod verify;
mod webdataset;
mod workspace;

use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use simgan_kernels::ops;

use crate::keypoints::{HeldRefiner, Hold};
use crate::nets::image_tensor;
use crate::nets::weights;
use crate::training::{Config, RunDir, checkpoint, reproducibility};
use change::{Change, Refined};
use parts::{Format, Parts};
use pipeline::{Limits, Stages};
use plan::Plan;
pub use shard::Shard;
use simgan_base::Result;
use simgan_base::files::sha256;
use simgan_base::imaging::levels::to_u8;
use simgan_base::random::{Stream, generator};
use simgan_data::{Dataset, OpenOptions, OutputFormat, Preprocessing, RefinedManifest};
use summary::Done;
pub use summary::RefineSummary;
pub use verify::verify;
use workspace::Workspace;

/// Images that the refiner takes at a time on the CPU for every thread that computes: more do not make it faster
/// (8 and 16 at a time on two threads were the best of 4 to 64), but take more memory.
const IMAGES_A_THREAD: usize = 8;

/// A trained refiner with what it needs to be applied.
pub struct TrainedRefiner {
    refiner: HeldRefiner,
    config: Config,
    step: usize,
    sha256: String,
    device: Device,
}

/// How [`TrainedRefiner::refine_with`] refines.
#[derive(Clone, Debug, PartialEq)]
pub struct RefineOptions {
    /// Images that may wait to be refined or written, at least 1. The result does not depend on it.
    pub batch_size: usize,
    /// How the images are written.
    pub format: OutputFormat,
    /// Images of a part, at least 1: what is lost at most by each thread that writes when the process is killed; the
    /// images of a tar file.
    pub images_per_part: usize,
    /// What this process does. The result does not depend on it.
    pub shard: Shard,
}

impl Default for RefineOptions {
    fn default() -> Self {
        Self {
            batch_size: 64,
            format: OutputFormat::Folder,
            images_per_part: 1000,
            shard: Shard::WHOLE,
        }
    }
}

impl TrainedRefiner {
    /// Loads the refiner of a run: of iteration `step` or the newest, its moving average if there is
    /// one and `average` is true.
    pub fn load(run: &RunDir, step: Option<usize>, average: bool, device: &Device) -> Result<Self> {
        let config = run.config()?;
        let (step, path) = run.checkpoint(step)?;
        let file = checkpoint::refiner_file(&path, average);
        let device = device.clone().inner();
        let parameters = config.refiner.parameters(config.preprocessing.channels);
        weights::require_room(&file, parameters)?;
        let mut rng = generator(0, Stream::RefinerWeights);
        let refiner = config
            .refiner
            .init(config.preprocessing.channels, &mut rng, &device);
        let refiner = HeldRefiner {
            refiner: checkpoint::load_refiner(refiner, &file)?.valid(),
            hold: checkpoint::load_hold(&path, &config, &device)?,
        };
        let sha256 = sha256::of_file(&file)?.sha256;
        Ok(Self {
            refiner,
            config,
            step,
            sha256,
            device,
        })
    }

    /// Configuration of the run.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Opens a data set the way this refiner was trained to see it.
    pub fn open(
        &self,
        source: &str,
        options: &OpenOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Dataset> {
        Dataset::open_with_progress(source, &self.config.preprocessing, options, progress)
    }

    /// Refines images `[n, channels, height, width]`, values in [-1, 1], given and returned row by row.
    pub fn forward(&self, images: Vec<f32>) -> Vec<f32> {
        let Preprocessing {
            channels,
            height,
            width,
            ..
        } = self.config.preprocessing;
        let images = image_tensor::from_values(images, [channels, height, width], &self.device);
        image_tensor::to_values(self.refiner.refine(images))
    }

    /// Refines every image of `images` into the folder `output`: [`refine_with`](Self::refine_with) in one process.
    ///
    /// # Errors
    /// Those of [`refine_with`](Self::refine_with).
    pub fn refine(
        &self,
        images: &Dataset,
        output: &Path,
        batch_size: usize,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<RefineSummary> {
        let options = RefineOptions {
            batch_size,
            ..RefineOptions::default()
        };
        self.refine_with(&options, images, output, progress)
    }

    /// Refines the images of `images` that are this shard's into the folder `output`.
    ///
    /// Images are read, refined and written side by side; about `batch_size` of them may wait in each of the two queues
    /// between. The net takes `batch_size` images at a time, on the CPU fewer.
    ///
    /// Files keep their names and order, `labels.csv` its bytes (rows of skipped images are left out). Masks are copied.
    /// The format follows the name (PNG where it has none): PNG, BMP and PNM keep every pixel, JPEG is written at quality 100.
    /// With [`OutputFormat::Webdataset`] there are tar files in place of images and labels.
    ///
    /// Everything is written beside `output` first, in `.NAME.partial`, and renamed by the last shard when complete; the
    /// same call goes on where one was killed. An output that is complete is left as it is.
    /// `progress(done, total)` is called, on this thread, with the number of images of this shard that are done.
    ///
    /// # Errors
    /// `output` exists, is not empty and is something else; two images have one name; another process does this shard, or
    /// refines something else into `output`; a file cannot be written.
    pub fn refine_with(
        &self,
        options: &RefineOptions,
        images: &Dataset,
        output: &Path,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<RefineSummary> {
        let begun = Instant::now();
        names::check(images, options.format)?;
        if options.format == OutputFormat::Webdataset {
            webdataset::check(images)?;
        }
        let plan = self.plan(images, options);
        let own = own_images(&plan, options.shard);
        let mut done = Done {
            found: own,
            ..Done::default()
        };
        if let Some(workspace) = Workspace::open(output, plan, options.shard)? {
            let data = workspace.data();
            done = match options.format {
                OutputFormat::Folder => {
                    let format = folder::Folder::new(images, data);
                    self.refine_parts(format, options, images, &workspace, progress)?
                }
                OutputFormat::Webdataset => {
                    let format = webdataset::Webdataset::new(images, data);
                    self.refine_parts(format, options, images, &workspace, progress)?
                }
            };
            done.missing = workspace.finish(images)?;
        }
        Ok(done.summary(images, options.shard, begun.elapsed().as_secs_f64()))
    }

    fn plan(&self, images: &Dataset, options: &RefineOptions) -> Plan {
        let images_per_part = options.images_per_part.max(1);
        let result = RefinedManifest {
            preprocessing: self.config.preprocessing.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            refiner_sha256: self.sha256.clone(),
            step: self.step,
            keypoint_radius: self.refiner.hold.as_ref().map(Hold::radius),
            angle_unit: images.angle_unit(),
            images: images.len(),
            format: options.format,
            images_per_tar: (options.format == OutputFormat::Webdataset).then_some(images_per_part),
            kernels: Some(kernels(&self.device)),
            input_fingerprint: Some(images.fingerprint()),
            label_fingerprint: images.label_fingerprint(),
            points: images.moved_points().cloned(),
            sums_sha256: None,
        };
        Plan {
            result,
            images_per_part,
            shards: options.shard.count(),
        }
    }

    /// Does the parts of `workspace` that are to be done, one after the other without a pause.
    fn refine_parts(
        &self,
        format: impl Format,
        options: &RefineOptions,
        images: &Dataset,
        workspace: &Workspace,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Done> {
        let plan = workspace.plan();
        let ranges = workspace
            .to_do(images)?
            .into_iter()
            .map(|part| plan.images(part));
        let ranges: Vec<Range<usize>> = ranges.collect();
        let (own, count) = (
            own_images(plan, options.shard),
            ranges.iter().map(Range::len).sum(),
        );
        let found = own - count;
        let image_len = images.image_shape().iter().product();
        let (parts, change) = (Parts::new(format, workspace), Mutex::new(Change::default()));
        let stages = Stages {
            read: |range: Range<usize>| images.batch(&range.collect::<Vec<_>>()),
            net: |before| self.net(before),
            write: |range, refined: Refined| {
                let (pixels, changed) = refined.pixels(image_len);
                lock(&change).add(changed);
                parts.write(range, &pixels)
            },
        };
        let at_a_time = self.at_a_time(options.batch_size);
        let batches = ranges
            .into_iter()
            .flat_map(|range| batches(range, at_a_time));
        let limits = self.limits(count, options.batch_size);
        let busy = pipeline::run(limits, batches, stages, &mut |done, _| {
            progress(found + done, own);
        })?;
        let change = *lock(&change);
        Ok(Done {
            images: count,
            found,
            change,
            busy,
            missing: Vec::new(),
        })
    }

    fn net(&self, before: Vec<f32>) -> Refined {
        Refined {
            before: before.iter().map(|&v| to_u8(v)).collect(),
            after: self.forward(before),
        }
    }

    fn limits(&self, images: usize, batch_size: usize) -> Limits {
        Limits {
            images,
            waiting: batch_size.div_ceil(self.at_a_time(batch_size)).max(2),
            writers: rayon::current_num_threads(),
        }
    }

    /// Images that the net takes at a time.
    fn at_a_time(&self, batch_size: usize) -> usize {
        let batch_size = batch_size.max(1);
        match ops::are_used_on(&self.device) {
            true => batch_size.min((IMAGES_A_THREAD * rayon::current_num_threads()).max(8)),
            false => batch_size,
        }
    }
}

/// What decides the last bits of images: the kernels on the CPU, or the device.
fn kernels(device: &Device) -> String {
    match ops::is_cpu(device) {
        true => reproducibility::kernels(device).to_owned(),
        false => reproducibility::device_name(device),
    }
}

/// Number of images of a shard.
fn own_images(plan: &Plan, shard: Shard) -> usize {
    let own = (0..plan.parts()).filter(|&part| shard.does(part));
    own.map(|part| plan.images(part).len()).sum()
}

/// The images of `range`, at most `at_a_time` at a time.
fn batches(range: Range<usize>, at_a_time: usize) -> impl Iterator<Item = Range<usize>> + Send {
    let end = range.end;
    range
        .step_by(at_a_time)
        .map(move |start| start..(start + at_a_time).min(end))
}

fn lock(change: &Mutex<Change>) -> std::sync::MutexGuard<'_, Change> {
    change.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
