//! How much is computed: multiplications and additions of the nets, as direct convolutions and as done.

use std::iter::Sum;
use std::ops::{Add, Mul};

use serde::Serialize;
use simgan::discriminator::{DiscriminatorConfig, Layer};
use simgan::refiner::RefinerConfig;
use simgan::tasks::GazeCnnConfig;
use simgan_kernels::convolution;
use simgan_kernels::geometry::Geometry;

use super::stage::Stage;
use super::steps::{EYE, HAND};

/// Multiplications and additions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Operations {
    /// As direct convolutions would need them.
    pub direct: f64,
    /// As the kernels do them in matrix products: fewer where they use Winograd's algorithm.
    pub done: f64,
}

impl Operations {
    fn convolution(geometry: &Geometry) -> Self {
        Self {
            direct: geometry.operations(),
            done: convolution::operations_done(geometry),
        }
    }

    fn product(multiply_adds: usize) -> Self {
        let operations = 2.0 * multiply_adds as f64;
        Self {
            direct: operations,
            done: operations,
        }
    }
}

impl Add for Operations {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            direct: self.direct + other.direct,
            done: self.done + other.done,
        }
    }
}

impl Mul<Operations> for f64 {
    type Output = Operations;

    fn mul(self, operations: Operations) -> Operations {
        Operations {
            direct: self * operations.direct,
            done: self * operations.done,
        }
    }
}

impl Sum for Operations {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), Add::add)
    }
}

/// The layers of a net's forward pass on a mini-batch.
struct Net(Vec<Operations>);

impl Net {
    fn forward(&self) -> Operations {
        self.0.iter().copied().sum()
    }

    /// Forward, gradients of weights, gradients of inputs but the first, which needs none.
    fn training(&self) -> Operations {
        let rest: Operations = self.0.iter().skip(1).copied().sum();
        2.0 * self.forward() + rest
    }

    /// Forward and gradients of inputs: weights stay as they are.
    fn passing_through(&self) -> Operations {
        2.0 * self.forward()
    }
}

/// One step of `stage`.
pub fn operations(stage: Stage) -> Operations {
    let batch = stage.images();
    let eyes = |batch| refiner(&RefinerConfig::eyes(), batch, EYE);
    let judge = discriminator(&DiscriminatorConfig::eyes(), batch, EYE);
    let refiner_step = eyes(batch).training() + judge.passing_through();
    let discriminator_step = 2.0 * judge.training();
    match stage {
        Stage::Refine | Stage::Refine128 => eyes(batch).forward(),
        Stage::RefinerStep => refiner_step,
        Stage::DiscriminatorStep => discriminator_step,
        // Two updates of R; half of D's refined images are made, half come from the history.
        Stage::Iteration => 2.0 * refiner_step + eyes(batch / 2).forward() + discriminator_step,
        Stage::GazeStep => gaze(&GazeCnnConfig::new(EYE), batch).training(),
        Stage::Hands => refiner(&RefinerConfig::hands(), batch, HAND).training(),
    }
}

/// Appends convolutions to the layers of a net.
struct Builder {
    geometry: Geometry,
    layers: Vec<Operations>,
}

impl Builder {
    fn new(batch: usize, [channels, height, width]: [usize; 3]) -> Self {
        let geometry = Geometry {
            batch,
            height,
            width,
            inputs: 0,
            outputs: channels,
            kernel: 1,
            stride: 1,
            padding: 0,
        };
        Self {
            geometry,
            layers: Vec::new(),
        }
    }

    fn convolution(&mut self, outputs: usize, kernel: usize, stride: usize, padding: usize) {
        let layer = Geometry {
            inputs: self.geometry.outputs,
            outputs,
            kernel,
            stride,
            padding,
            ..self.geometry
        };
        self.layers.push(Operations::convolution(&layer));
        self.geometry = Geometry {
            height: layer.out_height(),
            width: layer.out_width(),
            ..layer
        };
    }

    /// A max-pool: it only changes the size.
    fn pool(&mut self, kernel: usize, stride: usize, padding: usize) {
        let side = |n: usize| (n + 2 * padding - kernel) / stride + 1;
        self.geometry.height = side(self.geometry.height);
        self.geometry.width = side(self.geometry.width);
    }
}

fn refiner(config: &RefinerConfig, batch: usize, shape: [usize; 3]) -> Net {
    let mut net = Builder::new(batch, shape);
    let (maps, kernel) = (config.feature_maps, config.block_kernel_size);
    net.convolution(maps, config.kernel_size, 1, config.kernel_size / 2);
    for _ in 0..2 * config.blocks {
        net.convolution(maps, kernel, 1, kernel / 2);
    }
    net.convolution(shape[0], 1, 1, 0);
    Net(net.layers)
}

fn discriminator(config: &DiscriminatorConfig, batch: usize, shape: [usize; 3]) -> Net {
    let mut net = Builder::new(batch, shape);
    for layer in &config.layers {
        match *layer {
            Layer::Convolution {
                feature_maps,
                kernel_size,
                stride,
            } => net.convolution(feature_maps, kernel_size, stride, kernel_size / 2),
            Layer::MaxPool {
                kernel_size,
                stride,
            } => net.pool(kernel_size, stride, kernel_size / 2),
        }
    }
    net.convolution(2, 1, 1, 0);
    Net(net.layers)
}

/// Convolutions of 3x3 without padding; the pools lie behind the third and the fifth.
fn gaze(config: &GazeCnnConfig, batch: usize) -> Net {
    let mut net = Builder::new(batch, config.image_shape);
    for (index, &outputs) in config.feature_maps.iter().enumerate() {
        net.convolution(outputs, 3, 1, 0);
        match index {
            2 => net.pool(3, 2, 0),
            4 => net.pool(2, 2, 0),
            _ => {}
        }
    }
    let g = net.geometry;
    let features = g.height * g.width * g.outputs;
    let mut layers = net.layers;
    for product in [features * config.hidden, config.hidden * config.outputs] {
        layers.push(Operations::product(batch * product));
    }
    Net(layers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_counted_by_their_shapes() {
        // 3x3 of 1 -> 64, eight of 64 -> 64, 1x1 of 64 -> 1, on 1,925 pixels.
        let eyes = refiner(&RefinerConfig::eyes(), 1, EYE);
        let expected = 2 * 1925 * (576 + 8 * 36_864 + 64);
        assert_eq!(eyes.forward().direct, f64::from(expected));
        // 9 x 14 tiles of 36 products instead of 1,925 pixels of 9.
        let expected = 2 * (1925 * (576 + 64) + 8 * 126 * 36 * 4096);
        assert_eq!(eyes.forward().done, f64::from(expected));
        // 18x28 of 1 -> 96, then 9x14.
        let judge = discriminator(&DiscriminatorConfig::eyes(), 1, EYE);
        let second = 126 * (96 * 64 * 9 + 64 * 32 * 9 + 32 * 32 + 64);
        let expected = 2 * (504 * 864 + second);
        assert_eq!(judge.forward().direct, f64::from(expected));
        // 9,600 features, as the paper counts them.
        let gaze = gaze(&GazeCnnConfig::new(EYE), 1);
        assert_eq!(gaze.0[0].direct, f64::from(2 * 33 * 53 * 32 * 9));
        assert_eq!(gaze.0[5].direct, 2.0 * 9_600_000.0);
    }

    #[test]
    fn training_needs_three_passes_but_for_the_first_layer() {
        let layer = |direct| Operations {
            direct,
            done: direct,
        };
        let net = Net([1.0, 10.0, 100.0].map(layer).to_vec());
        assert_eq!(net.training().direct, 332.0);
        assert_eq!(net.passing_through().direct, 222.0);
    }
}
