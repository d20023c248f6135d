//! Inspecting a run.

use std::path::Path;

use burn::tensor::Device;
use simgan::refine::TrainedRefiner;
use simgan::training::checkpoint_manifest::verify;
use simgan::training::event_log;
use simgan::training::event_log::Event;
use simgan::training::{Config, RunDir, RunManifest};
use simgan_base::ErrorKind;

use super::Finding;
use crate::commands::follower::losses;
use simgan_base::formats::readable::duration;
use simgan_report::{last_scalars, seconds, steps_done};

/// Reads configuration, manifest, log and checkpoints, and loads the newest refiner.
pub fn find(folder: &Path) -> Finding {
    let mut finding = Finding::new("run", ErrorKind::Model);
    let Some(run) = finding.part(RunDir::open(folder)) else {
        return finding;
    };
    let config = finding.part(run.config());
    if let Some(manifest) = finding.part(run.manifest()) {
        manifest_facts(&mut finding, &manifest);
    }
    if let Some(events) = finding.part(event_log::read(&run.events_file())) {
        event_facts(&mut finding, &events, config.as_ref());
    }
    checkpoint_facts(&mut finding, &run);
    finding
}

fn manifest_facts(finding: &mut Finding, manifest: &RunManifest) {
    finding.fact(
        "trained by",
        format!("simgan {} on {}", manifest.version, manifest.device),
    );
    let side = |source: &str, images: usize| format!("{source} ({images} images)");
    finding.fact(
        "synthetic",
        side(&manifest.synthetic.source, manifest.synthetic.images),
    );
    finding.fact("real", side(&manifest.real.source, manifest.real.images));
    finding.fact("refiner parameters", manifest.refiner_parameters);
    finding.fact(
        "discriminator parameters",
        manifest.discriminator_parameters,
    );
}

fn event_facts(finding: &mut Finding, events: &[Event], config: Option<&Config>) {
    finding.fact("iterations", steps_done(events));
    if let Some(config) = config {
        finding.fact("planned iterations", config.training.steps);
    }
    finding.fact("time", duration(seconds(events)));
    if let Some(scalars) = last_scalars(events) {
        finding.fact("last losses", losses(scalars));
    }
    let warnings = events.iter().filter_map(|event| match event {
        Event::Warning { step, message } => Some(format!("iteration {step}: {message}")),
        _ => None,
    });
    finding.fact("warnings", warnings.collect::<Vec<_>>());
}

/// A run without a checkpoint is young, not unsound; one with a damaged checkpoint is, or whose newest refiner cannot
/// be loaded.
fn checkpoint_facts(finding: &mut Finding, run: &RunDir) {
    let Some(checkpoints) = finding.part(run.checkpoints()) else {
        return;
    };
    let steps: Vec<usize> = checkpoints.iter().map(|(step, _)| *step).collect();
    finding.fact("checkpoints", steps);
    if let Ok(best) = run.best_checkpoint() {
        finding.fact("best checkpoint", best);
    }
    let mut newest_good = None;
    for (step, path) in &checkpoints {
        if finding.part(verify(path, *step)).is_some() {
            newest_good = Some(*step);
        }
    }
    if newest_good.is_some() {
        finding.part(TrainedRefiner::load(run, newest_good, true, &Device::flex()).map(|_| ()));
    }
}
