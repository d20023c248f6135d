//! The paper's question on the development data, in small: k-NN on rendered eyes, scored on webcam images.

use std::path::{Path, PathBuf};

use simgan::tasks::{EstimatorConfig, EstimatorKind, EvaluateOptions, Unit, evaluate};
use simgan_data::{Dataset, OnBadImage, OpenOptions, Preprocessing};

use super::fitted;

/// A folder of the development data, or `None` with a word about it in a fresh clone.
fn data(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!(
        "skipped: the development data are not at {}",
        path.display()
    );
    None
}

fn open(path: &Path, slice: &str, cache: &Path) -> Dataset {
    let options = OpenOptions {
        on_bad_image: OnBadImage::Skip,
        cache_dir: Some(cache.to_path_buf()),
        ..OpenOptions::default()
    };
    Dataset::open(
        &format!("{}{slice}", path.display()),
        &Preprocessing::default(),
        &options,
    )
    .unwrap()
}

#[test]
fn neighbours_of_webcam_eyes_beat_guessing() {
    let (Some(synthetic), Some(real)) = (data("eyes/synthetic"), data("eyes/real-webcam")) else {
        return;
    };
    let cache = tempfile::tempdir().unwrap();
    let config = EstimatorConfig {
        kind: EstimatorKind::Knn,
        ..EstimatorConfig::default()
    };
    let (estimator, _) = fitted(&open(&synthetic, "[::3]", cache.path()), &config, 0);
    let test = open(&real, "[::4]", cache.path());
    let options = EvaluateOptions {
        calibrate: test.len() / 2,
        seed: 0,
    };
    let evaluation = evaluate(&estimator, &test, &options).unwrap();
    assert_eq!(evaluation.unit, Unit::Px);
    assert!(evaluation.mean < evaluation.baseline, "{evaluation:?}");
}

/// `SIMGAN_ESTIMATOR='steps = 100' cargo test --release -p simgan --test estimators raw -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes: a measurement"]
fn figures_of_the_raw_synthetic_images() {
    let (Some(synthetic), Some(real)) = (data("eyes/synthetic"), data("eyes/real-webcam")) else {
        return;
    };
    let config = std::env::var("SIMGAN_ESTIMATOR").unwrap_or_default();
    let config: EstimatorConfig = toml::from_str(&config).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let (estimator, report) = fitted(&open(&synthetic, "", cache.path()), &config, 0);
    println!("{report:?}");
    let test = open(&real, "", cache.path());
    let options = EvaluateOptions {
        calibrate: test.len() / 2,
        seed: 0,
    };
    let mut evaluation = evaluate(&estimator, &test, &options).unwrap();
    evaluation.curve.clear();
    println!("{evaluation:?}");
}
