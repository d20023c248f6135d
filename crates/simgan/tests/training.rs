//! Algorithm 1 as a whole, on tiny nets and images: who learns from what, what a run leaves behind,
//! and that a resumed run goes on as if it had never stopped.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use burn::backend::Flex;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};
use simgan::algorithm_1::Algorithm1;
use simgan::algorithm_1::batches::Batches;
use simgan::algorithm_1::constants::Constants;
use simgan::algorithm_1::scalars::Scalars;
use simgan::discriminator::{DiscriminatorConfig, Layer};
use simgan::feature_transform::FeatureTransform;
use simgan::history_buffer::HistoryBuffer;
use simgan::nets::activation::Activation;
use simgan::nets::finite;
use simgan::nets::weights;
use simgan::refine::TrainedRefiner;
use simgan::refiner::{RefinerConfig, RefinerOutput};
use simgan::stabilizers::Stabilizers;
use simgan::stabilizers::adversarial_loss::AdversarialLossKind;
use simgan::stabilizers::augmentation::AugmentationKind;
use simgan::training::event_log;
use simgan::training::event_log::{Event, Phase};
use simgan::training::{Config, RunDir, train};
use simgan_base::random::{Stream, generator};
use simgan_base::sampler::Position;
use simgan_data::{Dataset, Labels};

const SHAPE: [usize; 3] = [1, 8, 10];
const IMAGES: usize = 12;

/// Smooth synthetic images, or real ones with stripes: easily told apart.
fn images(striped: bool) -> Dataset {
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

fn config() -> Config {
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

fn algorithm(lambda: f64) -> Algorithm1 {
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

fn bytes<M: Module>(network: &M) -> Vec<u8> {
    weights::to_bytes(network, Default::default()).unwrap()
}

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

fn start(folder: &std::path::Path, config: &Config) -> RunDir {
    RunDir::create(folder, config).unwrap()
}

fn run(config: &Config, run: &RunDir) -> simgan::training::Summary {
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

fn without_times(events: Vec<Event>) -> Vec<Event> {
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

#[test]
fn run_leaves_everything_behind() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let folder = start(&dir.path().join("run"), &config);
    let (synthetic, real) = (images(false), images(true));
    let mut steps = Vec::new();
    let summary = train(
        &config,
        &synthetic,
        &real,
        &folder,
        &Device::default(),
        &mut |_, progress| steps.push((progress.phase.unwrap(), progress.done)),
    )
    .unwrap();
    assert_eq!(summary.steps, 6);
    let expected: Vec<_> = (1..=3)
        .map(|i| (Phase::RefinerWarmup, i))
        .chain((1..=2).map(|i| (Phase::DiscriminatorWarmup, i)))
        .chain((1..=6).map(|i| (Phase::Adversarial, i)))
        .collect();
    assert_eq!(steps, expected);
    let checkpoints: Vec<usize> = folder.checkpoints().unwrap().iter().map(|c| c.0).collect();
    assert_eq!(checkpoints, [0, 2, 4, 6]);
    for step in [0, 3, 6] {
        assert!(
            folder
                .images()
                .join(format!("step_{step:08}.png"))
                .is_file()
        );
    }
    let events = event_log::read(&folder.events_file()).unwrap();
    assert!(matches!(
        events.last(),
        Some(Event::Finished { step: 6, .. })
    ));
    assert_eq!(folder.manifest().unwrap().real.images, IMAGES);
}

/// A run, and the same killed after iteration 5 and resumed: both end alike, to the bit. Returns the former.
fn assert_resumes(dir: &std::path::Path, config: &Config) -> RunDir {
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

#[test]
fn seeds_fix_a_run_and_resuming_does_not_change_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config();
    config.training.average_decay = 0.9;
    let whole = assert_resumes(dir.path(), &config);
    config.training.seed = 1;
    let other = start(&dir.path().join("other"), &config);
    run(&config, &other);
    let refiner = |run: &RunDir| {
        fs_err::read(run.checkpoint(None).unwrap().1.join("refiner.safetensors")).unwrap()
    };
    assert_ne!(refiner(&whole), refiner(&other));
}

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

#[test]
fn other_data_are_refused_on_resume() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let folder = start(&dir.path().join("run"), &config);
    run(&config, &folder);
    let (swapped, real) = (images(true), images(true));
    let error = train(
        &config,
        &swapped,
        &real,
        &folder,
        &Device::default(),
        &mut |_, _| {},
    );
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("synthetic images differ")
    );
}

#[test]
fn checkpoints_of_another_format_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let folder = start(&dir.path().join("run"), &config);
    run(&config, &folder);
    for (_, checkpoint) in folder.checkpoints().unwrap() {
        let manifest = checkpoint.join("manifest.json");
        let text = fs_err::read_to_string(&manifest).unwrap();
        assert!(text.contains("\"format\": 3,"));
        fs_err::write(&manifest, text.replace("\"format\": 3,", "\"format\": 2,")).unwrap();
    }
    let (synthetic, real) = (images(false), images(true));
    let device = Device::default();
    let error = train(&config, &synthetic, &real, &folder, &device, &mut |_, _| {}).unwrap_err();
    assert_eq!(error.kind(), simgan_base::ErrorKind::Model);
    assert!(
        error.to_string().contains("is of format 2, not 3"),
        "{error}"
    );
}

#[test]
fn checkpoints_without_a_manifest_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let folder = start(&dir.path().join("run"), &config);
    run(&config, &folder);
    for (_, checkpoint) in folder.checkpoints().unwrap() {
        fs_err::remove_file(checkpoint.join("manifest.json")).unwrap();
        let state = checkpoint.join("state.json");
        let text = fs_err::read_to_string(&state).unwrap();
        fs_err::write(&state, text.replace("\"format\": 3,", "\"format\": 2,")).unwrap();
    }
    let loaded = TrainedRefiner::load(&folder, None, true, &Device::default());
    let error = loaded.err().unwrap().to_string();
    assert!(error.contains("manifest.json is missing"), "{error}");
}

#[test]
fn exploding_training_stops_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config();
    config.training.learning_rate_discriminator = 1e38;
    let folder = start(&dir.path().join("run"), &config);
    let (synthetic, real) = (images(false), images(true));
    let error = train(
        &config,
        &synthetic,
        &real,
        &folder,
        &Device::default(),
        &mut |_, _| {},
    )
    .unwrap_err();
    assert_eq!(error.kind(), simgan_base::ErrorKind::Training);
    assert!(error.to_string().contains("step"), "{error}");
}

#[test]
fn refined_images_keep_names_order_and_labels_and_change() {
    let dir = tempfile::tempdir().unwrap();
    let config = config();
    let folder = start(&dir.path().join("run"), &config);
    run(&config, &folder);
    let refiner = TrainedRefiner::load(&folder, None, true, &Device::default()).unwrap();

    let csv = "file,class\r\n\"images/000.png\",1.50\r\nimages/001.png, 2\r\nimages/002.png,x\r\n";
    let labels = Labels::parse(csv.as_bytes().to_vec(), "labels.csv").unwrap();
    let pixels: Vec<u8> = (0..3)
        .flat_map(|i| images(false).pixels(i).to_vec())
        .collect();
    let names = (0..3).map(|i| format!("images/{i:03}.png")).collect();
    let input = Dataset::from_memory(names, SHAPE, pixels, Some(labels)).unwrap();

    let output = dir.path().join("refined");
    let summary = refiner.refine(&input, &output, 2, &mut |_, _| {}).unwrap();
    assert_eq!((summary.images, summary.unchanged), (3, 0));
    assert!(summary.mean_absolute_change > 0.0);
    assert_eq!(
        fs_err::read(output.join("labels.csv")).unwrap(),
        csv.as_bytes()
    );
    let again = Dataset::open(
        &output.display().to_string(),
        &config.preprocessing,
        &simgan_data::OpenOptions {
            cache_dir: Some(dir.path().join("cache")),
            ..Default::default()
        },
    )
    .unwrap();
    assert_eq!(again.len(), 3);
    for i in 0..3 {
        assert_eq!(again.name(i), input.name(i));
        assert_ne!(
            again.pixels(i),
            input.pixels(i),
            "image {i} came out as it went in"
        );
    }
    let again = refiner.refine(&input, &output, 3, &mut |_, _| {}).unwrap();
    assert!(again.complete && (again.images, again.found) == (0, 3));
    let error = refiner
        .refine(&images(false), &output, 2, &mut |_, _| {})
        .unwrap_err();
    assert!(error.to_string().contains("not an empty folder"));
}

/// A run's refiner; 16 maps take another algorithm than the 4 of [`config`].
fn trained(dir: &std::path::Path) -> TrainedRefiner {
    let mut config = config();
    config.refiner.feature_maps = 16;
    config.training.steps = 1;
    let folder = start(&dir.join("run"), &config);
    run(&config, &folder);
    TrainedRefiner::load(&folder, None, true, &Device::default()).unwrap()
}

/// Names and contents of the images in a refined folder.
fn contents(folder: &std::path::Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let files = fs_err::read_dir(folder.join("images")).unwrap();
    let mut files: Vec<_> = files
        .map(|file| file.unwrap())
        .map(|file| (file.file_name(), fs_err::read(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn refined_bytes_do_not_depend_on_the_batch_size() {
    let dir = tempfile::tempdir().unwrap();
    let refiner = trained(dir.path());
    let mut folders = Vec::new();
    for batch_size in [1, 3, 5, 8, 64] {
        let output = dir.path().join(format!("refined_{batch_size}"));
        let mut done = Vec::new();
        let mut progress = |images, _| done.push(images);
        let summary = refiner
            .refine(&images(false), &output, batch_size, &mut progress)
            .unwrap();
        assert_eq!((summary.images, done.last()), (IMAGES, Some(&IMAGES)));
        assert!(done.is_sorted() && summary.net_seconds <= summary.seconds);
        folders.push(contents(&output));
    }
    assert_eq!(folders[0].len(), IMAGES);
    assert!(folders.iter().all(|folder| *folder == folders[0]));
}

#[test]
fn refining_that_fails_in_the_middle_leaves_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    let refiner = trained(dir.path());
    // The seventh image has to lie below the sixth, which is a file.
    let mut names: Vec<String> = (0..IMAGES).map(|i| format!("images/{i:03}.png")).collect();
    names[6] = "images/005.png/006.png".to_owned();
    let pixels = vec![100; IMAGES * SHAPE.iter().product::<usize>()];
    let input = Dataset::from_memory(names, SHAPE, pixels, None).unwrap();
    let output = dir.path().join("refined");
    for batch_size in [1, 5, 64] {
        let error = refiner
            .refine(&input, &output, batch_size, &mut |_, _| {})
            .unwrap_err();
        assert!(error.to_string().contains("005.png"), "{error}");
        assert!(!output.exists());
    }
    let sound = images(false);
    refiner.refine(&sound, &output, 5, &mut |_, _| {}).unwrap();
    assert_eq!(contents(&output).len(), IMAGES, "nothing is left over");
}

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

#[test]
fn the_nearest_checkpoint_is_kept_besides_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config();
    config.training.checkpoint_every = 1;
    config.training.checkpoints_kept = 1;
    config.training.keep_best = true;
    let folder = start(dir.path(), &config);
    run(&config, &folder);
    let distances: Vec<(usize, f32)> = event_log::read(&folder.events_file())
        .unwrap()
        .into_iter()
        .filter_map(|event| match event {
            Event::Checkpoint {
                step,
                kernel_distance,
                ..
            } => Some((step, kernel_distance.unwrap())),
            _ => None,
        })
        .collect();
    assert_eq!(distances.len(), 7);
    let best = distances
        .iter()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap()
        .0;
    assert_eq!(folder.best_checkpoint().unwrap(), best);
    let kept: Vec<usize> = folder.checkpoints().unwrap().iter().map(|c| c.0).collect();
    let mut expected = vec![best, 6];
    expected.dedup();
    assert_eq!(kept, expected);
}
