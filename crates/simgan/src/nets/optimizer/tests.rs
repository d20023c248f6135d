use burn::nn::{Linear, LinearConfig};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, TensorData};

use super::*;
use crate::nets::initialization::{Spread, initialize};
use simgan_base::ErrorKind;
use simgan_base::random::{Stream, generator};

const ADAM: Rule = Rule::Adam {
    betas: [0.9, 0.999],
};
const MOMENTUM: Rule = Rule::Sgd { momentum: 0.9 };
const DESCENT: Rule = Rule::Sgd { momentum: 0.0 };

#[derive(Module, Debug)]
struct Weight {
    weight: Param<Tensor<1>>,
}

fn device() -> Device {
    Device::default().autodiff()
}

fn network() -> Weight {
    Weight {
        weight: Param::from_tensor(Tensor::from_floats([3.0, 4.0], &device())),
    }
}

fn values<const D: usize>(weights: &Param<Tensor<D>>) -> Vec<f32> {
    weights.val().inner().into_data().iter::<f32>().collect()
}

/// Where the values lie.
fn place<const D: usize>(weights: &Param<Tensor<D>>) -> *const f32 {
    let storage = flex::storage(weights.val().inner()).unwrap();
    storage.storage::<f32>().as_ptr()
}

fn sgd(gradient_clip: f64) -> Optimizer {
    Optimizer {
        gradient_clip,
        ..Optimizer::new(DESCENT, 0.0)
    }
}

/// The loss |w|^2 / 2 has the gradient w, of norm 5.
fn step(mut optimizer: Optimizer) -> (Vec<f32>, f32) {
    let mut network = network();
    let loss = network.weight.val().square().sum() * 0.5;
    let norm = optimizer.step(&mut network, &loss, 0.1).unwrap();
    (values(&network.weight), norm)
}

#[test]
fn sgd_steps_down_the_gradient() {
    let (weights, norm) = step(sgd(0.0));
    assert!((norm - 5.0).abs() < 1e-5);
    assert!((weights[0] - 2.7).abs() < 1e-6 && (weights[1] - 3.6).abs() < 1e-6);
}

#[test]
fn clipping_scales_to_the_limit() {
    let (weights, norm) = step(sgd(1.0));
    assert!(
        (norm - 5.0).abs() < 1e-5,
        "the norm before clipping is reported"
    );
    assert!((weights[0] - (3.0 - 0.06)).abs() < 1e-6);
    assert!((weights[1] - (4.0 - 0.08)).abs() < 1e-6);
}

#[test]
fn infinite_gradients_change_nothing() {
    let mut network = network();
    let mut optimizer = Optimizer::new(ADAM, 0.0);
    let loss = (network.weight.val() * f32::INFINITY).sum();
    let error = optimizer.step(&mut network, &loss, 0.1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Training);
    assert_eq!(values(&network.weight), [3.0, 4.0]);
    assert_eq!(
        (optimizer.state.steps, optimizer.state.moments.len()),
        (0, 0)
    );
}

#[test]
fn weights_change_in_place_unless_shared() {
    let mut network = network();
    let mut optimizer = Optimizer::new(ADAM, 0.0);
    let mut step = |network: &mut Weight| {
        let loss = network.weight.val().square().sum();
        optimizer.step(network, &loss, 0.1).unwrap();
    };
    let before = place(&network.weight);
    step(&mut network);
    step(&mut network);
    assert_eq!(place(&network.weight), before);
    let kept = network.valid();
    let old = values(&kept.weight);
    step(&mut network);
    assert_ne!(place(&network.weight), before);
    assert_eq!(values(&kept.weight), old);
    assert_ne!(values(&network.weight), old);
}

fn linear() -> Linear {
    let linear = LinearConfig::new(50, 31).init(&device());
    initialize(
        linear,
        Spread::Narrow,
        &mut generator(7, Stream::RefinerWeights),
    )
}

fn images(step: usize) -> Tensor<2> {
    let values: Vec<f32> = (0..4 * 50)
        .map(|i| ((i * (step + 3)) as f32).sin())
        .collect();
    Tensor::from_data(TensorData::new(values, [4, 50]), &device())
}

fn loss(network: &Linear, step: usize) -> Tensor<1> {
    network.forward(images(step)).square().mean()
}

fn parameters(network: &Linear) -> Vec<f32> {
    let mut all = values(&network.weight);
    all.extend(network.bias.as_ref().map(values).unwrap());
    all
}

fn trained(optimizer: &mut Optimizer, network: &mut Linear, steps: std::ops::Range<usize>) {
    for i in steps {
        let loss = loss(network, i);
        optimizer.step(network, &loss, 0.01).unwrap();
    }
}

fn assert_close(ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() < 2e-6, "{a} for {b}");
    }
}

#[test]
fn steps_are_those_of_burn() {
    let momentum = MomentumConfig {
        momentum: 0.9,
        dampening: 0.0,
        nesterov: false,
    };
    let burns: [(Rule, ModuleOptimizer); 3] = [
        (ADAM, AdamConfig::new().with_epsilon(1e-8).init()),
        (
            MOMENTUM,
            SgdConfig::new().with_momentum(Some(momentum)).init(),
        ),
        (DESCENT, SgdConfig::new().init()),
    ];
    for (rule, mut burns) in burns {
        let mut ours = linear();
        trained(&mut Optimizer::new(rule, 0.0), &mut ours, 0..5);
        let mut theirs = linear();
        for i in 0..5 {
            let gradients = GradientsParams::from_grads(loss(&theirs, i).backward(), &theirs);
            theirs = burns.step(0.01, theirs, gradients);
        }
        assert_close(&parameters(&ours), &parameters(&theirs));
        assert_ne!(parameters(&ours), parameters(&linear()));
    }
}

/// What other devices compute, computed on the CPU.
#[test]
fn tensor_operations_agree_with_the_kernels() {
    let tensor = |seed: f32| {
        let values: Vec<f32> = (0..600).map(|i| (i as f32 * seed).sin()).collect();
        Tensor::<2>::from_data(TensorData::new(values, [20, 30]), &Device::default())
    };
    let flat = |t: Tensor<2>| t.into_data().iter::<f32>().collect::<Vec<_>>();
    let gradient = Gradient {
        factor: 0.5,
        decay: 0.01,
    };
    for rule in [ADAM, MOMENTUM, DESCENT] {
        let moments = || {
            let all = [tensor(0.3), tensor(0.7).abs()];
            let all = all.into_iter().take(rule.moments().len());
            all.map(|m| m.reshape([600])).collect::<Vec<Tensor<1>>>()
        };
        let step = Step::new(rule, 3, 0.1, gradient);
        let (mut a, mut b) = (moments(), moments());
        // A transposed gradient is a view with gaps.
        let gradient = || tensor(0.11).reshape([30, 20]).transpose();
        let fused = step.apply(tensor(0.5), gradient(), &mut a);
        let operations = step.by_operations(tensor(0.5), gradient(), &mut b);
        assert_close(&flat(fused), &flat(operations));
        for (a, b) in a.into_iter().zip(b) {
            assert_close(&flat(a.reshape([20, 30])), &flat(b.reshape([20, 30])));
        }
    }
}

#[test]
fn a_restored_optimizer_goes_on_as_if_nothing_had_happened() {
    let dir = tempfile::tempdir().unwrap();
    for rule in [ADAM, MOMENTUM, DESCENT] {
        let (mut whole, mut network) = (Optimizer::new(rule, 0.0), linear());
        trained(&mut whole, &mut network, 0..3);
        let path = dir.path().join(rule.name());
        whole.save(&path).unwrap();
        let bytes = fs_err::read(&path).unwrap();
        let (mut restored, mut again) = (Optimizer::new(rule, 0.0), network.clone());
        restored.load(&path, &again).unwrap();
        restored.save(&path).unwrap();
        assert!(
            fs_err::read(&path).unwrap() == bytes,
            "equal state, equal bytes"
        );
        trained(&mut whole, &mut network, 3..6);
        trained(&mut restored, &mut again, 3..6);
        assert_eq!(parameters(&network), parameters(&again));
    }
}

#[test]
fn an_optimizer_without_steps_is_restored_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    Optimizer::new(ADAM, 0.0).save(&path).unwrap();
    let mut optimizer = Optimizer::new(ADAM, 0.0);
    optimizer.load(&path, &linear()).unwrap();
    trained(&mut optimizer, &mut linear(), 0..1);
}

#[test]
fn files_that_do_not_fit_are_refused_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let mut optimizer = Optimizer::new(ADAM, 0.0);
    trained(&mut optimizer, &mut linear(), 0..1);
    optimizer.save(&path).unwrap();
    let refused = |mut optimizer: Optimizer, network: &Linear| {
        let error = optimizer.load(&path, network).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model);
        assert!(error.hint().is_some(), "{error}");
        assert_eq!(optimizer.state.steps, 0);
        error.to_string()
    };
    let momentum = refused(Optimizer::new(MOMENTUM, 0.0), &linear());
    assert!(
        momentum.ends_with("holds the state of adam, not of sgd"),
        "{momentum}"
    );
    let adam = || Optimizer::new(ADAM, 0.0);
    let other = LinearConfig::new(50, 32).init(&device());
    assert!(refused(adam(), &other).contains("has shape [50, 31]"));
    let without_bias = LinearConfig::new(50, 31).with_bias(false).init(&device());
    assert!(refused(adam(), &without_bias).contains("holds the state of 4 moments"));

    crate::nets::weights::save(&linear(), &path, Default::default()).unwrap();
    assert!(refused(adam(), &linear()).contains("is not the state of an optimizer"));
    optimizer.save(&path).unwrap();
    let bytes = fs_err::read(&path).unwrap();
    for end in [0, 7, 40, bytes.len() - 1] {
        fs_err::write(&path, &bytes[..end]).unwrap();
        assert!(refused(adam(), &linear()).contains("not a valid safetensors file"));
    }
}

/// `cargo test --release -p simgan --lib ten_million -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn seconds_per_update_of_ten_million_weights() {
    let network = || LinearConfig::new(9600, 1024).init(&device());
    let gradients = |network: &Linear| {
        let loss = network.weight.val().square().sum();
        GradientsParams::from_grads(loss.backward(), network)
    };
    let time = |name: &str, mut step: Box<dyn FnMut()>| {
        let mut best = f64::INFINITY;
        for _ in 0..6 {
            let start = std::time::Instant::now();
            step();
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{name}: {:.1} ms", 1e3 * best);
    };
    let only = network();
    time("backward alone", Box::new(move || drop(gradients(&only))));
    for rule in [ADAM, MOMENTUM, DESCENT] {
        let (mut ours, mut optimizer) = (network(), Optimizer::new(rule, 0.0));
        let step = move || {
            let loss = ours.weight.val().square().sum();
            optimizer.step(&mut ours, &loss, 0.01).unwrap();
        };
        time(&format!("{} with backward", rule.name()), Box::new(step));
    }
    let (mut theirs, mut burns) = (network(), AdamConfig::new().init());
    let step = move || {
        let gradients = gradients(&theirs);
        theirs = burns.step(0.01, theirs.clone(), gradients);
    };
    time("Adam of Burn with backward", Box::new(step));
}
