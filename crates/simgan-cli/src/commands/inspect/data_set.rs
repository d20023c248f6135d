//! Inspecting a data set or a folder of refined images.

use std::path::Path;

use simgan_base::{ErrorKind, Result};
use simgan_data::summary::{Gaze, Range};
use simgan_data::targets::{GAZE_ANGLES, GAZE_VECTOR};
use simgan_data::{Dataset, Labels, OpenOptions, Preprocessing, RefinedManifest};

use super::{Finding, is_refined, label_facts};
use crate::console::Console;
use crate::progress::Progress;

/// Reads every image of `source`, which lies in `folder` or is rendered.
///
/// # Errors
/// The folder is no data set at all; single images that cannot be used are problems of the finding.
pub fn find(
    source: &str,
    folder: Option<&Path>,
    options: &OpenOptions,
    console: &Console,
) -> Result<Finding> {
    let refined = folder.filter(|folder| is_refined(folder));
    let kind = match refined {
        Some(_) => "refined set",
        None => "data set",
    };
    let mut finding = Finding::new(kind, ErrorKind::Data);
    let preprocessing = match refined {
        Some(folder) => manifest(&mut finding, folder),
        // Grey levels are told as they are.
        None => Preprocessing {
            equalize: false,
            ..Preprocessing::default()
        },
    };
    let progress = Progress::new(console, "reading images");
    let dataset = Dataset::open_with_progress(source, &preprocessing, options, &|done, total| {
        progress.update(done, total, "");
    })?;
    drop(progress);
    facts(&mut finding, &dataset, console);
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

fn facts(finding: &mut Finding, dataset: &Dataset, console: &Console) {
    let progress = Progress::new(console, "looking at images");
    let summary = dataset.summary_with_progress(&mut |done, total| {
        progress.update(done, total, "");
    });
    drop(progress);
    finding.fact("format", summary.format.to_string());
    if let Some(counts) = summary.shards {
        finding.fact("tars", counts.shards);
        finding.fact("other entries", counts.ignored_entries);
    }
    finding.fact("images", summary.images);
    let sizes: Vec<String> = summary
        .original_sizes
        .iter()
        .map(|(width, height, count)| format!("{width}x{height} ({count})"))
        .collect();
    finding.fact("sizes", sizes);
    let kinds: Vec<String> = dataset
        .pixel_kinds()
        .iter()
        .map(|(kind, count)| format!("{kind} ({count})"))
        .collect();
    finding.fact("pixels", kinds);
    finding.fact("mean grey level", rounded(summary.grey_mean));
    finding.fact("sd of grey levels", rounded(summary.grey_sd));
    finding.fact("images of one level", summary.constant_images);
    finding.fact("repeated images", summary.duplicate_images);
    let gaps = dataset.labels().map(|labels| label_facts(finding, labels));
    if gaps.is_none() {
        finding.fact("labels", "none");
    }
    let named = gaps.is_some_and(|gaps| gaps.count > 0);
    gaze_facts(finding, dataset, summary.gaze, named);
    let screen = dataset.screen_points().is_ok();
    finding.fact("screen points", if screen { "yes" } else { "no" });
    finding.fact("fingerprint", dataset.fingerprint());
    finding.warnings = dataset.unread().to_vec();
    for (path, reason) in dataset.quarantine().iter() {
        finding.problem(format!("{path}: {reason}"));
    }
}

/// Ranges of gaze; columns of gaze that cannot be read are a problem, unless cells have been `named`.
fn gaze_facts(finding: &mut Finding, dataset: &Dataset, gaze: Option<Gaze>, named: bool) {
    let meant = |labels: &Labels| {
        [GAZE_ANGLES[0], GAZE_VECTOR[0]]
            .iter()
            .any(|column| labels.has_column(column))
    };
    match gaze {
        Some(gaze) => {
            finding.fact("gaze pitch", degrees(gaze.pitch_deg));
            finding.fact("gaze yaw", degrees(gaze.yaw_deg));
        }
        None => finding.fact("gaze labels", "no"),
    }
    if let Some(labels) = dataset.labels().filter(|labels| meant(labels)) {
        if let Err(error) = dataset.gaze()
            && !named
        {
            let hint = error.hint().map(|hint| format!(" ({hint})"));
            finding.problem(format!("{error}{}", hint.unwrap_or_default()));
        }
        if labels.has_column(GAZE_ANGLES[0]) {
            finding.fact("unit of gaze", dataset.angle_unit().to_string());
        }
    }
    if let Some(doubt) = gaze.and_then(|_| dataset.angle_doubt()) {
        finding.fact("doubt", doubt);
    }
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn degrees(range: Range) -> String {
    format!(
        "{:.1} to {:.1} degrees, mean {:.1}",
        range.min, range.max, range.mean
    )
}
