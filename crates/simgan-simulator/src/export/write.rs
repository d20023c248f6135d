//! Writing: a folder is whole or absent.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::export::images::{Images, Progress};
use crate::export::layout::Layout;
use simgan_base::Result;
use simgan_base::files::output_folder;

/// Result of [`write()`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ExportSummary {
    /// Images written.
    pub images: u64,
    /// Seconds from beginning to end.
    pub seconds: f64,
    /// Images a second.
    pub images_per_second: f64,
}

/// Writes `images` as `layout` to the folder `out`; `progress(done, total)` is told how many are written.
///
/// Files are written beside `out` first, which is taken when all of them are there.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config): no images, more than can be counted, or a simulator whose images
/// have no such layout. Of kind [`Io`](simgan_base::ErrorKind::Io): `out` exists and is not an empty folder, or cannot be
/// written.
pub fn write(
    images: &Images,
    layout: &dyn Layout,
    out: &Path,
    progress: Progress,
) -> Result<ExportSummary> {
    let begun = Instant::now();
    images.check()?;
    layout.check(images.simulator)?;
    output_folder::require_place(out, "give --out another folder")?;
    output_folder::fill(out, |partial| layout.write(images, partial, progress))?;
    let seconds = begun.elapsed().as_secs_f64();
    Ok(ExportSummary {
        images: images.count,
        seconds,
        images_per_second: images.count as f64 / seconds.max(1e-9),
    })
}
