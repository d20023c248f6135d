//! Refining a data set into a folder.

use std::path::Path;

use simgan::refine::{RefineOptions, RefineSummary, TrainedRefiner};
use simgan_base::Result;
use simgan_base::formats::readable::thousands;
use simgan_data::Dataset;

use crate::listener::Listener;

/// Refines `images` into `output` with progress; warns where the refiner did nothing.
///
/// # Errors
/// Those of [`TrainedRefiner::refine_with`].
pub fn refine(
    refiner: &TrainedRefiner,
    images: &Dataset,
    output: &Path,
    options: &RefineOptions,
    listener: &dyn Listener,
) -> Result<RefineSummary> {
    let progress = listener.begin("refining");
    let mut update = |done, total| progress.update(done, total, "");
    let summary = refiner.refine_with(options, images, output, &mut update)?;
    drop(progress);
    if summary.unchanged > 0 {
        listener.warn(&format!(
            "{} of {} images came out exactly as they went in: the refiner does nothing to them",
            thousands(summary.unchanged),
            thousands(summary.images)
        ));
    }
    Ok(summary)
}
