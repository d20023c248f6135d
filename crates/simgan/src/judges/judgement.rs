//! What all judges say about a refined data set.

use burn::tensor::Device;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::judges::two_sample::{TwoSample, two_sample};
use crate::measures::TaskShift;
use crate::measures::kernel_distance::{KernelDistance, kernel_distance};
use crate::measures::label_shift::{LabelShift, ShiftImages, unit_of};
use crate::measures::refined::refined_by;
use crate::refine::TrainedRefiner;
use crate::tasks::Estimator;
use crate::tasks::counterparts::check_counterparts;
use simgan_base::formats::shape::Shape;
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// A figure of the synthetic and of the refined images, each against real ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgainstReal<T> {
    /// Of the synthetic images.
    pub synthetic: T,
    /// Of their refined versions.
    pub refined: T,
}

/// Result of `simgan judge`, kept as `judgement.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Accuracy of fresh classifiers.
    pub two_sample: AgainstReal<TwoSample>,
    /// Kernel distance of features.
    pub kernel_distance: AgainstReal<KernelDistance>,
    /// How far labels have moved, one entry a judge.
    pub label_shift: Vec<LabelShift>,
    /// What refining adds to the answers of an estimator of raw images, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_shift: Option<TaskShift>,
    /// What was judged.
    pub settings: JudgementSettings,
}

impl Judgement {
    /// What it is as JSON.
    pub const SHAPE: Shape = Shape::new("judgement", 1);
}

/// What was judged, so that the figures can be repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgementSettings {
    /// Classifiers of each side.
    pub seeds: u64,
    /// Synthetic (and as many refined) images.
    pub synthetic_images: usize,
    /// Real images.
    pub real_images: usize,
    /// Fingerprints of the synthetic, the refined and the real images.
    pub fingerprints: [String; 3],
    /// Version of this crate.
    pub version: String,
}

/// What a judgement needs beside images.
#[derive(Clone, Copy, Debug)]
pub struct JudgeOptions<'a> {
    /// Classifiers of each side, with seeds 0, 1, ...; at least 1.
    pub seeds: u64,
    /// An estimator of iris positions or gaze, as a second judge of shifts.
    pub iris_model: Option<&'a Estimator>,
    /// Pixels, of an image 55 wide, in one unit of its labels; without meaning for gaze.
    pub unit_px: f64,
    /// An estimator of what the labels say, fitted on raw synthetic images under augmentation.
    pub task_model: Option<&'a Estimator>,
}

/// The images to judge: all of one shape, preprocessed alike.
#[derive(Clone, Copy, Debug)]
pub struct JudgedImages<'a> {
    /// Synthetic images.
    pub synthetic: &'a Dataset,
    /// Their refined versions, one to one.
    pub refined: &'a Dataset,
    /// Real images that the refiner has not seen.
    pub real: &'a Dataset,
}

/// Hears what is done (a gerund and its object), and how much of how much.
pub type JudgeProgress<'a> = &'a mut dyn FnMut(&'static str, usize, usize);

/// Asks all judges.
///
/// # Errors
/// Refined images that are not as many as the synthetic ones, too few images, an estimator of something else, and those
/// of the judges.
pub fn judge(
    images: JudgedImages,
    options: &JudgeOptions,
    device: &Device,
    progress: JudgeProgress,
) -> Result<Judgement> {
    check(images, options)?;
    let JudgedImages {
        synthetic,
        refined,
        real,
    } = images;
    let label_shift = label_shift(images, options, progress)?;
    let task_shift = options
        .task_model
        .map(|estimator| TaskShift::of(estimator, synthetic, refined));
    let mut tell = |what, done, total| progress(what, done, total);
    tell("measuring distances", 0, 2);
    let kernel_distance = AgainstReal {
        synthetic: kernel_distance(synthetic, real, device)?,
        refined: kernel_distance(refined, real, device)?,
    };
    let mut told = |what| {
        let tell = &mut tell;
        let data = if what == RAW { synthetic } else { refined };
        two_sample(data, real, options.seeds, device, &mut |done, all| {
            tell(what, done, all)
        })
    };
    let two_sample = AgainstReal {
        synthetic: told(RAW)?,
        refined: told(REFINED)?,
    };
    let settings = JudgementSettings {
        seeds: options.seeds,
        synthetic_images: synthetic.len(),
        real_images: real.len(),
        fingerprints: [synthetic, refined, real].map(Dataset::fingerprint),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok(Judgement {
        two_sample,
        kernel_distance,
        label_shift,
        task_shift: task_shift.transpose()?,
        settings,
    })
}

const RAW: &str = "telling synthetic from real";
const REFINED: &str = "telling refined from real";

fn check(images: JudgedImages, options: &JudgeOptions) -> Result<()> {
    if options.seeds == 0 {
        return Err(Error::config("a judgement needs at least one seed"));
    }
    if let Some(estimator) = options.iris_model {
        unit_of(estimator)?;
    }
    check_counterparts(images.synthetic, images.refined)
}

fn label_shift(
    images: JudgedImages,
    options: &JudgeOptions,
    progress: JudgeProgress,
) -> Result<Vec<LabelShift>> {
    let JudgedImages {
        synthetic, refined, ..
    } = images;
    progress("measuring label shifts", 0, 2);
    let images = ShiftImages::new(synthetic, refined)?;
    let mut judges = vec![LabelShift::by_gradients(&images)?];
    progress("measuring label shifts", 1, 2);
    if let Some(estimator) = options.iris_model {
        judges.push(LabelShift::by_estimator(
            &images,
            estimator,
            options.unit_px,
        )?);
    }
    Ok(judges)
}

/// At most `limit` indices of `0..count` (0: all), drawn alike for equal numbers, in increasing order.
pub fn choose(count: usize, limit: usize) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..count).collect();
    if limit > 0 && limit < count {
        indices.shuffle(&mut generator(0, Stream::Judges));
        indices.truncate(limit);
        indices.sort_unstable();
    }
    indices
}

/// `data` as `refiner` changes it, in memory, without labels: the pixels that [`TrainedRefiner::refine`] writes.
///
/// # Errors
/// An image lacks a box or a mask that the run holds.
pub fn refined(
    refiner: &TrainedRefiner,
    data: &Dataset,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Dataset> {
    let areas = refiner.areas(data)?;
    refined_by(
        |batch| refiner.refine_images(data, &areas, batch),
        data,
        progress,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_is_the_same_every_time() {
        assert_eq!(choose(3, 0), [0, 1, 2]);
        assert_eq!(choose(3, 5), [0, 1, 2]);
        let few = choose(100, 10);
        assert_eq!(few, choose(100, 10));
        assert!(few.len() == 10 && few.is_sorted());
    }
}
