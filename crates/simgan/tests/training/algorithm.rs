//! Who learns from what.

use burn::backend::Flex;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use simgan::algorithm_1::Algorithm1;
use simgan::algorithm_1::scalars::Scalars;

use crate::support::*;

/// The fault of a public implementation: R never gets the adversarial loss.
#[test]
fn refiner_learns_from_the_adversarial_loss_alone() {
    let mut algorithm = algorithm(0.0);
    let before = bytes(&algorithm.refiner);
    let mut scalars = Scalars::default();
    algorithm.update_refiner(true, &mut scalars).unwrap();
    assert!(scalars.refiner_gradient_norm.unwrap() > 0.0);
    assert_eq!(scalars.refiner_loss, scalars.adversarial);
    assert_ne!(bytes(&algorithm.refiner), before);
}

#[test]
fn each_player_moves_alone() {
    let mut algorithm = algorithm(1.0);
    let mut scalars = Scalars::default();
    let (theta, phi) = (bytes(&algorithm.refiner), bytes(&algorithm.discriminator));
    algorithm.update_refiner(true, &mut scalars).unwrap();
    assert_eq!(bytes(&algorithm.discriminator), phi);
    let moved = bytes(&algorithm.refiner);
    assert_ne!(moved, theta);
    algorithm.update_discriminator(&mut scalars).unwrap();
    assert_eq!(bytes(&algorithm.refiner), moved);
    assert_ne!(bytes(&algorithm.discriminator), phi);
}

/// Addresses of all weights of a network.
fn places<M: Module>(network: &M) -> Vec<usize> {
    struct Places(Vec<usize>);
    impl ModuleVisitor for Places {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let tensor = param.val().inner().try_into_primitive::<Flex>().unwrap();
            self.0.push(tensor.bytes().as_ptr().addr());
        }
    }
    let mut places = Places(Vec::new());
    network.visit(&mut places);
    places.0
}

#[test]
fn weights_are_updated_in_place() {
    let mut algorithm = algorithm(1.0);
    let of = |a: &Algorithm1| [places(&a.refiner), places(&a.discriminator)];
    let before = of(&algorithm);
    let theta = bytes(&algorithm.refiner);
    for _ in 0..3 {
        algorithm.iteration().unwrap();
    }
    assert_eq!(of(&algorithm), before);
    assert_ne!(bytes(&algorithm.refiner), theta);
}

#[test]
fn refiner_deceives_a_fixed_discriminator() {
    let mut algorithm = algorithm(0.0);
    let mut scalars = Scalars::default();
    for _ in 0..100 {
        algorithm.update_discriminator(&mut scalars).unwrap();
    }
    algorithm.update_refiner(true, &mut scalars).unwrap();
    let before = scalars.adversarial.unwrap();
    for _ in 0..100 {
        algorithm.update_refiner(true, &mut scalars).unwrap();
    }
    let after = scalars.adversarial.unwrap();
    assert!(after < before / 2.0, "{before} -> {after}");
}

#[test]
fn discriminator_tells_apart_what_differs() {
    let mut algorithm = algorithm(1.0);
    let mut scalars = Scalars::default();
    for _ in 0..200 {
        algorithm.update_discriminator(&mut scalars).unwrap();
    }
    assert!(scalars.accuracy_real.unwrap() > 0.9);
    assert!(scalars.accuracy_refined.unwrap() > 0.9);
}

#[test]
fn history_fills_while_training() {
    let mut algorithm = algorithm(1.0);
    let held = |a: &Algorithm1| a.history.as_ref().unwrap().len();
    algorithm.iteration().unwrap();
    assert_eq!(
        held(&algorithm),
        4,
        "the first update has no history to draw from"
    );
    algorithm.iteration().unwrap();
    assert_eq!(held(&algorithm), 6, "then half a batch is fresh");
    algorithm.iteration().unwrap();
    algorithm.iteration().unwrap();
    assert_eq!(held(&algorithm), 8, "and B is never exceeded");
}

#[test]
fn warm_up_learns_the_identity() {
    let mut algorithm = algorithm(1.0);
    let mut scalars = Scalars::default();
    algorithm.update_refiner(false, &mut scalars).unwrap();
    let before = scalars.self_regularization.unwrap();
    assert_eq!(scalars.adversarial, None);
    for _ in 0..200 {
        algorithm.update_refiner(false, &mut scalars).unwrap();
    }
    assert!(scalars.self_regularization.unwrap() < before / 4.0);
}
