//! How much is computed: multiplications and additions of the nets, as direct convolutions and as done.

use std::iter::Sum;
use std::ops::{Add, Mul};

use serde::Serialize;
use simgan::discriminator::DiscriminatorConfig;
use simgan::nets::graph::{Graph, Node, Operation};
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

    fn product(multiply_adds: u64) -> Self {
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

/// One step of `stage` with mini-batches of `batch` images.
pub fn operations(stage: Stage, batch: usize) -> Operations {
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

impl Net {
    /// The layers of `graph` that multiply, on a mini-batch.
    fn of(graph: &Graph, batch: usize) -> Self {
        let layers = graph.nodes().iter();
        Self(layers.filter_map(|node| layer(node, batch)).collect())
    }
}

fn layer(node: &Node, batch: usize) -> Option<Operations> {
    match node.operation {
        Operation::Convolution(window) => Some(Operations::convolution(&Geometry {
            batch,
            height: node.input[1],
            width: node.input[2],
            inputs: node.input[0],
            outputs: node.output[0],
            kernel: window.kernel,
            stride: window.stride,
            padding: window.padding,
        })),
        Operation::FullyConnected => Some(Operations::product(batch as u64 * node.multiply_adds())),
        Operation::MaxPool(_)
        | Operation::Add
        | Operation::Tanh
        | Operation::Residual
        | Operation::Exposure => None,
    }
}

fn refiner(config: &RefinerConfig, batch: usize, shape: [usize; 3]) -> Net {
    Net::of(&config.graph(shape), batch)
}

fn discriminator(config: &DiscriminatorConfig, batch: usize, shape: [usize; 3]) -> Net {
    Net::of(&config.graph(shape), batch)
}

fn gaze(config: &GazeCnnConfig, batch: usize) -> Net {
    Net::of(&config.graph(), batch)
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
