//! Refining a whole data set: images of the same names, labels carried over byte for byte where no pixel moves.
//!
//! The images are cut into parts, which processes share ([`Shard`]) and of which those that are done stay done when one
//! is killed. What comes out depends on neither, to the byte.
//!
//! ```
//! use burn::tensor::Device;
//! # use simgan::data::{Dataset, OpenOptions};
//! use simgan::refine::TrainedRefiner;
//! # use simgan::training::{Config, RunDir, train};
//! # let mut config = Config::default();
//! # config.training.batch_size = 2;
//! # config.training.steps = 1;
//! # config.training.refiner_warmup = 1;
//! # config.training.discriminator_warmup = 1;
//! # config.refiner.feature_maps = 2;
//! # config.refiner.blocks = 1;
//! # let open = |source| Dataset::open(source, &config.preprocessing, &OpenOptions::default());
//! # let (rendered, real) = (open("sim:eyes?seed=1[:8]")?, open("sim:camera?seed=2[:8]")?);
//! # let folder = tempfile::tempdir()?;
//! # let run = RunDir::create(&folder.path().join("run"), &config)?;
//! # train(&config, &rendered, &real, &run, &Device::default(), &mut |_, _| {})?;
//!
//! // `run` is a trained run, `rendered` eight labelled images.
//! let refiner = TrainedRefiner::load(&run, None, true, &Device::default())?;
//! let refined = folder.path().join("refined");
//! refiner.refine(&rendered, &refined, 64, &mut |_done, _total| {})?;
//! assert!(refined.join("labels.csv").is_file());
//! assert!(simgan::verification::verify(&refined)?.problems.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod change;
pub mod encode;
mod folder;
mod format;
mod formats;
mod job;
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

use std::path::Path;
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use simgan_kernels::ops;

use crate::hold::HeldRefiner;
use crate::keypoints::Hold;
use crate::nets::image_tensor;
use crate::nets::weights;
use crate::training::{Config, RunDir, checkpoint, reproducibility};
use job::Job;
use plan::Plan;
pub use shard::Shard;
use simgan_base::files::sha256;
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};
use simgan_data::preprocessing::CropKind;
use simgan_data::{Dataset, HeldAreas, OpenOptions, OutputFormat, Preprocessing, RefinedManifest};
use summary::Done;
pub use summary::RefineSummary;
pub use verify::verify;
use workspace::Workspace;

/// Images that the refiner takes at a time on the CPU for every thread that computes: more do not make it faster
/// (8 and 16 at a time on two threads were the best of 4 to 64), but take more memory.
const IMAGES_A_THREAD: usize = 8;

/// Most bytes of images that are at work at a time in a stage; of larger images, one.
const AT_WORK: usize = 16 << 20;

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
            areas: config.hold.clone(),
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

    /// What refines, with what holds its points.
    pub fn held(&self) -> &HeldRefiner {
        &self.refiner
    }

    /// Configuration of the run.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Iteration of the checkpoint that it comes from.
    pub fn step(&self) -> usize {
        self.step
    }

    /// SHA-256 of the file of its weights, which tells refiners apart.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Pixels around labelled points within which nothing moves; `None` where nothing is held.
    pub fn keypoint_radius(&self) -> Option<f64> {
        self.refiner.hold.as_ref().map(Hold::radius)
    }

    /// The areas of the images of `data` that the run holds.
    ///
    /// # Errors
    /// An image lacks a box or a mask that the run holds.
    pub fn areas<'a>(&'a self, data: &'a Dataset) -> Result<HeldAreas<'a>> {
        HeldAreas::of(data, &self.config.hold)
    }

    /// Checks that images alone can be refined as the run asks for.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): the run holds boxes or masks, which lie beside images.
    pub fn require_no_areas(&self) -> Result<()> {
        match self.config.hold.is_on() {
            false => Ok(()),
            true => Err(Error::config(
                "this run holds boxes or masks (`[hold]`), which images alone do not have",
            )
            .with_hint("refine a data set: `simgan refine`, or `simgan.refine` in Python")),
        }
    }

    /// Images of `data`, refined: values in [-1, 1], row by row.
    ///
    /// # Errors
    /// A mask that cannot be read.
    pub fn refine_images(
        &self,
        data: &Dataset,
        areas: &HeldAreas<'_>,
        indices: &[usize],
    ) -> Result<Vec<f32>> {
        self.refiner
            .refine_images(data, areas, indices, &self.device)
    }

    /// Opens a data set the way this refiner was trained to see it; [whole](Self::open_whole) if it was trained on random
    /// parts.
    ///
    /// # Errors
    /// Those of [`Dataset::open`] and [`Dataset::open_whole`].
    pub fn open(
        &self,
        source: &str,
        options: &OpenOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Dataset> {
        let preprocessing = &self.config.preprocessing;
        match preprocessing.crop.kind {
            CropKind::Random => self.open_whole(source, options, progress),
            _ => Dataset::open_with_progress(source, preprocessing, options, progress),
        }
    }

    /// Opens a data set at the size of its images, neither cropped nor resized: R, which sees a small part of an image at a
    /// time, refines any size.
    ///
    /// # Errors
    /// Those of [`Dataset::open_whole`].
    pub fn open_whole(
        &self,
        source: &str,
        options: &OpenOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Dataset> {
        Dataset::open_whole(source, &self.config.preprocessing, options, progress)
    }

    /// Refines images `[n, channels, height, width]`, values in [-1, 1], given and returned row by row. Their boxes and masks
    /// are not known: see [`require_no_areas`](Self::require_no_areas).
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

    /// [`forward`](Self::forward) of any number of images, as many at a time as [`refine_with`](Self::refine_with) takes.
    /// Rounded to levels, the result has the pixels that it writes.
    pub fn forward_in_slices(&self, images: &[f32]) -> Vec<f32> {
        let image_shape = self.config.preprocessing.image_shape();
        let image_len: usize = image_shape.iter().product();
        let batch_size = RefineOptions::default().batch_size;
        let at_a_time = self.sizes(batch_size, image_shape).at_a_time;
        let slices = images.chunks(at_a_time * image_len);
        slices
            .flat_map(|slice| self.forward(slice.to_vec()))
            .collect()
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
    /// Files keep their names and order, `labels.csv` its bytes (rows of skipped images are left out). Masks and label files
    /// of COCO and YOLO move with the pixels, and are written in place of a `labels.csv`.
    /// The format follows the name (PNG where it has none): PNG, BMP and PNM keep every pixel, JPEG is written at quality 100.
    /// With [`OutputFormat::Webdataset`] there are tar files in place of images and labels.
    ///
    /// Everything is written beside `output` first, in `.NAME.partial`, and renamed by the last shard when complete; the
    /// same call goes on where one was killed. An output that is complete is left as it is.
    /// `progress(done, total)` is called, on this thread, with the number of images of this shard that are done.
    ///
    /// # Errors
    /// An image lacks a box or a mask that the run holds; `output` exists, is not empty and is something else; two images have one name; another process does this shard, or
    /// refines something else into `output`; a file cannot be written.
    pub fn refine_with(
        &self,
        options: &RefineOptions,
        images: &Dataset,
        output: &Path,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<RefineSummary> {
        let begun = Instant::now();
        let format = formats::of(options.format);
        names::check(images, |name| format.place(name))?;
        format.check(images)?;
        let areas = self.areas(images)?;
        let plan = self.plan(images, options)?;
        let own = plan.images_of(options.shard);
        let mut done = Done {
            found: own,
            ..Done::default()
        };
        if let Some(workspace) = Workspace::open(output, plan, options.shard)? {
            let files = |range| format.files(images, range);
            let shape = images.image_shape();
            let sizes = self.sizes(options.batch_size, shape);
            done = format.write(Job {
                net: &|range, levels| {
                    self.refiner
                        .refine_levels_of(&areas, range, levels, shape, &self.device)
                },
                at_a_time: sizes.at_a_time,
                images,
                to_do: workspace.to_do(&files)?,
                workspace: &workspace,
                waiting: sizes.waiting,
                writers: sizes.writers,
                own,
                progress,
            })?;
            done.missing = workspace.finish(images, format.label_table())?;
        }
        Ok(done.summary(images, options.shard, begun.elapsed().as_secs_f64()))
    }

    fn plan(&self, images: &Dataset, options: &RefineOptions) -> Result<Plan> {
        let images_per_part = options.images_per_part.max(1);
        let result = RefinedManifest {
            preprocessing: self.preprocessing_of(images),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            refiner_sha256: self.sha256.clone(),
            step: self.step,
            keypoint_radius: self.keypoint_radius(),
            hold: self.config.hold.clone(),
            angle_unit: images.angle_unit(),
            images: images.len(),
            format: options.format,
            images_per_tar: formats::of(options.format)
                .is_a_file_a_part()
                .then_some(images_per_part),
            kernels: Some(kernels(&self.device)),
            input_fingerprint: Some(images.fingerprint()),
            label_fingerprint: images.label_fingerprint()?,
            points: images.moved_points().cloned(),
            sums_sha256: None,
        };
        Ok(Plan {
            result,
            images_per_part,
            shards: options.shard.count(),
        })
    }

    /// What `images` have been through.
    fn preprocessing_of(&self, images: &Dataset) -> Preprocessing {
        let preprocessing = &self.config.preprocessing;
        let [_, height, width] = images.image_shape();
        let is_whole = [width, height] != [preprocessing.width, preprocessing.height]
            || preprocessing.crop.kind == CropKind::Random;
        match is_whole {
            true => preprocessing.whole([width, height]),
            false => preprocessing.clone(),
        }
    }

    /// How much is at work at a time, of images `[channels, height, width]`.
    fn sizes(&self, batch_size: usize, image_shape: [usize; 3]) -> Sizes {
        let image_bytes = image_shape.iter().product::<usize>().max(1);
        let room = (AT_WORK / image_bytes).max(1);
        let batch_size = batch_size.max(1).min(room);
        let at_a_time = match ops::are_used_on(&self.device) {
            true => batch_size.min((IMAGES_A_THREAD * rayon::current_num_threads()).max(8)),
            false => batch_size,
        };
        Sizes {
            at_a_time,
            waiting: match room {
                1 => 0,
                _ => batch_size.div_ceil(at_a_time).max(2),
            },
            writers: rayon::current_num_threads().min(room),
        }
    }
}

/// How much is at work at a time.
struct Sizes {
    /// Images that the net takes.
    at_a_time: usize,
    /// Batches that may wait in each queue.
    waiting: usize,
    /// Threads that write.
    writers: usize,
}

/// What decides the last bits of images: the kernels on the CPU, or the device.
fn kernels(device: &Device) -> String {
    match ops::is_cpu(device) {
        true => reproducibility::kernels(device).to_owned(),
        false => reproducibility::device_name(device),
    }
}

#[cfg(test)]
mod label_tests;
#[cfg(test)]
mod tests;
