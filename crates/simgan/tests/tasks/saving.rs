//! Estimators on disk.

use std::fs;
use std::path::Path;

use burn::tensor::Device;
use simgan::tasks::model_file::{MANIFEST_FILE, WEIGHTS_FILE, read_manifest};
use simgan::tasks::{Estimator, EstimatorConfig, EstimatorKind};
use simgan_base::ErrorKind;

use super::{eyes, fitted, small};

fn saved(kind: EstimatorKind, folder: &Path) -> Estimator {
    let mut config = EstimatorConfig {
        kind,
        steps: 3,
        ..small()
    };
    match kind {
        EstimatorKind::Hourglass => {
            config.points = vec!["u,v".into()];
            config.hourglass.feature_maps = 4;
            config.hourglass.levels = 2;
        }
        EstimatorKind::Cnn | EstimatorKind::Knn => config.targets = vec!["u".into()],
    }
    let (estimator, _) = fitted(&eyes(40, 200, true), &config, 5);
    estimator.save(folder).unwrap();
    estimator
}

#[test]
fn a_loaded_estimator_predicts_the_same() {
    for kind in [
        EstimatorKind::Cnn,
        EstimatorKind::Hourglass,
        EstimatorKind::Knn,
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        let estimator = saved(kind, &path);
        let loaded = Estimator::load(&path, &Device::default()).unwrap();
        let test = eyes(30, 190, true);
        assert_eq!(
            loaded.predict(&test).unwrap(),
            estimator.predict(&test).unwrap()
        );
        assert_eq!(loaded.manifest(), estimator.manifest());
        assert_eq!(read_manifest(&path).unwrap().seed, 5);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing is left beside the model");
        let error = estimator.save(&path).unwrap_err();
        assert!(error.to_string().contains("exists already"), "{error}");
    }
}

#[test]
fn an_empty_folder_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    saved(EstimatorKind::Knn, folder.path());
    assert!(Estimator::is_saved_at(folder.path()));
}

fn failure(path: &Path) -> (ErrorKind, String) {
    let error = Estimator::load(path, &Device::default()).unwrap_err();
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    (error.kind(), text)
}

#[test]
fn what_is_no_estimator_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let (kind, text) = failure(&folder.path().join("absent"));
    assert_eq!(kind, ErrorKind::Io);
    assert!(text.contains("not found"), "{text}");
    let (kind, text) = failure(folder.path());
    assert_eq!(kind, ErrorKind::Model);
    assert!(text.contains("not an estimator"), "{text}");
}

#[test]
fn every_damage_is_reported() {
    for kind in [
        EstimatorKind::Cnn,
        EstimatorKind::Hourglass,
        EstimatorKind::Knn,
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        saved(kind, &path);
        let (manifest, weights) = (path.join(MANIFEST_FILE), path.join(WEIGHTS_FILE));
        let (text, bytes) = (
            fs::read_to_string(&manifest).unwrap(),
            fs::read(&weights).unwrap(),
        );

        for length in [0, 7, 100, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&weights, &bytes[..length]).unwrap();
            let (error, text) = failure(&path);
            assert_eq!(error, ErrorKind::Model, "{kind:?} cut to {length}");
            assert!(text.contains(WEIGHTS_FILE), "{text}");
        }
        fs::remove_file(&weights).unwrap();
        assert!(failure(&path).1.contains("missing"));
        fs::write(&weights, &bytes).unwrap();

        for (old, new) in [
            (
                "image_shape = [\n    1,\n    20,",
                "image_shape = [\n    1,\n    25,",
            ),
            ("hidden = 64", "hidden = 0"),
            ("mean = [", "mean = [1.0,"),
            ("version", "verzion"),
        ] {
            assert!(text.contains(old), "{old} not in {text}");
            fs::write(&manifest, text.replacen(old, new, 1)).unwrap();
            assert_eq!(failure(&path).0, ErrorKind::Model, "{kind:?} {new}");
        }
        fs::write(&manifest, &text).unwrap();
        Estimator::load(&path, &Device::default()).unwrap();
    }
}
