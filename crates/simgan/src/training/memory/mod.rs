//! How much memory a training takes, and whether the system has so much: better said before the first step than found out by
//! being killed.

use crate::discriminator::{DiscriminatorConfig, Layer, Scope};
use crate::keypoints::KeypointNetwork;
use crate::refiner::RefinerConfig;
use crate::training::Config;
use simgan_base::{Error, Result};

mod available;

pub use available::available;

/// The program, its libraries and threads, decoded images in use.
const PROGRAM: f64 = 64e6;
/// In which a layer's weight gradient is summed.
const PARTS: f64 = 8.0;
/// Numbers of a 3x3 kernel as Winograd's algorithm transforms it.
const TRANSFORMED: usize = 6 * 6;
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
        let weights = refiner_parameters(&config.refiner, image_shape[0])
            + discriminator_parameters(&config.discriminator, image_shape);
        let image = product(&image_shape);
        let history = match config.history.enabled {
            true => config.history.size as f64 * image,
            false => 0.0,
        };
        let scratch = PARTS * largest_gradient(config, image_shape[0]);
        Self {
            fixed: PROGRAM + NUMBER * (copies * weights + history + scratch),
            an_image: NUMBER * numbers_an_image(config, image_shape),
        }
    }

    /// With mini-batches of `batch_size`.
    pub fn bytes(&self, batch_size: usize) -> f64 {
        self.fixed + self.an_image * batch_size as f64
    }

    /// The largest mini-batch, an even number, for which `bytes` are enough.
    fn batch_within(&self, bytes: f64) -> usize {
        let images = (bytes - self.fixed) / self.an_image;
        (images / 2.0).max(0.0) as usize * 2
    }
}

/// Refuses a training for which there is too little memory. Where the system does not say how much there is, none is.
///
/// # Errors
/// Of kind [`Config`](simgan_base::ErrorKind::Config): what is needed, what there is, what to lower.
pub fn check(config: &Config, image_shape: [usize; 3]) -> Result<()> {
    match available() {
        Some(available) => check_against(config, image_shape, available as f64),
        None => Ok(()),
    }
}

fn check_against(config: &Config, image_shape: [usize; 3], available: f64) -> Result<()> {
    let memory = Memory::of(config, image_shape);
    let batch_size = config.training.batch_size;
    let needed = memory.bytes(batch_size);
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
    let hint = match memory.batch_within(available) {
        0 => "lower refiner.feature_maps, refiner.blocks, history.size or the size of images"
            .to_owned(),
        fits => format!(
            "training.batch_size={fits} would fit; so would fewer refiner.feature_maps or refiner.blocks"
        ),
    };
    Err(Error::config(message).with_hint(hint))
}

fn product(sizes: &[usize]) -> f64 {
    sizes.iter().map(|&size| size as f64).product()
}

/// Weights and biases of a convolution.
fn convolution(inputs: usize, outputs: usize, kernel: usize) -> f64 {
    product(&[inputs, outputs, kernel, kernel]) + outputs as f64
}

fn refiner_parameters(refiner: &RefinerConfig, channels: usize) -> f64 {
    let maps = refiner.feature_maps;
    convolution(channels, maps, refiner.kernel_size)
        + 2.0 * refiner.blocks as f64 * convolution(maps, maps, refiner.block_kernel_size)
        + convolution(maps, channels, 1)
}

/// Numbers of the largest weight gradient while it is computed.
fn largest_gradient(config: &Config, channels: usize) -> f64 {
    let refiner = &config.refiner;
    let numbers = |inputs: usize, outputs: usize, kernel: usize| match kernel {
        3 => product(&[inputs, outputs, TRANSFORMED]),
        kernel => product(&[inputs, outputs, kernel, kernel]),
    };
    let first = numbers(channels, refiner.feature_maps, refiner.kernel_size);
    let blocks = match refiner.blocks {
        0 => 0.0,
        _ => numbers(
            refiner.feature_maps,
            refiner.feature_maps,
            refiner.block_kernel_size,
        ),
    };
    let hidden = maps(&config.discriminator, [channels, 1, 1]);
    hidden.fold(
        first.max(blocks),
        |largest, (layer, input, output)| match layer {
            Layer::Convolution { kernel_size, .. } => {
                largest.max(numbers(input[0], output[0], kernel_size))
            }
            Layer::MaxPool { .. } => largest,
        },
    )
}

/// Channels, height and width of what comes in and out of D's layers.
fn maps(
    discriminator: &DiscriminatorConfig,
    image_shape: [usize; 3],
) -> impl Iterator<Item = (Layer, [usize; 3], [usize; 3])> {
    let mut shape = image_shape;
    discriminator.layers.iter().map(move |&layer| {
        let (outputs, stride) = match layer {
            Layer::Convolution {
                feature_maps,
                stride,
                ..
            } => (feature_maps, stride),
            Layer::MaxPool { stride, .. } => (shape[0], stride),
        };
        let [_, height, width] = shape;
        let out = [outputs, (height - 1) / stride + 1, (width - 1) / stride + 1];
        (layer, std::mem::replace(&mut shape, out), out)
    })
}

fn discriminator_parameters(discriminator: &DiscriminatorConfig, image_shape: [usize; 3]) -> f64 {
    let hidden = maps(discriminator, image_shape).map(|(layer, input, _)| match layer {
        Layer::Convolution {
            feature_maps,
            kernel_size,
            ..
        } => convolution(input[0], feature_maps, kernel_size),
        Layer::MaxPool { .. } => 0.0,
    });
    let last = maps(discriminator, image_shape).last();
    let last = last.map_or(image_shape, |(_, _, output)| output);
    let outputs = match discriminator.scope {
        Scope::Local => convolution(last[0], 2, 1),
        Scope::Global => 2.0 * product(&last) + 2.0,
    };
    hidden.sum::<f64>() + outputs
}

/// Numbers that an update holds at its peak for every image of its mini-batch: of R's, all that its layers keep and three
/// maps more, and what D and the network that finds points keep of the refined images; or of D's, which sees two images
/// for each. Measured peaks are 0.85 to 1.2 times as large (RELIABILITY.md).
fn numbers_an_image(config: &Config, image_shape: [usize; 3]) -> f64 {
    let [channels, height, width] = image_shape;
    let refiner = &config.refiner;
    let kept = refiner.feature_maps * (2 * refiner.blocks + 3) + 6 * channels;
    let refiner = product(&[kept, height, width]);
    let discriminator: f64 = maps(&config.discriminator, image_shape)
        .map(|(_, _, output)| product(&output))
        .sum();
    let points = match config.keypoints.points.len() {
        0 => 0.0,
        points => KeypointNetwork::numbers_an_image([height, width], points) as f64,
    };
    (refiner + 2.0 * (discriminator + points)).max(3.5 * discriminator)
}

#[cfg(test)]
mod tests {
    use super::*;
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
            assert_eq!(refiner_parameters(&refiner, 3), r as f64);
            assert_eq!(discriminator_parameters(&discriminator, shape), d as f64);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let mut config = Config::default();
        let shape = [1, 35, 55];
        check_against(&config, shape, 1e9).unwrap();
        config.training.batch_size = 1_000_000;
        let error = check_against(&config, shape, 1e9).unwrap_err();
        assert_eq!(error.kind(), simgan_base::ErrorKind::Config);
        assert!(error.to_string().contains("1.0 GB are free"), "{error}");
        let hint = error.hint().unwrap();
        let fits = hint.split_once("training.batch_size=").unwrap().1;
        let fits: usize = fits.split_once(' ').unwrap().0.parse().unwrap();
        config.training.batch_size = fits;
        check_against(&config, shape, 1e9).unwrap();
        config.training.batch_size = fits + 2;
        check_against(&config, shape, 1e9).unwrap_err();
        let error = check_against(&config, shape, 1e6).unwrap_err();
        assert!(error.hint().unwrap().contains("refiner.feature_maps"));
    }
}
