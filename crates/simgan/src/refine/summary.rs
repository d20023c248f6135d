//! What a call of [`TrainedRefiner::refine_with`](super::TrainedRefiner::refine_with) has done.

use crate::refine::change::Change;
use crate::refine::pipeline::Busy;
use crate::refine::shard::Shard;
use simgan_base::formats::shape::Shape;
use simgan_data::Dataset;

/// Result of [`TrainedRefiner::refine`](super::TrainedRefiner::refine).
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct RefineSummary {
    /// Images refined and written by this call, of which the rest tells.
    pub images: usize,
    /// Images that were found done.
    pub found: usize,
    /// Images of the input left out as unusable.
    pub skipped: usize,
    /// Images whose pixels came out exactly as they went in: the refiner does nothing to them.
    pub unchanged: usize,
    /// Mean absolute change of a pixel, in grey levels of 0..=255.
    pub mean_absolute_change: f64,
    /// Number of this process, from 1, and of processes that share the work.
    pub shard: [usize; 2],
    /// Whether all images of all shards are refined and lie in the output.
    pub complete: bool,
    /// Shards that are not done.
    pub missing_shards: Vec<usize>,
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

impl RefineSummary {
    /// What it is as JSON.
    pub const SHAPE: Shape = Shape::new("refinement", 1);
}

/// What a call has done.
#[derive(Default)]
pub(super) struct Done {
    pub(super) images: usize,
    pub(super) found: usize,
    pub(super) change: Change,
    pub(super) busy: Busy,
    pub(super) missing: Vec<usize>,
}

impl Done {
    pub(super) fn summary(self, images: &Dataset, shard: Shard, seconds: f64) -> RefineSummary {
        let values = self.images * images.image_shape().iter().product::<usize>();
        RefineSummary {
            images: self.images,
            found: self.found,
            skipped: images.quarantine().len(),
            unchanged: self.change.unchanged,
            mean_absolute_change: self.change.sum as f64 / values.max(1) as f64,
            shard: [shard.index(), shard.count()],
            complete: self.missing.is_empty(),
            missing_shards: self.missing,
            seconds,
            net_seconds: self.busy.net.as_secs_f64(),
            reading_seconds: self.busy.read.as_secs_f64(),
            writing_seconds: self.busy.write.as_secs_f64(),
            images_per_second: self.images as f64 / seconds.max(1e-9),
        }
    }
}
