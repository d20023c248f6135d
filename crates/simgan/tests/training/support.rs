//! Tiny nets, images and runs.

use burn::module::Module;
use burn::tensor::Device;
use simgan::algorithm_1::Algorithm1;
use simgan::algorithm_1::batches::Batches;
use simgan::algorithm_1::constants::Constants;
use simgan::discriminator::{DiscriminatorConfig, Layer};
use simgan::feature_transform::FeatureTransform;
use simgan::history_buffer::HistoryBuffer;
use simgan::nets::activation::Activation;
use simgan::nets::weights;
use simgan::parallel::ProcessGroup;
use simgan::refiner::RefinerConfig;
use simgan::stabilizers::Stabilizers;
use simgan::training::event_log;
use simgan::training::event_log::Event;
use simgan::training::{Config, RunDir, train};
use simgan_base::random::{Stream, generator};
use simgan_base::sampler::Position;
use simgan_data::Dataset;

pub const SHAPE: [usize; 3] = [1, 8, 10];
pub const IMAGES: usize = 12;

/// Smooth synthetic images, or real ones with stripes: easily told apart.
pub fn images(striped: bool) -> Dataset {
    let [_, height, width] = SHAPE;
    let mut pixels = Vec::new();
    for image in 0..IMAGES {
        for y in 0..height {
            for x in 0..width {
                let smooth = 60 + 7 * image + 3 * x + 2 * y;
                let stripe = if striped && x % 2 == 0 { 60 } else { 0 };
                pixels.push((smooth + stripe) as u8);
            }
        }
    }
    let names: Vec<String> = (0..IMAGES).map(|i| format!("images/{i:03}.png")).collect();
    Dataset::from_memory(names, SHAPE, pixels, None).unwrap()
}

pub fn config() -> Config {
    let mut config = Config {
        refiner: RefinerConfig {
            feature_maps: 4,
            blocks: 1,
            ..RefinerConfig::eyes()
        },
        discriminator: DiscriminatorConfig {
            activation: Activation::LeakyRelu,
            layers: vec![Layer::Convolution {
                feature_maps: 6,
                kernel_size: 3,
                stride: 2,
            }],
            ..DiscriminatorConfig::eyes()
        },
        ..Config::default()
    };
    config.training.steps = 6;
    config.training.batch_size = 4;
    config.training.refiner_warmup = 3;
    config.training.discriminator_warmup = 2;
    config.training.checkpoint_every = 2;
    config.training.checkpoints_kept = 0;
    config.training.log_every = 2;
    config.training.images_every = 3;
    config.history.size = 8;
    config.preprocessing.width = SHAPE[2];
    config.preprocessing.height = SHAPE[1];
    config
}

pub fn algorithm(lambda: f64) -> Algorithm1 {
    let config = config();
    let device = Device::default().autodiff();
    let mut rng = generator(3, Stream::RefinerWeights);
    Algorithm1 {
        refiner: config.refiner.init(1, &mut rng, &device),
        discriminator: config.discriminator.init(SHAPE, &mut rng, &device),
        average: None,
        refiner_optimizer: config.training.new_optimizer(),
        discriminator_optimizer: config.training.new_optimizer(),
        history: Some(HistoryBuffer::new(8, SHAPE.iter().product())),
        history_rng: generator(3, Stream::History),
        batches: Batches::new(4, images(false), images(true), 3, [Position::default(); 2]),
        psi: FeatureTransform::Identity,
        keypoints: None,
        areas: Default::default(),
        task_consistency: None,
        group: ProcessGroup::alone(),
        stabilizers: Stabilizers::default(),
        constants: Constants {
            lambda,
            k_g: 2,
            k_d: 1,
            average_decay: 0.0,
            learning_rate_refiner: 0.001,
            learning_rate_discriminator: 0.001,
        },
        device,
    }
}

pub fn bytes<M: Module>(network: &M) -> Vec<u8> {
    weights::to_bytes(network, Default::default()).unwrap()
}

pub fn start(folder: &std::path::Path, config: &Config) -> RunDir {
    RunDir::create(folder, config).unwrap()
}

pub fn run(config: &Config, run: &RunDir) -> simgan::training::Summary {
    let (synthetic, real) = (images(false), images(true));
    train(
        config,
        &synthetic,
        &real,
        run,
        &Device::default(),
        &mut |_, _| {},
    )
    .unwrap()
}

pub fn without_times(events: Vec<Event>) -> Vec<Event> {
    events
        .into_iter()
        .filter(|e| !matches!(e, Event::Started { .. }))
        .map(|mut event| {
            if let Event::Step { seconds, .. } | Event::Finished { seconds, .. } = &mut event {
                *seconds = 0.0;
            }
            event
        })
        .collect()
}

/// A run, and the same killed after iteration 5 and resumed: both end alike, to the bit. Returns the former.
pub fn assert_resumes(dir: &std::path::Path, config: &Config) -> RunDir {
    let whole = start(&dir.join("whole"), config);
    run(config, &whole);
    let broken = start(&dir.join("broken"), config);
    run(config, &broken);
    // The newest checkpoint is that of iteration 4.
    fs_err::remove_dir_all(broken.checkpoint(Some(6)).unwrap().1).unwrap();
    run(config, &broken);

    let (a, b) = (
        whole.checkpoint(None).unwrap(),
        broken.checkpoint(None).unwrap(),
    );
    assert_eq!((a.0, b.0), (6, 6));
    for name in [
        "refiner.safetensors",
        "refiner_average.safetensors",
        "discriminator.safetensors",
        "refiner_optimizer.safetensors",
        "discriminator_optimizer.safetensors",
        "history.safetensors",
        "state.json",
    ] {
        let read = |folder: &std::path::Path| fs_err::read(folder.join(name)).unwrap();
        assert!(read(&a.1) == read(&b.1), "{name} differs");
    }
    let log = |run: &RunDir| without_times(event_log::read(&run.events_file()).unwrap());
    assert_eq!(log(&whole), log(&broken));
    whole
}
