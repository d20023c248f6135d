//! Losses and their gradients.

use burn::tensor::{Device, Tensor};
use simgan::feature_transform::{FeatureTransformConfig, Kind};
use simgan::losses::local_adversarial::{Class, accuracy};
use simgan::losses::self_regularization::self_regularization;
use simgan::stabilizers::adversarial_loss::{AdversarialLoss, AdversarialLossKind};
use simgan::tasks::gaze::l2_loss;

use crate::support::*;

#[test]
fn adversarial_losses() {
    for kind in [
        AdversarialLossKind::CrossEntropy,
        AdversarialLossKind::LeastSquares,
        AdversarialLossKind::Hinge,
    ] {
        println!("{kind:?}");
        let loss = AdversarialLoss::new(kind, 0.0);
        compare(F32, |device| {
            let [refined, real] = [1, 2].map(|seed| leaf(seed, [4, 2, 9, 14], device));
            let d = loss.discriminator(refined.clone(), real.clone());
            let r = loss.refiner(refined.clone());
            let gradients = (d.clone() + r.clone()).backward();
            vec![
                ("D's loss", values(d)),
                ("R's loss", values(r)),
                (
                    "gradient, refined",
                    values(refined.grad(&gradients).unwrap()),
                ),
                ("gradient, real", values(real.grad(&gradients).unwrap())),
                ("accuracy", values(accuracy(real, Class::Real))),
            ]
        });
    }
}

/// Both images and the gradient of the refined one.
fn regularized(kind: Kind, device: &Device) -> Found {
    let config = FeatureTransformConfig {
        kind,
        ..FeatureTransformConfig::default()
    };
    let psi = config.init(3, device).unwrap();
    let refined: Tensor<4> = leaf(1, [2, 3, 12, 14], device);
    let synthetic = random(2, [2, 3, 12, 14], device);
    let loss = self_regularization(&psi, refined.clone(), synthetic);
    let gradients = loss.backward();
    vec![
        ("loss", values(loss)),
        ("gradient", values(refined.grad(&gradients).unwrap())),
    ]
}

#[test]
fn self_regularization_of_every_feature() {
    for kind in [
        Kind::Identity,
        Kind::ChannelMean,
        Kind::ImageDerivatives,
        Kind::Layout,
    ] {
        println!("{kind:?}");
        compare(F32, |device| regularized(kind, device));
    }
}

#[test]
fn the_gaze_network_and_its_loss() {
    compare(F32, |device| {
        let network = simgan::tasks::GazeCnnConfig::new([1, 35, 55]);
        let network = network.init(0, device).unwrap();
        let images = leaf(1, [3, 1, 35, 55], device);
        let answers = network.forward(images.clone());
        let loss = l2_loss(answers.clone(), random(2, [3, 3], device));
        let gradients = loss.backward();
        vec![
            ("answers", values(answers)),
            ("loss", values(loss)),
            ("gradient", values(images.grad(&gradients).unwrap())),
        ]
    });
}
