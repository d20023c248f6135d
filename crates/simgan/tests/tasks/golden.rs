//! The gaze network against PyTorch 2.13: forward, loss, gradients, ten Adam steps.
//!
//! The numbers are made by `scripts/golden_gaze.py`.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use burn::module::{Module, ModuleMapper, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use simgan::nets::activation::Activation;
use simgan::nets::weights;
use simgan::tasks::fit::optimizer;
use simgan::tasks::gaze::l2_loss;
use simgan::tasks::{EstimatorConfig, GazeCnn, GazeCnnConfig};

type Numbers = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

const TOLERANCE: f64 = 1e-4;

fn parse(bytes: &[u8]) -> Numbers {
    let tensors = SafeTensors::deserialize(bytes).unwrap();
    let read = |view: TensorView| {
        let values = view
            .data()
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()));
        (view.shape().to_vec(), values.collect())
    };
    tensors
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, read(view)))
        .collect()
}

fn golden(name: &str) -> Numbers {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    parse(&std::fs::read(path).unwrap())
}

fn with_prefix(numbers: &Numbers, prefix: &str) -> Numbers {
    let strip = |(name, value): (&String, &(Vec<usize>, Vec<f32>))| {
        Some((name.strip_prefix(prefix)?.to_owned(), value.clone()))
    };
    numbers.iter().filter_map(strip).collect()
}

fn tensor<const D: usize>(numbers: &Numbers, name: &str, device: &Device) -> Tensor<D> {
    let (shape, values) = &numbers[name];
    Tensor::from_data(TensorData::new(values.clone(), shape.clone()), device)
}

/// The network of the script with the script's weights.
fn network(numbers: &Numbers, activation: Activation, device: &Device) -> GazeCnn {
    let config = GazeCnnConfig {
        feature_maps: [3, 4, 5, 6, 7],
        hidden: 11,
        activation,
        ..GazeCnnConfig::new([1, 25, 27])
    };
    let network = config.init(0, device).unwrap();
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = with_prefix(numbers, "weights.")
        .into_iter()
        .map(|(name, (shape, values))| {
            (
                name,
                shape,
                values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            )
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        (
            name,
            TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap(),
        )
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), safetensors::serialize(views, None).unwrap()).unwrap();
    weights::load(network, file.path()).unwrap()
}

/// Parameters by name.
fn parameters(network: &GazeCnn) -> Numbers {
    parse(&weights::to_bytes(network, HashMap::new()).unwrap())
}

/// Replaces every parameter by its gradient, so that gradients get names.
struct TakeGradients(GradientsParams);

impl ModuleMapper for TakeGradients {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        Param::initialized(param.id, self.0.get::<D>(param.id).unwrap())
    }
}

fn relative_error(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let difference = norm(&mut found.iter().zip(expected).map(|(a, b)| f64::from(a - b)));
    difference / norm(&mut expected.iter().map(|&v| f64::from(v)))
}

fn assert_close(what: &str, found: &Numbers, expected: &Numbers) {
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>()
    );
    for (name, (shape, values)) in expected {
        assert_eq!(&found[name].0, shape, "{what} {name}");
        let error = relative_error(&found[name].1, values);
        assert!(
            error <= TOLERANCE,
            "{what} {name}: relative error {error:e}"
        );
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn agrees_with_pytorch(name: &str, activation: Activation) {
    let device = Device::default().autodiff();
    let numbers = golden(name);
    let mut network = network(&numbers, activation, &device);
    let images = tensor::<4>(&numbers, "images", &device);
    let target = tensor::<2>(&numbers, "target", &device);

    let output = network.forward(images.clone());
    assert!(relative_error(&values(output.clone()), &numbers["output"].1) <= TOLERANCE);
    let loss = l2_loss(output, target.clone());
    assert!(relative_error(&values(loss.clone()), &numbers["loss"].1) <= TOLERANCE);
    let gradients = GradientsParams::from_grads(loss.backward(), &network);
    let gradients = network.clone().map(&mut TakeGradients(gradients));
    assert_close(
        "gradient",
        &parameters(&gradients),
        &with_prefix(&numbers, "gradient."),
    );

    let config = EstimatorConfig {
        weight_decay: 0.01,
        ..EstimatorConfig::default()
    };
    let mut optimizer = optimizer(&config);
    let mut losses = Vec::new();
    for _ in 0..10 {
        let loss = l2_loss(network.forward(images.clone()), target.clone());
        losses.extend(values(loss.clone()));
        optimizer.step(&mut network, &loss, 0.002).unwrap();
    }
    assert!(relative_error(&losses, &numbers["losses"].1) <= TOLERANCE);
    assert!(losses[9] < 0.9 * losses[0], "{losses:?}");
    assert_close(
        "trained",
        &parameters(&network),
        &with_prefix(&numbers, "trained."),
    );
}

#[test]
fn smooth_network_agrees_with_pytorch() {
    agrees_with_pytorch("gaze_silu.safetensors", Activation::Silu);
}

#[test]
fn relu_network_agrees_with_pytorch() {
    agrees_with_pytorch("gaze_relu.safetensors", Activation::Relu);
}

/// Adds `length` times the gradient to every parameter.
struct Move(GradientsParams, f32);

impl ModuleMapper for Move {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let step = self.0.get::<D>(param.id).unwrap().mul_scalar(self.1);
        let value = param.val().inner() + step;
        Param::initialized(param.id, value)
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_loss() {
    let device = Device::default();
    let numbers = golden("gaze_silu.safetensors");
    let network = network(&numbers, Activation::Silu, &device.clone().autodiff());
    let loss_of = |network: &GazeCnn, device: &Device| {
        l2_loss(
            network.forward(tensor(&numbers, "images", device)),
            tensor(&numbers, "target", device),
        )
    };
    let gradients = || {
        let loss = loss_of(&network, &device.clone().autodiff());
        GradientsParams::from_grads(loss.backward(), &network)
    };
    let named = parameters(&network.clone().map(&mut TakeGradients(gradients())));
    let squared: f64 = named
        .values()
        .flat_map(|v| &v.1)
        .map(|&g| f64::from(g).powi(2))
        .sum();

    // Along the gradient the slope of the loss is the gradient's squared length.
    let step = 1e-3 / squared.sqrt() as f32;
    let loss_at = |length: f32| {
        let moved = network.clone().map(&mut Move(gradients(), length));
        f64::from(values(loss_of(&moved, &device))[0])
    };
    let slope = (loss_at(step) - loss_at(-step)) / (2.0 * f64::from(step));
    assert!(
        (slope / squared - 1.0).abs() < 2e-3,
        "slope {slope}, squared gradient {squared}"
    );
}
