use burn::tensor::TensorData;

use super::*;
use crate::tasks::{EstimatorConfig, FitOptions, fit};
use simgan_data::Labels;

/// Images of 20x20 whose level is their label.
fn data() -> Dataset {
    let mut table = "file,level\n".to_owned();
    let mut pixels = Vec::new();
    for index in 0..40u8 {
        table += &format!("{index}.png,{index}\n");
        pixels.extend([5 * index + 20; 400]);
    }
    let labels = Labels::parse(table.into_bytes(), "labels.csv").unwrap();
    let names = (0..40).map(|i| format!("{i}.png")).collect();
    Dataset::from_memory(names, [1, 20, 20], pixels, Some(labels)).unwrap()
}

fn estimator(data: &Dataset) -> Estimator {
    let config = EstimatorConfig {
        targets: vec!["level".into()],
        steps: 20,
        batch_size: 8,
        feature_maps: [2, 2, 2, 2, 4],
        hidden: 8,
        ..EstimatorConfig::default()
    };
    let device = Device::default();
    let fitted = fit(data, &config, &FitOptions::default(), &device, &mut |_| {});
    fitted.unwrap().0
}

fn consistency(bias: f64, each: f64) -> TaskConsistency {
    let data = data();
    let config = TaskConsistencyConfig {
        bias,
        each,
        ..TaskConsistencyConfig::default()
    };
    let device = Device::default().autodiff();
    TaskConsistency::new(estimator(&data), &data, &config, &device).unwrap()
}

fn images(levels: [f32; 2]) -> Tensor<4> {
    let values: Vec<f32> = levels.iter().flat_map(|&level| [level; 400]).collect();
    let data = TensorData::new(values, [2, 1, 20, 20]);
    Tensor::from_data(data, &Device::default().autodiff())
}

fn loss(consistency: &TaskConsistency, refined: [f32; 2], synthetic: [f32; 2]) -> f32 {
    consistency
        .loss(images(refined), images(synthetic), &ProcessGroup::alone())
        .unwrap()
        .into_scalar()
}

#[test]
fn images_that_stay_cost_nothing() {
    let consistency = consistency(3.0, 2.0);
    assert_eq!(loss(&consistency, [0.2, -0.4], [0.2, -0.4]), 0.0);
    assert!(loss(&consistency, [0.3, -0.4], [0.2, -0.4]) > 0.0);
}

#[test]
fn answers_that_change_places_cost_no_bias() {
    let [bias, each] = [consistency(1.0, 0.0), consistency(0.0, 1.0)];
    let exchanged = loss(&bias, [-0.4, 0.2], [0.2, -0.4]);
    assert!(exchanged.abs() < 1e-9, "{exchanged}");
    let apiece = loss(&each, [-0.4, 0.2], [0.2, -0.4]);
    assert!(apiece > 1e-3, "{apiece}");
    // Where both move alike the squared mean is the mean of the squares.
    let (mean, apiece) = (
        loss(&bias, [0.3, 0.3], [0.1, 0.1]),
        loss(&each, [0.3, 0.3], [0.1, 0.1]),
    );
    assert!((mean - apiece).abs() < 1e-5 * apiece, "{mean} {apiece}");
}

#[test]
fn gradients_are_finite_differences_and_flow_into_refined_images_alone() {
    let consistency = consistency(2.0, 1.0);
    let refined = images([0.25, -0.3]).require_grad();
    let synthetic = images([0.2, -0.4]).require_grad();
    let gradients = consistency
        .loss(refined.clone(), synthetic.clone(), &ProcessGroup::alone())
        .unwrap()
        .backward();
    assert!(synthetic.grad(&gradients).is_none());
    let gradient = refined.grad(&gradients).unwrap();
    // All pixels of the first image together.
    let slope: f32 = gradient
        .slice([0..1, 0..1, 0..20, 0..20])
        .sum()
        .into_scalar();
    let step = 0.01;
    let [up, down] = [step, -step].map(|h| loss(&consistency, [0.25 + h, -0.3], [0.2, -0.4]));
    let expected = (up - down) / (2.0 * step);
    assert!(
        (slope - expected).abs() < 0.05 * expected.abs() + 1e-4,
        "{slope} {expected}"
    );
}

#[test]
fn negative_weights_are_refused() {
    for text in ["bias = -1.0", "each = nan"] {
        let config: TaskConsistencyConfig = toml::from_str(text).unwrap();
        let error = config.validate().unwrap_err().to_string();
        assert!(error.contains("task_consistency."), "{error}");
    }
}
