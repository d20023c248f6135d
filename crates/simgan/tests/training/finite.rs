//! Numbers that are none stop a training before the update.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use simgan::algorithm_1::Algorithm1;
use simgan::algorithm_1::scalars::Scalars;
use simgan::history_buffer::HistoryBuffer;
use simgan::nets::finite;
use simgan::nets::weights;
use simgan::stabilizers::Stabilizers;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::*;

/// Bits of every weight, finite or not.
fn bits<M: Module>(network: &M) -> Vec<u32> {
    struct Bits(Vec<u32>);
    impl ModuleVisitor for Bits {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let data = param.val().inner().into_data();
            self.0.extend(data.iter::<f32>().map(f32::to_bits));
        }
    }
    let mut bits = Bits(Vec::new());
    network.visit(&mut bits);
    bits.0
}

/// Puts `value` into the first weight of every parameter.
struct Poison(f32);

impl ModuleMapper for Poison {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|weights| {
            let (shape, device) = (weights.dims(), weights.device());
            let mut values: Vec<f32> = weights.inner().into_data().iter::<f32>().collect();
            values[0] = self.0;
            let data = TensorData::new(values, shape);
            Tensor::from_data(data, &device).require_grad()
        })
    }
}

/// Does `poison` to an algorithm that has learned for a while, and takes an update that has to be refused with a
/// sentence that holds `named`. Neither player may change, nor what its optimizer remembers.
fn assert_stopped(
    named: &str,
    poison: impl Fn(&mut Algorithm1),
    update: impl Fn(&mut Algorithm1, &mut Scalars) -> simgan_base::Result<()>,
) {
    let dir = tempfile::tempdir().unwrap();
    let state = |algorithm: &Algorithm1| {
        let optimizers = [
            &algorithm.refiner_optimizer,
            &algorithm.discriminator_optimizer,
        ];
        let optimizers = optimizers.map(|optimizer| {
            let path = dir.path().join("optimizer");
            optimizer.save(&path).unwrap();
            fs_err::read(path).unwrap()
        });
        let weights = [bits(&algorithm.refiner), bits(&algorithm.discriminator)];
        (weights, optimizers)
    };
    let mut algorithm = algorithm(1.0);
    for _ in 0..2 {
        algorithm.iteration().unwrap();
    }
    poison(&mut algorithm);
    let before = state(&algorithm);
    let error = update(&mut algorithm, &mut Scalars::default()).unwrap_err();
    assert_eq!(error.kind(), simgan_base::ErrorKind::Training);
    assert!(error.to_string().contains(named), "{error}");
    assert!(error.hint().is_some());
    assert!(state(&algorithm) == before, "{named}: something changed");
    REFUSED.fetch_add(1, Ordering::Relaxed);
}

/// How many places were tried.
static REFUSED: AtomicUsize = AtomicUsize::new(0);

fn refiner_update(a: &mut Algorithm1, s: &mut Scalars) -> simgan_base::Result<()> {
    a.update_refiner(true, s)
}

fn discriminator_update(a: &mut Algorithm1, s: &mut Scalars) -> simgan_base::Result<()> {
    a.update_discriminator(s)
}

fn poison_refiner(a: &mut Algorithm1, value: f32) {
    a.refiner = a.refiner.clone().map(&mut Poison(value));
}

fn poison_discriminator(a: &mut Algorithm1, value: f32) {
    a.discriminator = a.discriminator.clone().map(&mut Poison(value));
}

/// Weights that are all as large as can be, of either sign in turn.
struct Torn;

impl ModuleMapper for Torn {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|weights| {
            let (shape, device) = (weights.dims(), weights.device());
            let signs = (0..shape.iter().product()).map(|i: usize| [1.0, -1.0][i % 2]);
            let values = signs.map(|sign: f32| sign * f32::MAX).collect::<Vec<f32>>();
            let data = TensorData::new(values, shape);
            Tensor::from_data(data, &device).require_grad()
        })
    }
}

#[test]
fn what_is_not_finite_stops_before_the_update_and_is_named() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let poison_r = |a: &mut Algorithm1| poison_refiner(a, value);
        let poison_d = |a: &mut Algorithm1| poison_discriminator(a, value);
        for named in ["weight `", "of the refiner", &value.to_string()] {
            assert_stopped(named, poison_r, refiner_update);
        }
        assert_stopped("of the refiner", poison_r, discriminator_update);
        assert_stopped("of the discriminator", poison_d, refiner_update);
        assert_stopped("of the discriminator", poison_d, discriminator_update);
        let poison_history = |a: &mut Algorithm1| {
            let len = SHAPE.iter().product();
            let images = vec![value; 8 * len];
            a.history = Some(HistoryBuffer::from_images(8, len, images).unwrap());
        };
        assert_stopped(
            "a pixel of the history",
            poison_history,
            discriminator_update,
        );
        let poison_lambda = |a: &mut Algorithm1| a.constants.lambda = f64::from(value);
        assert_stopped("the refiner loss", poison_lambda, refiner_update);
        for side in ["synthetic images", "real images"] {
            let error = finite::pixels(side, &[0.0, value]).unwrap_err();
            assert!(error.to_string().contains(side), "{error}");
        }
    }
    println!(
        "{} injections, all refused",
        REFUSED.load(Ordering::Relaxed)
    );
}

/// Weights that are finite, but so large that what is computed with them is not.
#[test]
fn every_term_of_the_losses_is_checked() {
    let large_d = |a: &mut Algorithm1| a.discriminator = a.discriminator.clone().map(&mut Torn);
    assert_stopped("the adversarial loss", large_d, refiner_update);
    assert_stopped("the discriminator loss", large_d, discriminator_update);
    // Infinities of both signs meet.
    let torn_r = |a: &mut Algorithm1| a.refiner = a.refiner.clone().map(&mut Torn);
    assert_stopped("the self-regularization", torn_r, refiner_update);
    assert_stopped(
        "a pixel of the refined images",
        torn_r,
        discriminator_update,
    );
    let poison_penalty = |a: &mut Algorithm1| {
        let mut config = config();
        config.training.gradient_penalty = f64::INFINITY;
        a.stabilizers = Stabilizers::new(&config.training.stabilizers());
    };
    assert_stopped("the gradient penalty", poison_penalty, discriminator_update);
}

#[test]
fn gradients_that_are_not_finite_stop_before_the_update_and_are_named() {
    // The loss is 0, its slope is not a number.
    let steep = |sum: Tensor<1>| (sum * 0.0).abs().sqrt();
    let ones = |a: &Algorithm1| Tensor::ones([1, SHAPE[0], SHAPE[1], SHAPE[2]], &a.device);
    let named = "the gradient of `";
    assert_stopped(
        named,
        |_| {},
        |a, _| {
            let loss = steep(a.refiner.forward(ones(a)).sum());
            let (optimizer, refiner) = (&mut a.refiner_optimizer, &mut a.refiner);
            optimizer.step(refiner, &loss, 0.1).map(drop)
        },
    );
    assert_stopped(
        named,
        |_| {},
        |a, _| {
            let loss = steep(a.discriminator.forward(ones(a)).sum());
            let (optimizer, discriminator) = (&mut a.discriminator_optimizer, &mut a.discriminator);
            optimizer.step(discriminator, &loss, 0.1).map(drop)
        },
    );
}

/// Moments that are not finite neither come from a file nor stay unseen.
#[test]
fn moments_that_are_not_finite_are_refused_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("optimizer");
    let mut algorithm = algorithm(1.0);
    algorithm.iteration().unwrap();
    algorithm.refiner_optimizer.save(&path).unwrap();
    let sound = fs_err::read(&path).unwrap();
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut bytes = sound.clone();
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&value.to_le_bytes());
        fs_err::write(&path, bytes).unwrap();
        let (optimizer, refiner) = (&mut algorithm.refiner_optimizer, &algorithm.refiner);
        optimizer.load(&path, refiner).unwrap_err();
    }
    // A gradient whose square is infinite.
    let images = Tensor::ones([1, SHAPE[0], SHAPE[1], SHAPE[2]], &algorithm.device);
    let loss = algorithm.refiner.forward(images).sum() * 1e25;
    let (optimizer, refiner) = (&mut algorithm.refiner_optimizer, &mut algorithm.refiner);
    optimizer.step(refiner, &loss, 0.1).unwrap();
    let error = algorithm
        .update_discriminator(&mut Scalars::default())
        .unwrap_err();
    assert!(error.to_string().contains("moment `"), "{error}");
}

/// An update that makes weights infinite is told at once, and they are never written: what is on the disk can be used.
#[test]
fn infinite_weights_are_told_at_once_and_not_saved() {
    let dir = tempfile::tempdir().unwrap();
    let mut algorithm = algorithm(1.0);
    let path = dir.path().join("refiner.safetensors");
    weights::save(&algorithm.refiner, &path, Default::default()).unwrap();
    let good = fs_err::read(&path).unwrap();
    algorithm.constants.learning_rate_refiner = f64::MAX;
    let error = algorithm.update_refiner(true, &mut Scalars::default());
    assert!(error.unwrap_err().to_string().contains("of the refiner is"));
    let error = weights::save(&algorithm.refiner, &path, Default::default()).unwrap_err();
    assert_eq!(error.kind(), simgan_base::ErrorKind::Training);
    assert_eq!(fs_err::read(&path).unwrap(), good);
}
