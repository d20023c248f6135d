//! The stacked hourglasses.

use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2d;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::{Device, Tensor};
use simgan_kernels::ops::upsample_add;

use crate::nets::activation::Activation;
use crate::nets::graph::{Graph, Window};
use crate::nets::initialization::{Spread, initialize, zeros};
use crate::nets::layers::{convolution, max_pool, padded_convolution, residual_block};
use crate::tasks::hourglass::config::HourglassConfig;
use crate::tasks::hourglass::heat_maps::HeatMaps;
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};

/// Side of the first convolution's kernel.
const STEM_KERNEL: usize = 5;
/// Side of the kernels in residual blocks.
const BLOCK_KERNEL: usize = 3;
const RELU: Option<Activation> = Some(Activation::Relu);

/// Sizes of an [`Hourglass`].
#[derive(Clone, Debug, PartialEq)]
pub struct HourglassShape {
    /// `[channels, height, width]` of an image.
    pub image_shape: [usize; 3],
    /// Number of points.
    pub points: usize,
    /// The rest.
    pub config: HourglassConfig,
}

impl HourglassShape {
    /// How points and heat maps of these images belong together.
    pub fn heat_maps(&self) -> HeatMaps {
        let [_, height, width] = self.image_shape;
        HeatMaps {
            size: [height, width].map(|side| self.cells(side)),
            cell: self.config.cell,
            spread: self.config.spread,
        }
    }

    /// Cells along a side: each of the stem's halvings rounds up.
    fn cells(&self, side: usize) -> usize {
        (0..self.config.cell.ilog2()).fold(side, |side, _| side.div_ceil(2))
    }

    /// Checks that there are points, and that every level has a cell to look at.
    ///
    /// # Errors
    /// No points, images that are too small.
    pub fn check(&self) -> Result<()> {
        if self.points == 0 {
            return Err(Error::config(
                "`estimator.kind` is hourglass, which finds points, and the task is none of points",
            )
            .with_hint("name points, as --task points:tip does, or set estimator.kind=cnn"));
        }
        let [rows, columns] = self.heat_maps().size;
        let least = 1 << self.config.levels;
        if rows.min(columns) >= least {
            return Ok(());
        }
        let [_, height, width] = self.image_shape;
        Err(Error::config(format!(
            "images of {width}x{height} are too small for `estimator.hourglass`: {} levels of {columns}x{rows} cells leave none",
            self.config.levels
        ))
        .with_hint("lower estimator.hourglass.levels or .cell, or raise preprocessing.width and .height"))
    }

    /// Its convolutions one after the other, for counting: parameters, multiply-adds and memory are those of the network.
    pub fn graph(&self) -> Graph {
        let HourglassConfig {
            stacks,
            feature_maps: maps,
            levels,
            cell,
            ..
        } = self.config;
        let one = Window::inside(1, 1);
        let mut graph = Graph::new(self.image_shape)
            .convolution(maps, Window::padded(STEM_KERNEL, cell.min(2)), RELU)
            .residual_block(BLOCK_KERNEL, Activation::Relu);
        if cell == 4 {
            graph = graph.max_pool(Window::padded(3, 2));
        }
        let size = graph.output();
        for stack in 0..stacks {
            graph = hourglass_graph(graph, levels)
                .at(size)
                .convolution(maps, one, RELU);
            let features = graph.output();
            graph = graph.convolution(self.points, one, None);
            if stack + 1 < stacks {
                graph = graph
                    .convolution(maps, one, None)
                    .at(features)
                    .convolution(maps, one, None);
            }
        }
        graph
    }

    /// A network with weights drawn from `seed`: equal weights for equal seeds, on every device.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub fn init(&self, seed: u64, device: &Device) -> Result<Hourglass> {
        self.check()?;
        let config = &self.config;
        let maps = config.feature_maps;
        let channels = self.image_shape[0];
        let stack = |place: usize| Stack::new(config, self.points, place, device);
        let network = Hourglass {
            stem: padded_convolution([channels, maps], STEM_KERNEL, config.cell.min(2), device),
            stem_block: Block::new(maps, device),
            stem_pool: (config.cell == 4).then(halving),
            stacks: (0..config.stacks).map(stack).collect(),
            heat_maps: self.heat_maps(),
        };
        let mut rng = generator(seed, Stream::EstimatorWeights);
        Ok(initialize(network, Spread::He, &mut rng).at_rest())
    }
}

/// The blocks of one hourglass: at every level one beside the way down and one at each end of the way through the smaller
/// maps, and one more at the bottom.
fn hourglass_graph(graph: Graph, levels: usize) -> Graph {
    let block = |graph: Graph| graph.residual_block(BLOCK_KERNEL, Activation::Relu);
    let mut graph = graph;
    for _ in 0..levels {
        graph = block(graph).max_pool(Window::padded(3, 2));
        graph = block(block(graph));
    }
    block(graph)
}

/// Halves both sides, rounded up.
fn halving() -> MaxPool2d {
    MaxPool2dConfig::new([3, 3])
        .with_strides([2, 2])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .init()
}

fn one_by_one([inputs, outputs]: [usize; 2], device: &Device) -> Conv2d {
    padded_convolution([inputs, outputs], 1, 1, device)
}

/// A residual block.
#[derive(Module, Debug)]
struct Block {
    conv1: Conv2d,
    conv2: Conv2d,
}

impl Block {
    fn new(maps: usize, device: &Device) -> Self {
        let conv = || padded_convolution([maps, maps], BLOCK_KERNEL, 1, device);
        Self {
            conv1: conv(),
            conv2: conv(),
        }
    }

    /// The same with a second convolution of zeros.
    fn at_rest(mut self) -> Self {
        self.conv2.weight = self.conv2.weight.map(zeros);
        self
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        residual_block(&self.conv1, &self.conv2, Activation::Relu, x)
    }
}

/// One halving of an hourglass.
#[derive(Module, Debug)]
struct Level {
    skip: Block,
    pool: MaxPool2d,
    down: Block,
    up: Block,
}

/// One hourglass, and what follows it.
#[derive(Module, Debug)]
struct Stack {
    levels: Vec<Level>,
    bottom: Block,
    features: Conv2d,
    heat_maps: Conv2d,
    /// What the next one gets beside this one's input; none after the last.
    onward: Option<Onward>,
}

#[derive(Module, Debug)]
struct Onward {
    features: Conv2d,
    heat_maps: Conv2d,
}

impl Stack {
    fn new(config: &HourglassConfig, points: usize, place: usize, device: &Device) -> Self {
        let maps = config.feature_maps;
        let block = || Block::new(maps, device);
        let level = |_| Level {
            skip: block(),
            pool: halving(),
            down: block(),
            up: block(),
        };
        let onward = || Onward {
            features: one_by_one([maps, maps], device),
            heat_maps: one_by_one([points, maps], device),
        };
        Self {
            levels: (0..config.levels).map(level).collect(),
            bottom: block(),
            features: one_by_one([maps, maps], device),
            heat_maps: one_by_one([maps, points], device),
            onward: (place + 1 < config.stacks).then(onward),
        }
    }

    /// The same with blocks [at rest](Block::at_rest) and empty heat maps.
    fn at_rest(mut self) -> Self {
        let rest = |level: Level| Level {
            skip: level.skip.at_rest(),
            pool: level.pool,
            down: level.down.at_rest(),
            up: level.up.at_rest(),
        };
        self.levels = self.levels.into_iter().map(rest).collect();
        self.bottom = self.bottom.at_rest();
        self.heat_maps.weight = self.heat_maps.weight.map(zeros);
        self
    }

    /// Features of the input's size that have seen all of it.
    fn hourglass(&self, x: Tensor<4>) -> Tensor<4> {
        let mut skips = Vec::with_capacity(self.levels.len());
        let mut x = x;
        for level in &self.levels {
            skips.push(level.skip.forward(x.clone()));
            x = level.down.forward(max_pool(&level.pool, x));
        }
        x = self.bottom.forward(x);
        for (level, skip) in self.levels.iter().zip(skips).rev() {
            x = upsample_add(level.up.forward(x), skip);
        }
        x
    }

    /// Heat maps, and the input of the next hourglass.
    fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let features = convolution(&self.features, RELU, self.hourglass(x.clone()));
        let maps = convolution(&self.heat_maps, None, features.clone());
        let next = match &self.onward {
            None => x,
            Some(onward) => {
                let features = convolution(&onward.features, None, features);
                x + features + convolution(&onward.heat_maps, None, maps.clone())
            }
        };
        (maps, next)
    }
}

/// Stacked hourglasses. Made by [`HourglassShape::init`].
#[derive(Module, Debug)]
pub struct Hourglass {
    stem: Conv2d,
    stem_block: Block,
    stem_pool: Option<MaxPool2d>,
    stacks: Vec<Stack>,
    #[module(skip)]
    heat_maps: HeatMaps,
}

impl Hourglass {
    /// The same as it starts: blocks pass on what comes in, heat maps are empty. Without a normalization signals would
    /// grow with every block.
    fn at_rest(mut self) -> Self {
        self.stem_block = self.stem_block.at_rest();
        self.stacks = self.stacks.into_iter().map(Stack::at_rest).collect();
        self
    }

    /// Heat maps of every hourglass: 1 where a point is thought to be, 0 elsewhere.
    ///
    /// # Shapes
    /// - `images`: `[batch, channels, height, width]`, values in [-1, 1]
    /// - each: `[batch, points, rows, columns]`
    pub fn heat_maps(&self, images: Tensor<4>) -> Vec<Tensor<4>> {
        let mut x = self
            .stem_block
            .forward(convolution(&self.stem, RELU, images));
        if let Some(pool) = &self.stem_pool {
            x = max_pool(pool, x);
        }
        let mut all = Vec::with_capacity(self.stacks.len());
        for stack in &self.stacks {
            let (maps, next) = stack.forward(x);
            all.push(maps);
            x = next;
        }
        all
    }

    /// Where the last hourglass finds the points: `[batch, 2 * points]`, x and y in pixels from the image's upper left corner.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let mut maps = self.heat_maps(images);
        let last = maps.pop().expect("a network has an hourglass");
        self.heat_maps.points(last)
    }

    /// The mean squared difference of heat maps from those of `points`, summed over the hourglasses. A heat map is empty but
    /// for a few cells: these count more.
    ///
    /// # Shapes
    /// - `images`: `[batch, channels, height, width]`; `points`: `[batch, 2 * points]`, pixels
    pub fn loss(&self, images: Tensor<4>, points: Tensor<2>) -> Tensor<1> {
        let target = self.heat_maps.of(points);
        let weight = target.clone() * EMPHASIS + 1.0;
        let cost = |maps: Tensor<4>| ((maps - target.clone()).square() * weight.clone()).mean();
        let costs = self.heat_maps(images).into_iter().map(cost);
        costs
            .reduce(|a, b| a + b)
            .expect("a network has an hourglass")
    }
}

/// How much more an error counts where the point is than where it is not.
const EMPHASIS: f64 = 20.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::weights;

    fn shape(image: [usize; 2], cell: usize, stacks: usize) -> HourglassShape {
        HourglassShape {
            image_shape: [1, image[0], image[1]],
            points: 3,
            config: HourglassConfig {
                stacks,
                feature_maps: 4,
                levels: 2,
                cell,
                spread: 1.0,
            },
        }
    }

    #[test]
    fn heat_maps_have_the_size_that_the_shape_tells() {
        let device = Device::default();
        for (image, cell, size) in [
            ([16, 20], 1, [16, 20]),
            ([17, 23], 2, [9, 12]),
            ([33, 35], 4, [9, 9]),
        ] {
            let shape = shape(image, cell, 2);
            let network = shape.init(0, &device).unwrap();
            let images = Tensor::zeros([2, 1, image[0], image[1]], &device);
            let maps = network.heat_maps(images.clone());
            assert_eq!(maps.len(), 2);
            assert_eq!(maps[1].dims(), [2, 3, size[0], size[1]]);
            assert_eq!(shape.heat_maps().size, size);
            assert_eq!(network.forward(images).dims(), [2, 6]);
        }
    }

    #[test]
    fn the_graph_counts_the_parameters() {
        let device = Device::default();
        for (cell, stacks) in [(1, 1), (2, 2), (4, 3)] {
            let shape = shape([40, 44], cell, stacks);
            let network = shape.init(0, &device).unwrap();
            let counted: usize = weights::named(&network)
                .iter()
                .map(|(_, dims, _)| dims.iter().product::<usize>())
                .sum();
            assert_eq!(shape.graph().parameters(), counted as u64);
        }
    }

    #[test]
    fn small_images_are_refused() {
        let error = shape([6, 30], 2, 1)
            .init(0, &Device::default())
            .unwrap_err();
        assert!(error.to_string().contains("30x6"), "{error}");
        assert!(error.hint().is_some());
    }

    #[test]
    fn a_step_along_the_gradient_lowers_the_loss() {
        use crate::nets::optimizer::{Optimizer, Rule};
        let device = Device::default().autodiff();
        let mut network = shape([16, 16], 2, 2).init(3, &device).unwrap();
        let images = Tensor::<4>::ones([2, 1, 16, 16], &device) * 0.3;
        let points = Tensor::<2>::ones([2, 6], &device) * 7.0;
        let loss = |network: &Hourglass| network.loss(images.clone(), points.clone());
        let before: f32 = loss(&network).into_scalar();
        let mut optimizer = Optimizer::new(Rule::Sgd { momentum: 0.0 }, 0.0);
        for _ in 0..3 {
            let cost = loss(&network);
            optimizer.step(&mut network, &cost, 1e-3).unwrap();
        }
        let after: f32 = loss(&network).into_scalar();
        assert!(after < before, "{before} {after}");
    }
}
