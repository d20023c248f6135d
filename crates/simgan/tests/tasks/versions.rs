//! Fits on several versions of the same images, and on unlabelled ones beside.

use std::ops::ControlFlow;

use burn::tensor::Device;
use simgan::judges::advice;
use simgan::judges::advice::{Advice, AdvisedImages};
use simgan::tasks::{
    EstimatorConfig, EstimatorKind, EvaluateOptions, FitOptions, evaluate, fit, fit_until,
};
use simgan_base::Result;
use simgan_data::{Dataset, Preprocessing};

use crate::{eyes, fitted, small};

fn fit_with(data: &Dataset, options: &FitOptions, config: &EstimatorConfig) -> Result<f64> {
    let device = Device::default();
    let (estimator, _) = fit(data, config, options, &device, &mut |_| {})?;
    // The other version scores: bright eyes on a dark ground.
    let bright = inverted(&eyes(80, 200, true));
    let score = evaluate(&estimator, &bright, &EvaluateOptions::default())?;
    Ok(score.mean)
}

fn inverted(data: &Dataset) -> Dataset {
    let all: Vec<usize> = (0..data.len()).collect();
    let pixels = data.gather(&all).iter().map(|v| 255 - v).collect();
    data.with_pixels_and_labels(pixels).unwrap()
}

#[test]
fn an_estimator_learns_from_every_version() {
    let data = eyes(200, 200, true);
    let with = FitOptions {
        variants: vec![inverted(&data)],
        ..FitOptions::default()
    };
    let alone = fit_with(&data, &FitOptions::default(), &small()).unwrap();
    let both = fit_with(&data, &with, &small()).unwrap();
    assert!(both < 0.6 * alone, "{both} {alone}");
}

/// How far answers to bright eyes change with the light, fitted with or without bright eyes to adapt to.
fn unsteadiness(unlabelled: Option<Dataset>) -> f64 {
    let mut config = small();
    config.augmentation.brightness = 0.5;
    config.augmentation.shift = 2.0;
    config.adaptation.weight = 3.0;
    let adapts = unlabelled.is_some();
    let options = FitOptions {
        unlabelled,
        ..FitOptions::default()
    };
    let (data, device) = (eyes(200, 200, true), Device::default());
    let (estimator, report) = fit(&data, &config, &options, &device, &mut |_| {}).unwrap();
    assert!(!adapts || report.best_step == report.steps);
    let [a, b] = [200, 150].map(|grey| {
        let bright = inverted(&eyes(100, grey, true));
        estimator.predict(&bright).unwrap().concat()
    });
    let changes = a.iter().zip(&b).map(|(a, b)| f64::from(a - b).abs());
    changes.sum::<f64>() / a.len() as f64
}

#[test]
fn answers_to_images_that_it_adapts_to_become_steady() {
    let plain = unsteadiness(None);
    let adapted = unsteadiness(Some(inverted(&eyes(100, 200, false))));
    assert!(adapted < 0.8 * plain, "{adapted} {plain}");
}

#[test]
fn versions_and_unlabelled_images_have_the_shape_of_the_data() {
    let data = eyes(40, 200, true);
    let fewer = FitOptions {
        variants: vec![eyes(30, 200, true)],
        ..FitOptions::default()
    };
    let error = fit_with(&data, &fewer, &small()).unwrap_err();
    assert!(error.to_string().contains("30 of"), "{error}");
    let names = vec!["a.png".to_owned()];
    let other = Dataset::from_memory(names, [1, 20, 25], vec![0; 500], None).unwrap();
    let unlike = FitOptions {
        unlabelled: Some(other),
        ..FitOptions::default()
    };
    let error = fit_with(&data, &unlike, &small()).unwrap_err();
    assert!(error.to_string().contains("cannot adapt"), "{error}");
    let neighbours = EstimatorConfig {
        kind: EstimatorKind::Knn,
        ..small()
    };
    for options in [fewer, unlike] {
        let error = fit_with(&data, &options, &neighbours).unwrap_err();
        assert!(error.to_string().contains("nearest neighbours"), "{error}");
    }
}

#[test]
fn a_fit_can_be_stopped() {
    let (data, device) = (eyes(40, 200, true), Device::default());
    let mut steps = 0;
    let mut told = |_| {
        steps += 1;
        match steps {
            3 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    };
    let options = FitOptions::default();
    let stopped = fit_until(&data, &small(), &options, &device, &mut told).unwrap();
    assert!(stopped.is_none() && steps == 3);
    assert_eq!(fitted(&data, &small(), 0).1.steps, small().steps);
}

/// Evidence about `refined` versions of eyes where real ones are bright on a dark ground.
fn advised(refined: Dataset, seeds: u64) -> Result<advice::Evidence> {
    let data = eyes(120, 200, true);
    let real = inverted(&eyes(60, 200, false));
    let images = AdvisedImages {
        synthetic: &data,
        refined: &refined,
        versions: std::slice::from_ref(&refined),
        real: &real,
    };
    let config = EstimatorConfig {
        steps: 120,
        ..small()
    };
    let (preprocessing, device) = (Preprocessing::default(), Device::default());
    advice::gather(
        images,
        &config,
        &preprocessing,
        seeds,
        &device,
        &mut |_, _| {},
    )
}

#[test]
fn versions_that_look_real_are_advised() {
    let evidence = advised(inverted(&eyes(120, 200, true)), 2).unwrap();
    assert!(evidence.both < evidence.raw, "{evidence:?}");
    assert!(evidence.refined < evidence.raw, "{evidence:?}");
    // One version beside the raw ones is both.
    assert_eq!(evidence.versions, Some(evidence.both));
    assert_ne!(evidence.advice(), Advice::Raw, "{evidence:?}");
    assert_eq!((evidence.seeds, evidence.real_images), (2, 60));
    assert_eq!(evidence.on_real.len(), 2);
}

#[test]
fn advice_needs_two_seeds_and_the_same_images() {
    let error = advised(eyes(120, 200, true), 1).unwrap_err();
    assert!(error.to_string().contains("two seeds"), "{error}");
    let error = advised(eyes(119, 200, true), 2).unwrap_err();
    assert!(
        error.to_string().contains("are not those of the synthetic"),
        "{error}"
    );
}
