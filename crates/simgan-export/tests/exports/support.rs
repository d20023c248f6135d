//! Small trained networks to export.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use simgan::refine::TrainedRefiner;
use simgan::tasks::{Estimator, EstimatorConfig, EstimatorKind, FitOptions, fit};
use simgan::training::{Config, RunDir, train};
use simgan_data::{Dataset, OpenOptions, Preprocessing};
use simgan_export::{ExportOptions, Exported, named};

/// Settings of a run whose refiner has all that the plain one lacks.
pub const HELD: &[&str] = &[
    "refiner.output=residual",
    "refiner.activation=silu",
    "refiner.match_exposure=true",
    "keypoints.points=[\"iris\"]",
    "keypoints.radius=6",
    "keypoints.weight=0",
    "keypoints.steps=2",
];

/// Images of a simulator.
pub fn images(source: &str, preprocessing: &Preprocessing) -> Dataset {
    Dataset::open(source, preprocessing, &OpenOptions::default()).unwrap()
}

/// A configuration of few maps and one iteration, with `settings`.
pub fn config(settings: &[&str]) -> Config {
    let small = [
        "training.steps=1",
        "training.batch_size=2",
        "training.refiner_warmup=1",
        "training.discriminator_warmup=1",
        "history.size=4",
        "refiner.feature_maps=3",
        "refiner.blocks=1",
    ];
    let settings: Vec<String> = small
        .iter()
        .chain(settings)
        .map(ToString::to_string)
        .collect();
    simgan::settings::load_document::<Config>(None, &settings)
        .unwrap()
        .0
}

/// A run of such a configuration.
pub fn run(folder: &Path, settings: &[&str]) -> RunDir {
    let config = config(settings);
    let run = RunDir::create(&folder.join("run"), &config).unwrap();
    let synthetic = images("sim:eyes[:8]", &config.preprocessing);
    let real = images("sim:camera[:8]", &config.preprocessing);
    let device = Device::default();
    train(&config, &synthetic, &real, &run, &device, &mut |_, _| {}).unwrap();
    run
}

/// The refiner of `run`, ready to be written.
pub fn refiner(run: &RunDir) -> Exported {
    let refiner = TrainedRefiner::load(run, None, true, &Device::default()).unwrap();
    let samples = images("sim:eyes?seed=3[:2]", &refiner.config().preprocessing);
    Exported::refiner(run, &refiner, &samples).unwrap()
}

/// An estimator of gaze, saved in `folder`.
pub fn estimator(folder: &Path, kind: EstimatorKind) -> (PathBuf, Estimator) {
    let config = EstimatorConfig {
        kind,
        steps: 1,
        batch_size: 2,
        feature_maps: [2, 2, 3, 3, 4],
        hidden: 5,
        ..EstimatorConfig::default()
    };
    let data = images("sim:eyes[:8]", &Preprocessing::default());
    let options = FitOptions::default();
    let (fitted, _) = fit(&data, &config, &options, &Device::default(), &mut |_| {}).unwrap();
    let path = folder.join("model");
    fitted.save(&path).unwrap();
    (path, fitted)
}

/// An estimator, ready to be written.
pub fn exported(path: &Path, estimator: &Estimator) -> simgan::Result<Exported> {
    let samples = images("sim:eyes?seed=3[:2]", estimator.preprocessing());
    Exported::estimator(path, estimator, &samples)
}

/// Writes `exported` into a new folder; its path.
pub fn written(exported: &Exported, format: &str, folder: &Path) -> PathBuf {
    let out = folder.join(format);
    let format = named(format).unwrap();
    exported
        .write(format, &ExportOptions::default(), &out)
        .unwrap();
    out
}
