//! Inspecting a fitted estimator.

use std::path::Path;

use burn::tensor::Device;
use simgan::tasks::Estimator;
use simgan_base::ErrorKind;

use super::Finding;

/// Loads the model with its weights, as `evaluate` would.
pub fn find(folder: &Path) -> Finding {
    let mut finding = Finding::new("estimator", ErrorKind::Model);
    let Some(estimator) = finding.part(Estimator::load(folder, &Device::flex())) else {
        return finding;
    };
    let manifest = estimator.manifest();
    let [channels, height, width] = manifest.image_shape;
    let target = match manifest.config.targets.is_empty() {
        true => "gaze".to_owned(),
        false => manifest.config.targets.join(", "),
    };
    finding.fact("fitted by", format!("simgan {}", manifest.version));
    finding.fact("target", target);
    finding.fact("image size", format!("{width}x{height}x{channels}"));
    finding.fact("images", manifest.images);
    finding.fact("steps", manifest.step);
    finding.fact("seed", manifest.seed);
    finding.fact("data fingerprint", manifest.data_fingerprint.clone());
    finding
}
