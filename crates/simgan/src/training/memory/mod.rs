//! How much memory a training takes, and whether the system has so much: better said before the first step than found out by
//! being killed.

use crate::keypoints::KeypointNetwork;
use crate::nets::graph::{Graph, Operation, numbers};
use crate::training::Config;
use crate::training::work::estimator_graph;
use simgan_base::{Error, Result};
use simgan_kernels::parts::weight_gradient_parts;

mod available;

pub use available::available;

/// The program, its libraries and threads, decoded images in use.
const PROGRAM: f64 = 64e6;
/// Side of a 3x3 kernel as Winograd's algorithm transforms it.
const TRANSFORMED: usize = 6;
/// Bytes of a number.
const NUMBER: f64 = 4.0;

/// What a training holds at its peak, in bytes, estimated from the shapes of its layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Whatever the size of mini-batches: weights, gradients, moments, the history.
    pub fixed: f64,
    /// For every image of a mini-batch: what layers keep for their gradients.
    pub an_image: f64,
}

impl Memory {
    /// Estimates a training of `config` on images `[channels, height, width]` on the CPU, with the kernels of this project.
    pub fn of(config: &Config, image_shape: [usize; 3]) -> Self {
        let training = &config.training;
        let copies = match training.average_decay > 0.0 {
            true => 5.0,
            false => 4.0,
        };
        let networks = [
            config.refiner.graph(image_shape),
            config.discriminator.graph(image_shape),
        ];
        let weights: u64 = networks.iter().map(Graph::parameters).sum();
        let held = held_estimator(config, image_shape).map_or(0, |graph| graph.parameters());
        let image = numbers(&image_shape) as f64;
        let history = match config.history.enabled {
            true => config.history.size as f64 * image,
            false => 0.0,
        };
        let scratch = largest_gradient(&networks, training.batch_size);
        Self {
            fixed: PROGRAM + NUMBER * (copies * weights as f64 + held as f64 + history + scratch),
            an_image: NUMBER * numbers_an_image(config, &networks, image_shape),
        }
    }

    /// With mini-batches of `batch_size`.
    pub fn bytes(&self, batch_size: usize) -> f64 {
        self.fixed + self.an_image * batch_size as f64
    }
}

/// Refuses a training for which there is too little memory where `processes` share every mini-batch. Where the system does not say
/// how much there is, none is.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config): what is needed, what there is, what to lower.
pub fn check(config: &Config, image_shape: [usize; 3], processes: usize) -> Result<()> {
    match available() {
        Some(available) => check_against(config, image_shape, processes, available as f64),
        None => Ok(()),
    }
}

fn check_against(
    config: &Config,
    image_shape: [usize; 3],
    processes: usize,
    available: f64,
) -> Result<()> {
    let memory = Memory::of(config, image_shape);
    let batch_size = config.training.batch_size;
    let needed = memory.bytes(batch_size / processes);
    if needed <= available {
        return Ok(());
    }
    let message = format!(
        "this training needs about {:.1} GB of memory, {:.1} GB are free: {:.2} GB for networks and history, {:.2} MB for each \
         image of `training.batch_size` ({batch_size})",
        needed / 1e9,
        available / 1e9,
        memory.fixed / 1e9,
        memory.an_image / 1e6,
    );
    let hint = match largest_batch(config, image_shape, processes, available) {
        0 => "lower refiner.feature_maps, refiner.blocks, history.size or the size of images"
            .to_owned(),
        fits => format!(
            "training.batch_size={fits} would fit; so would fewer refiner.feature_maps or refiner.blocks"
        ),
    };
    Err(Error::config(message).with_hint(hint))
}

/// The largest mini-batch below that of `config`, even for every one of `processes`, for which `available` bytes are enough; 0
/// where none is.
fn largest_batch(
    config: &Config,
    image_shape: [usize; 3],
    processes: usize,
    available: f64,
) -> usize {
    let step = 2 * processes;
    let fits = |steps: usize| {
        let mut config = config.clone();
        config.training.batch_size = steps * step;
        Memory::of(&config, image_shape).bytes(2 * steps) <= available
    };
    let (mut enough, mut too_many) = (0, config.training.batch_size.div_ceil(step));
    while too_many - enough > 1 {
        let middle = usize::midpoint(enough, too_many);
        match fits(middle) {
            true => enough = middle,
            false => too_many = middle,
        }
    }
    enough * step
}

/// Numbers of the largest weight gradient while it is summed, in parts.
fn largest_gradient(networks: &[Graph; 2], batch_size: usize) -> f64 {
    let nodes = networks.iter().flat_map(Graph::nodes);
    let gradients = nodes.map(|node| match node.operation {
        Operation::Convolution(window) => {
            let side = match window.kernel {
                3 => TRANSFORMED,
                kernel => kernel,
            };
            let [channels, height, width] = node.output;
            let parts = weight_gradient_parts(batch_size * height * width) as u64;
            parts * numbers(&[node.input[0], channels, side, side])
        }
        _ => 0,
    });
    gradients.max().unwrap_or(0) as f64
}

/// Numbers that an update holds at its peak for every image of its mini-batch: of R's, all that its layers keep and two
/// maps and five images more, and what D and the networks that find points or hold answers keep of the refined images; or of D's, which
/// sees two images for each. Measured peaks are 0.85 to 1.2 times as large (RELIABILITY.md).
fn numbers_an_image(
    config: &Config,
    [refiner, discriminator]: &[Graph; 2],
    image_shape: [usize; 3],
) -> f64 {
    let [channels, height, width] = image_shape;
    let working = numbers(&[
        2 * config.refiner.feature_maps + 5 * channels,
        height,
        width,
    ]);
    let refiner = (refiner.activations() + working) as f64;
    let discriminator = discriminator.activations() as f64;
    let points = match config.keypoints.points.len() {
        0 => 0.0,
        points => {
            let graph = KeypointNetwork::graph(image_shape, points);
            (graph.activations() + numbers(&graph.output())) as f64
        }
    };
    let held = held_estimator(config, image_shape).map_or(0, |graph| graph.activations()) as f64;
    (refiner + 2.0 * (discriminator + points + held)).max(3.5 * discriminator)
}

/// The network that the refiner's gradient flows through where it is held to the answers of an estimator.
fn held_estimator(config: &Config, image_shape: [usize; 3]) -> Option<Graph> {
    let holds = config.task_consistency.holds();
    holds.then(|| estimator_graph(config, image_shape))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discriminator::{DiscriminatorConfig, Scope};
    use crate::refiner::RefinerConfig;
    use burn::module::Module;
    use burn::tensor::Device;
    use simgan_base::random::{Stream, generator};

    #[test]
    fn parameters_are_counted_as_the_networks_do() {
        let device = Device::default();
        for scope in [Scope::Local, Scope::Global] {
            let (refiner, discriminator) = (
                RefinerConfig {
                    feature_maps: 5,
                    blocks: 2,
                    kernel_size: 5,
                    ..RefinerConfig::eyes()
                },
                DiscriminatorConfig {
                    scope,
                    ..DiscriminatorConfig::eyes()
                },
            );
            let shape = [3, 14, 18];
            let mut rng = generator(0, Stream::RefinerWeights);
            let r = refiner.init(3, &mut rng, &device).num_params();
            let d = discriminator.init(shape, &mut rng, &device).num_params();
            assert_eq!(refiner.graph(shape).parameters(), r as u64);
            assert_eq!(discriminator.graph(shape).parameters(), d as u64);
        }
    }

    #[test]
    fn the_papers_networks_take_what_their_shapes_say() {
        let memory = Memory::of(&Config::default(), [1, 35, 55]);
        // Eight maps of four blocks, that of the first layer, two more; six images.
        let refiner = (64 * 11 + 6) * 1925;
        let discriminator = 96 * 504 + (64 + 64 + 32 + 32) * 126;
        assert_eq!(
            memory.an_image,
            f64::from(4 * (refiner + 2 * discriminator))
        );
        let weights = f64::from(296_129 + 75_906);
        let history = f64::from(10_000 * 1925);
        // The second layer of D has the most weights of 3x3 kernels.
        let scratch = f64::from(8 * 96 * 64 * 36);
        let copies = (memory.fixed - PROGRAM) / NUMBER - history - scratch;
        assert_eq!(copies, 4.0 * weights);
    }

    #[test]
    fn an_estimator_whose_answers_are_held_takes_memory() {
        let (mut config, shape) = (Config::default(), [1, 35, 55]);
        let free = Memory::of(&config, shape);
        config.task_consistency.watch = true;
        assert_eq!(Memory::of(&config, shape), free);
        config.task_consistency.bias = 1.0;
        let held = Memory::of(&config, shape);
        // The paper's gaze network.
        assert_eq!(held.fixed - free.fixed, NUMBER * 9_816_659.0);
        assert!(held.an_image > free.an_image);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let mut config = Config::default();
        let shape = [1, 35, 55];
        check_against(&config, shape, 1, 1e9).unwrap();
        config.training.batch_size = 1_000_000;
        let error = check_against(&config, shape, 1, 1e9).unwrap_err();
        assert_eq!(error.kind(), simgan_base::ErrorKind::Config);
        assert!(error.to_string().contains("1.0 GB are free"), "{error}");
        let hint = error.hint().unwrap();
        let fits = hint.split_once("training.batch_size=").unwrap().1;
        let fits: usize = fits.split_once(' ').unwrap().0.parse().unwrap();
        config.training.batch_size = fits;
        check_against(&config, shape, 1, 1e9).unwrap();
        config.training.batch_size = fits + 2;
        check_against(&config, shape, 1, 1e9).unwrap_err();
        check_against(&config, shape, 2, 1e9).unwrap();
        let error = check_against(&config, shape, 1, 1e6).unwrap_err();
        assert!(error.hint().unwrap().contains("refiner.feature_maps"));
    }
}
