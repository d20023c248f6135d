//! Agreement with PyTorch: outputs, losses, gradients and ten iterations of Algorithm 1.
//! The numbers in `golden/` come from `scripts/golden.py`, which says what they are.

#![allow(clippy::unwrap_used)]

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use safetensors::SafeTensors;
use simgan::algorithm_1::Algorithm1;
use simgan::algorithm_1::batches::Batches;
use simgan::algorithm_1::constants::Constants;
use simgan::discriminator::{Discriminator, DiscriminatorConfig, Layer, Scope};
use simgan::feature_transform::FeatureTransform;
use simgan::losses::local_adversarial;
use simgan::losses::self_regularization::self_regularization;
use simgan::nets::activation::Activation;
use simgan::nets::optimizer::OptimizerKind;
use simgan::nets::parameter_path::ParameterPath;
use simgan::nets::weights;
use simgan::parallel::ProcessGroup;
use simgan::refiner::{Refiner, RefinerConfig};
use simgan::stabilizers::Stabilizers;
use simgan::training::config::TrainingConfig;
use simgan_base::random::{Stream, generator};
use simgan_base::sampler::Position;
use simgan_data::Dataset;

/// Bound of the relative error: of the largest difference to the largest magnitude of a tensor.
const TOLERANCE: f32 = 1e-4;
const LAMBDA: f64 = 0.7;

struct Case {
    bytes: Vec<u8>,
    optimizer: OptimizerKind,
    scope: Scope,
    psi: FeatureTransform,
    channels: usize,
    gradient_clip: f64,
}

impl Case {
    fn read(name: &str) -> Vec<u8> {
        // Of the time it runs: `scripts/device_check.sh` carries the program to another machine.
        let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap();
        fs_err::read(format!("{folder}/tests/golden/{name}.safetensors")).unwrap()
    }

    fn file(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.bytes).unwrap()
    }

    fn expected(&self, name: &str) -> Vec<f32> {
        weights::tensor_values(&self.file(), name, "golden")
            .unwrap()
            .1
    }

    fn pixels(&self, side: &str) -> (Vec<u8>, [usize; 4]) {
        let file = self.file();
        let view = file.tensor(side).unwrap();
        let shape: [usize; 4] = view.shape().try_into().unwrap();
        (view.data().to_vec(), shape)
    }

    fn images(&self, side: &str) -> Tensor<4> {
        let (pixels, shape) = self.pixels(side);
        let values: Vec<f32> = pixels.iter().map(|&v| f32::from(v) / 127.5 - 1.0).collect();
        Tensor::from_data(TensorData::new(values, shape), &device())
    }

    fn dataset(&self, side: &str) -> Dataset {
        let (pixels, [n, c, h, w]) = self.pixels(side);
        let names = (0..n).map(|i| format!("{i}.png")).collect();
        Dataset::from_memory(names, [c, h, w], pixels, None).unwrap()
    }

    /// The nets with PyTorch's weights.
    fn networks(&self) -> (Refiner, Discriminator) {
        let config = RefinerConfig {
            feature_maps: 6,
            blocks: 2,
            activation: Activation::Silu,
            ..RefinerConfig::eyes()
        };
        let mut rng = generator(0, Stream::RefinerWeights);
        let refiner = config.init(self.channels, &mut rng, &device());
        let (_, [_, c, h, w]) = self.pixels("synthetic");
        let discriminator = self
            .discriminator_config()
            .init([c, h, w], &mut rng, &device());
        (
            self.load(refiner, "refiner"),
            self.load(discriminator, "discriminator"),
        )
    }

    fn discriminator_config(&self) -> DiscriminatorConfig {
        let convolution = |feature_maps, kernel_size, stride| Layer::Convolution {
            feature_maps,
            kernel_size,
            stride,
        };
        DiscriminatorConfig {
            scope: self.scope,
            activation: Activation::Silu,
            layers: vec![
                convolution(8, 3, 2),
                convolution(6, 3, 2),
                Layer::MaxPool {
                    kernel_size: 3,
                    stride: 1,
                },
                convolution(5, 3, 1),
                convolution(5, 1, 1),
            ],
            ..DiscriminatorConfig::eyes()
        }
    }

    /// Loads the tensors below `prefix` through a weights file, as a checkpoint would.
    fn load<M: Module>(&self, network: M, prefix: &str) -> M {
        let file = self.file();
        let tensors: Vec<_> = file
            .tensors()
            .into_iter()
            .filter_map(|(name, view)| {
                Some((name.strip_prefix(&format!("{prefix}."))?.to_owned(), view))
            })
            .map(|(name, view)| transposed(name, view))
            .collect();
        let views: Vec<_> = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                let dtype = safetensors::Dtype::F32;
                let view = safetensors::tensor::TensorView::new(dtype, shape.clone(), bytes);
                (name.clone(), view.unwrap())
            })
            .collect();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("weights.safetensors");
        fs_err::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
        weights::load(network, &path).unwrap()
    }

    fn training(&self) -> TrainingConfig {
        let learning_rate = match self.optimizer {
            OptimizerKind::Sgd => 0.01,
            OptimizerKind::Adam => 0.001,
        };
        TrainingConfig {
            optimizer: self.optimizer,
            momentum: 0.9,
            adam_beta_1: 0.5,
            gradient_clip: self.gradient_clip,
            learning_rate_refiner: learning_rate,
            learning_rate_discriminator: learning_rate,
            ..TrainingConfig::default()
        }
    }

    fn algorithm(&self) -> Algorithm1 {
        let (refiner, discriminator) = self.networks();
        let training = self.training();
        let (_, [batch, ..]) = self.pixels("synthetic");
        Algorithm1 {
            refiner,
            discriminator,
            average: None,
            refiner_optimizer: training.new_optimizer(),
            discriminator_optimizer: training.new_optimizer(),
            history: None,
            history_rng: generator(0, Stream::History),
            batches: Batches::new(
                batch,
                self.dataset("synthetic"),
                self.dataset("real"),
                0,
                [Position::default(); 2],
            ),
            psi: self.psi.clone(),
            keypoints: None,
            areas: Default::default(),
            task_consistency: None,
            group: ProcessGroup::alone(),
            stabilizers: Stabilizers::default(),
            constants: Constants {
                lambda: LAMBDA,
                k_g: 2,
                k_d: 1,
                average_decay: 0.0,
                learning_rate_refiner: training.learning_rate_refiner,
                learning_rate_discriminator: training.learning_rate_discriminator,
            },
            device: device(),
        }
    }
}

fn device() -> Device {
    Device::default().autodiff()
}

/// PyTorch keeps linear weights as `[out, in]`, Burn as `[in, out]`.
fn transposed(
    name: String,
    view: safetensors::tensor::TensorView,
) -> (String, Vec<usize>, Vec<u8>) {
    let [rows, columns] = view.shape() else {
        return (name, view.shape().to_vec(), view.data().to_vec());
    };
    let bytes = (0..*columns)
        .flat_map(|c| (0..*rows).map(move |r| (r * columns + c) * 4))
        .flat_map(|at| view.data()[at..at + 4].to_vec())
        .collect();
    (name, vec![*columns, *rows], bytes)
}

fn assert_close(what: &str, ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len(), "{what}: sizes");
    let scale = theirs.iter().fold(1e-6f32, |m, v| m.max(v.abs()));
    let worst = ours
        .iter()
        .zip(theirs)
        .fold(0f32, |m, (a, b)| m.max((a - b).abs()));
    assert!(
        worst <= TOLERANCE * scale,
        "{what}: off by {worst:e} of {scale:e}"
    );
}

/// Calls `check(name, values)` for every parameter, linear weights turned to PyTorch's layout.
struct ForEach<'a, F: FnMut(String, Vec<f32>)> {
    path: ParameterPath,
    gradients: Option<&'a GradientsParams>,
    check: F,
}

impl<F: FnMut(String, Vec<f32>)> ModuleVisitor for ForEach<'_, F> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let mut values = match self.gradients {
            Some(gradients) => gradients
                .get::<D>(param.id)
                .expect("every parameter has a gradient"),
            None => param.val().inner(),
        };
        if D == 2 {
            values = values.swap_dims(0, 1);
        }
        (self.check)(self.path.name(), values.into_data().iter::<f32>().collect());
    }
}

fn check_parameters<M: Module>(
    case: &Case,
    network: &M,
    gradients: Option<&GradientsParams>,
    prefix: &str,
) {
    let mut seen = 0;
    network.visit(&mut ForEach {
        path: ParameterPath::default(),
        gradients,
        check: |name, values: Vec<f32>| {
            seen += 1;
            let name = format!("{prefix}.{name}");
            assert_close(&name, &values, &case.expected(&name));
        },
    });
    assert!(seen > 5, "{prefix}: only {seen} parameters");
}

fn check_one_step(case: &Case) {
    let (refiner, discriminator) = case.networks();
    let (synthetic, real) = (case.images("synthetic"), case.images("real"));
    let refined = refiner.forward(synthetic.clone());
    let flat = |t: Tensor<4>| t.into_data().iter::<f32>().collect::<Vec<_>>();
    assert_close("refined", &flat(refined.clone()), &case.expected("refined"));
    let logits = discriminator.forward(synthetic.clone());
    assert_close("logits", &flat(logits), &case.expected("logits"));

    let d_loss = local_adversarial::discriminator_loss(
        discriminator.forward(refined.clone().detach()),
        discriminator.forward(real),
    );
    let adversarial =
        local_adversarial::refiner_loss(discriminator.clone().no_grad().forward(refined.clone()));
    let regularization = self_regularization(&case.psi, refined, synthetic);
    let total = adversarial.clone() + regularization.clone() * LAMBDA;
    let losses = [&adversarial, &regularization, &total, &d_loss]
        .map(|loss| loss.clone().into_scalar::<f32>());
    assert_close("losses", &losses, &case.expected("losses"));

    let gradients = GradientsParams::from_grads(total.backward(), &refiner);
    check_parameters(case, &refiner, Some(&gradients), "gradient.refiner");
    let gradients = GradientsParams::from_grads(d_loss.backward(), &discriminator);
    check_parameters(
        case,
        &discriminator,
        Some(&gradients),
        "gradient.discriminator",
    );
}

fn check_ten_iterations(case: &Case) {
    let mut algorithm = case.algorithm();
    let mut trace = Vec::new();
    for _ in 0..10 {
        let scalars = algorithm.iteration().unwrap();
        trace.push(scalars.refiner_loss.unwrap());
        trace.push(scalars.discriminator_loss.unwrap());
    }
    assert_close("trace", &trace, &case.expected("trace"));
    check_parameters(case, &algorithm.refiner, None, "trained.refiner");
    check_parameters(
        case,
        &algorithm.discriminator,
        None,
        "trained.discriminator",
    );
}

/// Compares the gradients of L_R and L_D along random directions with central differences of the losses.
fn check_finite_differences(case: &Case) {
    let (refiner, discriminator) = case.networks();
    let (synthetic, real) = (case.images("synthetic"), case.images("real"));
    let refiner_loss = |refiner: &Refiner| {
        let refined = refiner.forward(synthetic.clone());
        let fixed = discriminator.clone().no_grad();
        local_adversarial::refiner_loss(fixed.forward(refined.clone()))
            + self_regularization(&case.psi, refined, synthetic.clone()) * LAMBDA
    };
    let discriminator_loss = |discriminator: &Discriminator| {
        local_adversarial::discriminator_loss(
            discriminator.forward(synthetic.clone()),
            discriminator.forward(real.clone()),
        )
    };
    for seed in 0..3 {
        assert_slope(&refiner, refiner_loss, seed);
        assert_slope(&discriminator, discriminator_loss, seed);
    }
}

fn assert_slope<M: Module>(network: &M, loss: impl Fn(&M) -> Tensor<1>, seed: u64) {
    let gradients = GradientsParams::from_grads(loss(network).backward(), network);
    let mut slope = Slope {
        direction: generator(seed, Stream::RefinerWeights),
        gradients: &gradients,
        slope: 0.0,
    };
    network.visit(&mut slope);
    let at = |distance: f32| -> f64 {
        let direction = generator(seed, Stream::RefinerWeights);
        let moved = network.clone().map(&mut Move {
            direction,
            distance,
        });
        loss(&moved).into_scalar::<f32>().into()
    };
    let step = 2e-3;
    let measured = (at(step) - at(-step)) / (2.0 * f64::from(step));
    assert!(
        (measured - slope.slope).abs() < 1e-2 * slope.slope.abs() + 1e-3,
        "gradient says {}, differences say {measured}",
        slope.slope
    );
}

/// The derivative along a random direction: the sum of gradient times direction.
struct Slope<'a> {
    direction: rand_chacha::ChaCha8Rng,
    gradients: &'a GradientsParams,
    slope: f64,
}

impl ModuleVisitor for Slope<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.gradients.get::<D>(param.id).unwrap().into_data();
        for value in gradient.iter::<f32>() {
            self.slope += f64::from(value * self.direction.random_range(-1.0..1.0f32));
        }
    }
}

/// Moves every weight along the same direction.
struct Move {
    direction: rand_chacha::ChaCha8Rng,
    distance: f32,
}

impl ModuleMapper for Move {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|weights| {
            let shape = weights.dims();
            let moves: Vec<f32> = (0..shape.iter().product())
                .map(|_| self.distance * self.direction.random_range(-1.0..1.0f32))
                .collect();
            let moves = Tensor::from_data(TensorData::new(moves, shape), &weights.device());
            (weights + moves).detach().require_grad()
        })
    }
}

fn check(case: &Case) {
    check_finite_differences(case);
    check_one_step(case);
    check_ten_iterations(case);
}

#[test]
fn sgd_local_identity() {
    check(&Case {
        bytes: Case::read("sgd_local_identity"),
        optimizer: OptimizerKind::Sgd,
        scope: Scope::Local,
        psi: FeatureTransform::Identity,
        channels: 1,
        gradient_clip: 0.0,
    });
}

#[test]
fn adam_global_derivatives() {
    check(&Case {
        bytes: Case::read("adam_global_derivatives"),
        optimizer: OptimizerKind::Adam,
        scope: Scope::Global,
        psi: FeatureTransform::ImageDerivatives,
        channels: 1,
        gradient_clip: 0.0,
    });
}

#[test]
fn adam_local_channel_mean_clip() {
    check(&Case {
        bytes: Case::read("adam_local_channel_mean_clip"),
        optimizer: OptimizerKind::Adam,
        scope: Scope::Local,
        psi: FeatureTransform::ChannelMean,
        channels: 3,
        gradient_clip: 0.1,
    });
}
