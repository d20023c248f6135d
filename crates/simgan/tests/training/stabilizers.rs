//! The switches of what came after the paper.

use burn::tensor::Device;
use simgan::algorithm_1::scalars::Scalars;
use simgan::refine::TrainedRefiner;
use simgan::refiner::RefinerOutput;
use simgan::stabilizers::Stabilizers;
use simgan::stabilizers::adversarial_loss::AdversarialLossKind;
use simgan::stabilizers::augmentation::AugmentationKind;
use simgan::training::Config;

use crate::support::*;

/// Name of a switch, and what it does to a configuration.
type Switch = (&'static str, fn(&mut Config));

/// The switches of what came after the paper, one by one.
fn switches() -> Vec<Switch> {
    vec![
        ("residual", |c| c.refiner.output = RefinerOutput::Residual),
        ("spectral norm", |c| c.discriminator.spectral_norm = true),
        ("hinge", |c| {
            c.training.adversarial_loss = AdversarialLossKind::Hinge;
        }),
        ("least squares", |c| {
            c.training.adversarial_loss = AdversarialLossKind::LeastSquares;
        }),
        ("smoothing", |c| c.training.label_smoothing = 0.1),
        ("noise", |c| c.training.instance_noise = 0.2),
        ("brightness", |c| {
            c.training.augmentation = vec![AugmentationKind::Brightness];
        }),
        ("contrast", |c| {
            c.training.augmentation = vec![AugmentationKind::Contrast];
        }),
        ("translation", |c| {
            c.training.augmentation = vec![AugmentationKind::Translation];
        }),
        ("cutout", |c| {
            c.training.augmentation = vec![AugmentationKind::Cutout];
        }),
        ("penalty", |c| {
            c.training.gradient_penalty = 1.0;
            c.training.gradient_penalty_every = 2;
        }),
    ]
}

/// All switches that go together.
fn all_switches() -> Config {
    use AugmentationKind::{Brightness, Contrast, Cutout, Translation};
    let mut config = config();
    for (name, switch) in switches() {
        if !["smoothing", "least squares"].contains(&name) {
            switch(&mut config);
        }
    }
    config.training.augmentation = vec![Brightness, Contrast, Translation, Cutout];
    config.training.average_decay = 0.9;
    config
}

#[test]
fn every_stabilizer_trains_and_changes_the_training() {
    let dir = tempfile::tempdir().unwrap();
    let trained = |name: &str, config: &Config| {
        let folder = start(&dir.path().join(name), config);
        let last = run(config, &folder).last;
        assert!(
            last.named()
                .iter()
                .all(|(_, v)| v.is_none_or(f32::is_finite))
        );
        assert!(last.discriminator_gradient_norm.unwrap() > 0.0, "{name}");
        let files = ["refiner", "discriminator"].map(|net| {
            let checkpoint = folder.checkpoint(None).unwrap().1;
            fs_err::read(checkpoint.join(format!("{net}.safetensors"))).unwrap()
        });
        assert_eq!(
            last.gradient_penalty.is_some(),
            config.training.gradient_penalty > 0.0
        );
        files
    };
    let [refiner, discriminator] = trained("paper", &config());
    for (name, switch) in switches() {
        let mut config = config();
        switch(&mut config);
        let changed = trained(name, &config);
        assert!(
            changed[0] != refiner && changed[1] != discriminator,
            "{name}"
        );
    }
}

#[test]
fn stabilizers_resume_to_the_bit() {
    let dir = tempfile::tempdir().unwrap();
    assert_resumes(dir.path(), &all_switches());
}

/// What R gets from a D that sees images through all changes: the refined images move towards the real ones.
#[test]
fn refiner_learns_through_the_perturbation() {
    let mut config = all_switches();
    config.training.adversarial_loss = AdversarialLossKind::CrossEntropy;
    let mut algorithm = algorithm(0.0);
    algorithm.stabilizers = Stabilizers::new(&config.training.stabilizers());
    let before = bytes(&algorithm.refiner);
    let mut scalars = Scalars::default();
    algorithm.update_refiner(true, &mut scalars).unwrap();
    assert!(scalars.refiner_gradient_norm.unwrap() > 0.0);
    assert_ne!(bytes(&algorithm.refiner), before);
}

/// The refiner of a run knows that it makes residuals.
#[test]
fn residual_refiners_are_loaded_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config();
    config.refiner.output = RefinerOutput::Residual;
    // Half a grey level at most; as images, what so small a net paints would all be near mid-grey.
    config.training.learning_rate_refiner = 1e-6;
    let folder = start(&dir.path().join("run"), &config);
    run(&config, &folder);
    let refiner = TrainedRefiner::load(&folder, None, true, &Device::default()).unwrap();
    let synthetic = images(false).batch(&[0, 1, 2]);
    let refined = refiner.forward(synthetic.clone());
    let change = synthetic.iter().zip(&refined).map(|(a, b)| (a - b).abs());
    let most = change.fold(0.0, f32::max);
    assert!(most > 0.0 && most < 0.004, "{most}");
}
