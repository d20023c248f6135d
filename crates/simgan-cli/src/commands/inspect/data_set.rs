//! Inspecting a data set or a folder of refined images.

use std::path::Path;

use simgan::datasets::{Dataset, OpenOptions, Preprocessing, RefinedManifest};
use simgan::{ErrorKind, Result};

use super::{Finding, is_refined, label_facts};
use crate::console::Console;
use crate::progress::Progress;

/// Reads every image of `source`.
///
/// # Errors
/// The folder is no data set at all; single images that cannot be used are problems of the finding.
pub fn find(
    source: &str,
    folder: &Path,
    options: &OpenOptions,
    console: &Console,
) -> Result<Finding> {
    let mut finding = Finding::new(
        if is_refined(folder) {
            "refined set"
        } else {
            "data set"
        },
        ErrorKind::Data,
    );
    let preprocessing = match is_refined(folder) {
        true => manifest(&mut finding, folder),
        false => Preprocessing::default(),
    };
    let progress = Progress::new(console, "reading images");
    let dataset = Dataset::open_with_progress(source, &preprocessing, options, &|done, total| {
        progress.update(done, total, "");
    })?;
    drop(progress);
    facts(&mut finding, &dataset);
    Ok(finding)
}

fn manifest(finding: &mut Finding, folder: &Path) -> Preprocessing {
    let Some(manifest) = finding.part(RefinedManifest::read(folder)) else {
        return Preprocessing::default();
    };
    finding.fact("refined by", format!("simgan {}", manifest.version));
    finding.fact("iterations", manifest.step);
    finding.fact("refiner SHA-256", manifest.refiner_sha256);
    manifest.preprocessing
}

fn facts(finding: &mut Finding, dataset: &Dataset) {
    finding.fact("images", dataset.len());
    let sizes: Vec<String> = dataset
        .original_sizes()
        .iter()
        .map(|(width, height, count)| format!("{width}x{height} ({count})"))
        .collect();
    finding.fact("sizes", sizes);
    match dataset.labels() {
        Some(labels) => label_facts(finding, labels),
        None => finding.fact("labels", "none"),
    }
    finding.fact(
        "gaze labels",
        if dataset.gaze().is_ok() { "yes" } else { "no" },
    );
    finding.fact(
        "screen points",
        if dataset.screen_points().is_ok() {
            "yes"
        } else {
            "no"
        },
    );
    finding.fact("fingerprint", dataset.fingerprint());
    for (path, reason) in dataset.quarantine().iter() {
        finding.problem(format!("{path}: {reason}"));
    }
}
