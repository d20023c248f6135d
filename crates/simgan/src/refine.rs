//! Refining a whole data set: images of the same names, labels carried over byte for byte.

mod pipeline;

use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use image::ImageFormat;
use sha2::{Digest, Sha256};
use simgan_kernels::ops;

use crate::datasets::listing::hex;
use crate::datasets::refined_manifest::RefinedManifest;
use crate::datasets::{Dataset, OpenOptions, Preprocessing};
use crate::random::{Stream, generator};
use crate::refiner::Refiner;
use crate::training::image_grid::to_u8;
use crate::training::{Config, RunDir, checkpoint};
use crate::{Error, Result};
use crate::{disk, image_tensor, output_folder};
use pipeline::{Busy, Plan, Stages};

/// Images that the refiner takes at a time on the CPU for every thread that computes: more do not make it faster
/// (8 and 16 at a time on two threads were the best of 4 to 64), but take more memory.
const IMAGES_A_THREAD: usize = 8;

/// A trained refiner with what it needs to be applied.
pub struct TrainedRefiner {
    refiner: Refiner,
    config: Config,
    step: usize,
    sha256: String,
    device: Device,
}

/// Result of [`TrainedRefiner::refine`].
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct RefineSummary {
    /// Images written.
    pub images: usize,
    /// Images of the input left out as unusable.
    pub skipped: usize,
    /// Images whose pixels came out exactly as they went in: the refiner does nothing to them.
    pub unchanged: usize,
    /// Mean absolute change of a pixel, in grey levels of 0..=255.
    pub mean_absolute_change: f64,
    /// Seconds from beginning to end. The stages run side by side: theirs may add up to more.
    pub seconds: f64,
    /// Seconds in which the net worked.
    pub net_seconds: f64,
    /// Seconds spent reading.
    pub reading_seconds: f64,
    /// Seconds spent encoding and writing, summed over the threads that do.
    pub writing_seconds: f64,
    /// Images a second.
    pub images_per_second: f64,
}

impl TrainedRefiner {
    /// Loads the refiner of a run: of iteration `step` or the newest, its moving average if there is
    /// one and `average` is true.
    pub fn load(run: &RunDir, step: Option<usize>, average: bool, device: &Device) -> Result<Self> {
        let config = run.config()?;
        let (step, path) = run.checkpoint(step)?;
        let file = checkpoint::refiner_file(&path, average);
        let device = device.clone().inner();
        let mut rng = generator(0, Stream::RefinerWeights);
        let refiner = config
            .refiner
            .init(config.preprocessing.channels, &mut rng, &device);
        let refiner = checkpoint::load_refiner(refiner, &file)?.valid();
        let sha256 = hex(&Sha256::digest(fs_err::read(&file)?));
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

    /// Refines every image of `images` into the folder `output`.
    ///
    /// Images are read, refined and written side by side; about `batch_size` of them may wait in each of the two queues
    /// between. The net takes `batch_size` images at a time, on the CPU fewer. The result does not depend on it.
    ///
    /// Files keep their names and order, `labels.csv` its bytes (rows of skipped images are left out).
    /// The format follows the name (PNG where it has none): PNG, BMP and PNM keep every pixel, JPEG is written at quality 100.
    /// Everything is written beside `output` first and renamed when complete. `progress(done, total)`
    /// is called, on this thread, with the number of images written.
    ///
    /// # Errors
    /// `output` exists and is not empty, or a file cannot be written.
    pub fn refine(
        &self,
        images: &Dataset,
        output: &Path,
        batch_size: usize,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<RefineSummary> {
        let begun = Instant::now();
        output_folder::require_free(output, "give --output another folder")?;
        let partial = output_folder::begin(output)?;
        let change = Mutex::new(Change::default());
        let stages = Stages {
            read: |range: Range<usize>| images.batch(&range.collect::<Vec<_>>()),
            net: |before: Vec<f32>| Refined {
                before: before.iter().map(|&v| to_u8(v)).collect(),
                after: self.forward(before),
            },
            write: |range, batch| {
                let batch = write_batch(images, range, &batch, &partial)?;
                lock(&change).add(batch);
                Ok(())
            },
        };
        let busy = pipeline::run(self.plan(images.len(), batch_size), stages, progress)?;
        self.write_labels(images, &partial)?;
        output_folder::publish(&partial, output)?;
        let change = *lock(&change);
        Ok(summary(images, change, busy, begun.elapsed().as_secs_f64()))
    }

    fn plan(&self, images: usize, batch_size: usize) -> Plan {
        let batch_size = batch_size.max(1);
        let threads = rayon::current_num_threads();
        let at_a_time = match ops::are_used_on(&self.device) {
            true => batch_size.min((IMAGES_A_THREAD * threads).max(8)),
            false => batch_size,
        };
        Plan {
            images,
            at_a_time,
            waiting: batch_size.div_ceil(at_a_time).max(2),
            writers: threads,
        }
    }

    fn write_labels(&self, images: &Dataset, folder: &Path) -> Result<()> {
        if let Some(labels) = images.labels() {
            let file = fs_err::File::create(folder.join("labels.csv"))?;
            labels.write_to(std::io::BufWriter::new(file))?;
        }
        RefinedManifest {
            preprocessing: self.config.preprocessing.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            refiner_sha256: self.sha256.clone(),
            step: self.step,
            images: images.len(),
        }
        .write(folder)
    }
}

/// Refining changes pixels only: as many images, of the same shape.
///
/// # Errors
/// They are not.
pub(crate) fn check_counterparts(synthetic: &Dataset, refined: &Dataset) -> Result<()> {
    if (synthetic.len(), synthetic.image_shape()) == (refined.len(), refined.image_shape()) {
        return Ok(());
    }
    Err(Error::data(format!(
        "the refined images are not those of the synthetic data set: {} of {:?} against {} of {:?} (channels, height, width)",
        refined.len(),
        refined.image_shape(),
        synthetic.len(),
        synthetic.image_shape()
    )))
}

fn lock(change: &Mutex<Change>) -> std::sync::MutexGuard<'_, Change> {
    change.lock().unwrap_or_else(PoisonError::into_inner)
}

fn summary(images: &Dataset, change: Change, busy: Busy, seconds: f64) -> RefineSummary {
    let values = (images.len() * images.image_shape().iter().product::<usize>()).max(1);
    RefineSummary {
        images: images.len(),
        skipped: images.quarantine().len(),
        unchanged: change.unchanged,
        mean_absolute_change: change.sum as f64 / values as f64,
        seconds,
        net_seconds: busy.net.as_secs_f64(),
        reading_seconds: busy.read.as_secs_f64(),
        writing_seconds: busy.write.as_secs_f64(),
        images_per_second: images.len() as f64 / seconds.max(1e-9),
    }
}

/// Images `[n, channels, height, width]` before and after the net. Both, because a simulator would have to render
/// them again.
struct Refined {
    before: Vec<u8>,
    after: Vec<f32>,
}

/// Encodes and writes the refined images of `range`.
fn write_batch(
    images: &Dataset,
    range: Range<usize>,
    refined: &Refined,
    folder: &Path,
) -> Result<Change> {
    let shape = images.image_shape();
    let image_len: usize = shape.iter().product();
    let mut change = Change::default();
    let before = refined.before.chunks_exact(image_len);
    let after = refined.after.chunks_exact(image_len);
    for (index, (before, after)) in range.zip(before.zip(after)) {
        let after: Vec<u8> = after.iter().map(|&v| to_u8(v)).collect();
        write_image(&folder.join(file_name(images.name(index))), &after, shape)?;
        change.add(Change::between(before, &after));
    }
    Ok(change)
}

/// The file for an image: its name, or that and `.png` where the name has no ending of an image
/// (MPIIGaze's images lie inside `.mat` files). A data set finds `x.png` for a label row `x`.
fn file_name(name: String) -> String {
    match ImageFormat::from_path(&name) {
        Ok(_) => name,
        Err(_) => name + ".png",
    }
}

/// How much refining changed images.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Change {
    sum: u64,
    unchanged: usize,
}

impl Change {
    fn between(before: &[u8], after: &[u8]) -> Self {
        let sum = before
            .iter()
            .zip(after)
            .map(|(&a, &b)| u64::from(a.abs_diff(b)))
            .sum();
        Self {
            sum,
            unchanged: usize::from(sum == 0),
        }
    }

    fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.unchanged += other.unchanged;
    }
}

pub(crate) fn write_image(
    path: &Path,
    pixels: &[u8],
    [channels, height, width]: [usize; 3],
) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let (width, height) = (width as u32, height as u32);
    let image = if channels == 1 {
        image::GrayImage::from_raw(width, height, pixels.to_vec()).map(image::DynamicImage::from)
    } else {
        image::RgbImage::from_raw(width, height, interleaved(pixels, channels))
            .map(image::DynamicImage::from)
    };
    let cannot = |why: String| Error::data(format!("{} cannot be written: {why}", path.display()));
    let image = image.ok_or_else(|| cannot("its size is wrong".to_owned()))?;
    let format = ImageFormat::from_path(path).map_err(|e| cannot(e.to_string()))?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    let encoded = match format {
        ImageFormat::Jpeg => image.write_with_encoder(
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 100),
        ),
        format => image.write_to(&mut bytes, format),
    };
    encoded.map_err(|e| cannot(e.to_string()))?;
    disk::write(path, bytes.into_inner())
}

/// `[channels, height, width]` to `[height, width, channels]`.
fn interleaved(planes: &[u8], channels: usize) -> Vec<u8> {
    let plane = planes.len() / channels;
    (0..plane)
        .flat_map(|i| (0..channels).map(move |c| planes[c * plane + i]))
        .collect()
}
