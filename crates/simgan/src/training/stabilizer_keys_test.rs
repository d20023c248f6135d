//! The stabilizers' keys of a configuration.

use crate::stabilizers::adversarial_loss::AdversarialLossKind;
use crate::training::Config;
use simgan_base::{Result, settings};

fn config(overrides: &[&str]) -> Result<Config> {
    let overrides: Vec<String> = overrides.iter().map(|&s| s.to_owned()).collect();
    let config: Config = settings::load(None, &overrides)?;
    config.validate().map(|()| config)
}

#[test]
fn every_switch_is_a_key() {
    let config = config(&[
        "refiner.output=residual",
        "discriminator.spectral_norm=true",
        "training.adversarial_loss=least-squares",
        "training.instance_noise=0.1",
        "training.augmentation=[\"brightness\", \"contrast\", \"translation\", \"cutout\"]",
        "training.gradient_penalty=5",
        "training.gradient_penalty_every=4",
    ])
    .unwrap();
    assert_eq!(config.training.augmentation.len(), 4);
    assert_eq!(
        config.training.adversarial_loss,
        AdversarialLossKind::LeastSquares
    );
    let again: Config = settings::parse(&settings::to_toml(&config).unwrap(), "again").unwrap();
    assert_eq!(again, config);
}

#[test]
fn values_out_of_range_name_their_key() {
    for (key, value) in [
        ("refiner.output", "sharp"),
        ("training.adversarial_loss", "wasserstein"),
        ("training.label_smoothing", "0.5"),
        ("training.label_smoothing", "-0.1"),
        ("training.instance_noise", "nan"),
        ("training.instance_noise", "-1"),
        ("training.augmentation", "[\"cutout\", \"cutout\"]"),
        ("training.augmentation", "[\"flip\"]"),
        ("training.gradient_penalty", "-1"),
        ("training.gradient_penalty", "inf"),
        ("training.gradient_penalty_every", "0"),
    ] {
        let error = config(&[&format!("{key}={value}")])
            .unwrap_err()
            .to_string();
        let name = key.split('.').next_back().unwrap();
        assert!(error.contains(name), "{key}={value}: {error}");
    }
}

#[test]
fn smoothing_without_labels_is_refused() {
    let error = config(&[
        "training.label_smoothing=0.1",
        "training.adversarial_loss=hinge",
    ]);
    assert!(error.unwrap_err().to_string().contains("no labels"));
    config(&["training.label_smoothing=0.1"]).unwrap();
}
