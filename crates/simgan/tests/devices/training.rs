//! Ten iterations of Algorithm 1, with history and clipping, by both optimizers.

use burn::tensor::Device;
use simgan::algorithm_1::Algorithm1;
use simgan::algorithm_1::batches::Batches;
use simgan::algorithm_1::constants::Constants;
use simgan::discriminator::{DiscriminatorConfig, Layer};
use simgan::feature_transform::FeatureTransform;
use simgan::history_buffer::HistoryBuffer;
use simgan::nets::optimizer::OptimizerKind;
use simgan::nets::weights;
use simgan::parallel::ProcessGroup;
use simgan::refiner::RefinerConfig;
use simgan::stabilizers::Stabilizers;
use simgan::training::config::TrainingConfig;
use simgan_base::random::{Stream, generator};
use simgan_base::sampler::Position;
use simgan_data::Dataset;

use crate::support::*;

const SHAPE: [usize; 3] = [1, 16, 20];
const IMAGES: usize = 12;
const ITERATIONS: usize = 10;

/// Smooth images, or with stripes.
fn images(striped: bool) -> Dataset {
    let [_, height, width] = SHAPE;
    let pixel = |i: usize| {
        let (image, y, x) = (i / (height * width), i / width % height, i % width);
        let stripe = if striped && x % 2 == 0 { 60 } else { 0 };
        (40 + 6 * image + 3 * x + 2 * y + stripe) as u8
    };
    let pixels = (0..IMAGES * height * width).map(pixel).collect();
    let names = (0..IMAGES).map(|i| format!("{i}.png")).collect();
    Dataset::from_memory(names, SHAPE, pixels, None).unwrap()
}

fn algorithm(optimizer: OptimizerKind, device: &Device) -> Algorithm1 {
    let learning_rate = match optimizer {
        OptimizerKind::Sgd => 0.01,
        OptimizerKind::Adam => 0.0005,
    };
    let training = TrainingConfig {
        optimizer,
        gradient_clip: 0.5,
        learning_rate_refiner: learning_rate,
        learning_rate_discriminator: learning_rate,
        ..TrainingConfig::default()
    };
    let layer = |feature_maps, stride| Layer::Convolution {
        feature_maps,
        kernel_size: 3,
        stride,
    };
    let refiner = RefinerConfig {
        feature_maps: 8,
        blocks: 2,
        ..RefinerConfig::eyes()
    };
    let discriminator = DiscriminatorConfig {
        layers: vec![layer(8, 2), layer(6, 1)],
        ..DiscriminatorConfig::eyes()
    };
    let mut rng = generator(3, Stream::RefinerWeights);
    Algorithm1 {
        refiner: refiner.init(1, &mut rng, device),
        discriminator: discriminator.init(SHAPE, &mut rng, device),
        average: None,
        refiner_optimizer: training.new_optimizer(),
        discriminator_optimizer: training.new_optimizer(),
        history: Some(HistoryBuffer::new(8, SHAPE.iter().product())),
        history_rng: generator(3, Stream::History),
        batches: Batches::new(4, images(false), images(true), 3, [Position::default(); 2]),
        psi: FeatureTransform::Identity,
        keypoints: None,
        areas: Default::default(),
        task_consistency: None,
        stabilizers: Stabilizers::default(),
        constants: Constants {
            k_g: 2,
            ..training.constants()
        },
        group: ProcessGroup::alone(),
        device: device.clone(),
    }
}

/// The curves of a training, and the weights at its end.
fn trained(optimizer: OptimizerKind, device: &Device) -> Found {
    let mut algorithm = algorithm(optimizer, device);
    let [mut of_refiner, mut of_discriminator, mut norms] = [const { Vec::new() }; 3];
    for _ in 0..ITERATIONS {
        let scalars = algorithm.iteration().unwrap();
        of_refiner.extend(scalars.refiner_loss);
        of_discriminator.extend(scalars.discriminator_loss);
        norms.extend(scalars.refiner_gradient_norm);
    }
    let bytes = weights::named(&algorithm.refiner);
    let values = bytes.iter().flat_map(|(_, _, bytes)| bytes.as_chunks().0);
    let weights = values.map(|v| f32::from_le_bytes(*v)).collect();
    vec![
        ("R's loss", of_refiner),
        ("D's loss", of_discriminator),
        ("norm of R's gradient", norms),
        ("R's weights", weights),
    ]
}

/// Adam divides by small gradients, and so magnifies rounding.
const TRAINED: [(OptimizerKind, f32); 2] = [
    (OptimizerKind::Sgd, 10.0 * F32),
    (OptimizerKind::Adam, 50.0 * F32),
];

#[test]
fn ten_iterations_go_the_same_way() {
    for (optimizer, tolerance) in TRAINED {
        println!("{optimizer:?}");
        compare(tolerance, |device| trained(optimizer, device));
    }
}

#[test]
fn ten_iterations_in_half_precision_stay_near() {
    for (precision, tolerance) in LOWER {
        println!("{precision}");
        compare_in(precision, 2.0 * tolerance, |device| {
            trained(OptimizerKind::Sgd, device)
        });
    }
}
