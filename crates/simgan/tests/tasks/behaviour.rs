//! Fitting, scoring and comparing.

use burn::tensor::Device;
use simgan::tasks::{
    CompareData, CompareOptions, CompareProgress, Comparison, EstimatorConfig, EstimatorKind,
    EvaluateOptions, FitOptions, Unit, compare, evaluate, fit,
};
use simgan_base::ErrorKind;
use simgan_data::Dataset;

use super::{eyes, fitted, small};

#[test]
fn the_network_learns_gaze_and_fits_repeat() {
    let (training, test) = (eyes(200, 200, true), eyes(90, 180, true));
    let (estimator, report) = fitted(&training, &small(), 1);
    let evaluation = evaluate(&estimator, &test, &EvaluateOptions::default()).unwrap();
    assert_eq!((evaluation.unit, evaluation.images), (Unit::Deg, 90));
    assert!(
        evaluation.mean < 0.35 * evaluation.baseline,
        "{evaluation:?}"
    );
    assert!(
        evaluation.axes.iter().all(|axis| axis.correlation > 0.9),
        "{evaluation:?}"
    );
    assert_eq!(
        (report.training_images, report.validation_images),
        (180, 20)
    );
    assert!(report.validation_curve.last().unwrap().1 < report.validation_curve[0].1);

    let predictions = estimator.predict(&test).unwrap();
    assert_eq!(
        fitted(&training, &small(), 1).0.predict(&test).unwrap(),
        predictions
    );
    assert_ne!(
        fitted(&training, &small(), 2).0.predict(&test).unwrap(),
        predictions
    );
}

#[test]
fn columns_are_regressed_in_their_own_units() {
    let config = EstimatorConfig {
        targets: vec!["u".into(), "v".into()],
        ..small()
    };
    let (estimator, _) = fitted(&eyes(200, 200, true), &config, 3);
    let evaluation = evaluate(
        &estimator,
        &eyes(60, 190, true),
        &EvaluateOptions::default(),
    )
    .unwrap();
    assert_eq!(
        (evaluation.unit, evaluation.axes[0].name.as_str()),
        (Unit::Label, "u")
    );
    assert!(
        evaluation.mean < 0.35 * evaluation.baseline,
        "{evaluation:?}"
    );
}

#[test]
fn neighbours_estimate_gaze_too() {
    let config = EstimatorConfig {
        kind: EstimatorKind::Knn,
        k: 3,
        ..small()
    };
    let (estimator, report) = fitted(&eyes(300, 200, true), &config, 0);
    let evaluation = evaluate(
        &estimator,
        &eyes(50, 190, true),
        &EvaluateOptions::default(),
    )
    .unwrap();
    assert!(
        evaluation.mean < 0.3 * evaluation.baseline,
        "{evaluation:?}"
    );
    assert_eq!((report.training_images, report.validation_images), (300, 0));
}

#[test]
fn screen_points_need_and_use_calibration() {
    let (estimator, _) = fitted(&eyes(200, 200, true), &small(), 1);
    let test = eyes(90, 180, false);
    let error = evaluate(&estimator, &test, &EvaluateOptions::default()).unwrap_err();
    assert!(error.hint().unwrap().contains("--calibrate"), "{error}");
    let options = EvaluateOptions {
        calibrate: 30,
        seed: 0,
    };
    let evaluation = evaluate(&estimator, &test, &options).unwrap();
    assert_eq!(
        (
            evaluation.unit,
            evaluation.images,
            evaluation.calibration_images
        ),
        (Unit::Px, 60, 30)
    );
    assert!(
        evaluation.mean < 0.35 * evaluation.baseline,
        "{evaluation:?}"
    );
    let all = EvaluateOptions {
        calibrate: 90,
        seed: 0,
    };
    assert_eq!(
        evaluate(&estimator, &test, &all).unwrap_err().kind(),
        ErrorKind::Config
    );
}

#[test]
fn training_stops_early_and_keeps_the_best_weights() {
    let config = EstimatorConfig {
        steps: 400,
        // No learning after the first steps: nothing improves any more.
        learning_rate: 1e-30,
        validate_every: 5,
        patience: 2,
        ..small()
    };
    let (_, report) = fitted(&eyes(60, 200, true), &config, 1);
    assert!(report.stopped_early);
    assert_eq!((report.steps, report.best_step), (15, 5));
    let patient = EstimatorConfig {
        steps: 30,
        patience: 0,
        ..config
    };
    let (estimator, report) = fitted(&eyes(60, 200, true), &patient, 1);
    assert!(!report.stopped_early);
    assert_eq!((report.steps, estimator.manifest().step), (30, 5));
}

#[test]
fn a_loss_that_is_no_number_stops_the_training() {
    let config = EstimatorConfig {
        learning_rate: 1e30,
        ..small()
    };
    let result = fit(
        &eyes(40, 200, true),
        &config,
        &FitOptions::default(),
        &Device::default(),
        &mut |_| {},
    );
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Training);
    assert!(error.to_string().contains("at step"), "{error}");
}

#[test]
fn unusable_data_is_one_sentence() {
    let failure = |data: &Dataset, config: &EstimatorConfig| {
        fit(
            data,
            config,
            &FitOptions::default(),
            &Device::default(),
            &mut |_| {},
        )
        .unwrap_err()
        .to_string()
    };
    let unlabelled = eyes(10, 200, false);
    assert!(failure(&unlabelled, &small()).contains("gaze"));
    let config = EstimatorConfig {
        targets: vec!["nothing".into()],
        ..small()
    };
    assert!(failure(&unlabelled, &config).contains("nothing"));
    assert!(failure(&eyes(1, 200, true), &small()).contains("too few"));
    let (estimator, _) = fitted(
        &eyes(20, 200, true),
        &EstimatorConfig {
            steps: 1,
            ..small()
        },
        0,
    );
    let other = Dataset::from_memory(vec!["a".into()], [1, 30, 30], vec![0; 900], None).unwrap();
    assert!(
        estimator
            .predict(&other)
            .unwrap_err()
            .to_string()
            .contains("30x30")
    );
}

#[test]
fn a_comparison_tells_a_bad_arm_from_a_good_one() {
    // The raw images are black, so nothing can be learned from them.
    let (raw, refined, real) = (
        eyes(120, 0, true),
        eyes(120, 235, true),
        eyes(60, 240, false),
    );
    let options = CompareOptions {
        seeds: vec![0, 1],
        calibrate: 12,
        ..CompareOptions::default()
    };
    let config = EstimatorConfig {
        kind: EstimatorKind::Knn,
        k: 3,
        ..small()
    };
    let mut fits = 0;
    let mut told = |progress: CompareProgress| fits = progress.fits_done + 1;
    let device = Device::default();
    let data = CompareData {
        raw: &raw,
        refined: &refined,
        versions: &[],
        test: &real,
        real: None,
    };
    let comparison = compare(&data, &config, &options, &device, &mut told).unwrap();
    assert_eq!(
        (
            fits,
            comparison.seeds.len(),
            comparison.synthetic.evaluations.len()
        ),
        (4, 2, 2)
    );
    let table = comparison.to_markdown();
    assert!(
        comparison.refined.mean < 0.5 * comparison.synthetic.mean,
        "{table}"
    );
    assert!(comparison.relative_improvement > 50.0, "{table}");
    assert_eq!(comparison.refined_wins, 2);
    let json = serde_json::to_value(&comparison).unwrap();
    assert!(json["refined"]["mean_px"].as_f64().unwrap() > 0.0);
    assert!(json["synthetic"].get("mean_deg").is_none());
    assert!(serde_json::from_value::<simgan::tasks::Comparison>(json).is_ok());
}

#[test]
fn a_comparison_has_the_bounds_that_are_asked_for() {
    let (raw, real, test) = (
        eyes(120, 0, true),
        eyes(120, 235, false),
        eyes(60, 240, false),
    );
    let options = CompareOptions {
        seeds: vec![0],
        calibrate: 12,
        augmented: true,
        ..CompareOptions::default()
    };
    let data = CompareData {
        raw: &raw,
        refined: &raw,
        versions: std::slice::from_ref(&raw),
        test: &test,
        real: Some(&real),
    };
    let device = Device::default();
    let mut arms = Vec::new();
    let mut told = |progress: CompareProgress| {
        if progress.fit.step == 1 {
            arms.push(progress.arm.to_string());
        }
    };
    let comparison = compare(&data, &small(), &options, &device, &mut told).unwrap();
    let names: Vec<String> = comparison.arms().iter().map(|a| a.0.to_string()).collect();
    assert_eq!(names, arms);
    assert_eq!(
        names,
        [
            "synthetic",
            "refined",
            "synthetic, augmented",
            "refined, augmented",
            "synthetic and every checkpoint",
            "real"
        ]
    );
    // Refined and raw images are the same here, and so is what is learned from them, augmented or not.
    let [synthetic, refined, augmented, refined_augmented, _, real] =
        comparison.arms()[..].try_into().unwrap();
    assert_eq!(synthetic.1.values(), refined.1.values());
    assert_eq!(augmented.1.values(), refined_augmented.1.values());
    // Black images teach nothing, real ones do, in the unit of the others.
    assert!(
        real.1.mean < 0.7 * synthetic.1.mean,
        "{}",
        comparison.to_markdown()
    );
    assert_eq!(real.1.unit(), synthetic.1.unit());
    let json = serde_json::to_string(&comparison).unwrap();
    let read: Comparison = serde_json::from_str(&json).unwrap();
    assert_eq!(read.arms().len(), 6);
}

#[test]
fn a_comparison_refuses_other_images_and_changed_labels() {
    let device = Device::default();
    let options = CompareOptions {
        seeds: vec![0],
        ..CompareOptions::default()
    };
    let run = |raw: &Dataset, refined: &Dataset, options: &CompareOptions| {
        let data = CompareData {
            raw,
            refined,
            versions: &[],
            test: raw,
            real: None,
        };
        compare(&data, &small(), options, &device, &mut |_| {})
            .unwrap_err()
            .to_string()
    };
    let raw = eyes(20, 200, true);
    assert!(run(&raw, &eyes(19, 200, true), &options).contains("not those"));
    let order: Vec<usize> = (0..20).rev().collect();
    assert!(run(&raw, &raw.subset(&order), &options).contains("label of 0000.png changed"));
    assert!(run(&raw, &raw, &CompareOptions::default()).contains("seed"));
}
