//! What a network computes, layer by layer: counted from its shape, without building it.

use crate::nets::activation::Activation;

/// `[channels, height, width]` of one image's maps.
pub type Shape = [usize; 3];

/// What a layer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Convolution with a bias.
    Convolution(Window),
    /// Max-pooling.
    MaxPool(Window),
    /// Every output from every input, with a bias.
    FullyConnected,
    /// The end of a residual block: adds the block's input.
    Add,
    /// Hyperbolic tangent.
    Tanh,
    /// The image that the convolutions began with, moved by the hyperbolic tangent of what comes in:
    /// [`residual`](crate::refiner::residual).
    Residual,
    /// Mean and contrast of real images: [`Exposure`](crate::refiner::exposure::Exposure). Nothing in it is trained.
    Exposure,
}

impl Operation {
    /// Whether every number of the output is a sum of weighted inputs and a bias.
    pub fn is_weighted(self) -> bool {
        matches!(self, Self::Convolution(_) | Self::FullyConnected)
    }
}

/// The square that slides over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its side in pixels, at least 1.
    pub kernel: usize,
    /// Pixels between two of its places, at least 1.
    pub stride: usize,
    /// Pixels added on every side of the image.
    pub padding: usize,
}

impl Window {
    /// So padded that a stride of 1 keeps the size; `kernel` is odd.
    pub fn padded(kernel: usize, stride: usize) -> Self {
        let padding = kernel / 2;
        Self {
            kernel,
            stride,
            padding,
        }
    }

    /// Within the image.
    pub fn inside(kernel: usize, stride: usize) -> Self {
        Self {
            kernel,
            stride,
            padding: 0,
        }
    }

    /// Places along a side; 0 where the window is larger than the padded image.
    fn places(self, side: usize) -> usize {
        let padded = side + 2 * self.padding;
        padded
            .checked_sub(self.kernel)
            .map_or(0, |rest| rest / self.stride + 1)
    }
}

/// One layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it does.
    pub operation: Operation,
    /// What comes in, for one image.
    pub input: Shape,
    /// What comes out; `[numbers, 1, 1]` of a fully connected layer.
    pub output: Shape,
    /// What follows in the same pass.
    pub activation: Option<Activation>,
}

impl Node {
    /// Weights and biases that are trained; the largest `u64` where there are more.
    pub fn parameters(&self) -> u64 {
        let inputs = self.inputs_of_a_number();
        match self.operation.is_weighted() {
            true => inputs
                .saturating_add(1)
                .saturating_mul(self.output[0] as u64),
            false => 0,
        }
    }

    /// Multiplications of a weight with a number for one image, each followed by an addition; the largest `u64` where there
    /// are more.
    pub fn multiply_adds(&self) -> u64 {
        match self.operation.is_weighted() {
            true => self
                .inputs_of_a_number()
                .saturating_mul(numbers(&self.output)),
            false => 0,
        }
    }

    /// Numbers of one image that are kept until their gradients are known: what comes out, unless it is a sum that
    /// nothing but a bias or another sum follows, whose gradient does not depend on it.
    pub fn activations(&self) -> u64 {
        use Operation::{MaxPool, Residual, Tanh};
        let is_sum = !matches!(self.operation, MaxPool(_) | Tanh | Residual);
        match is_sum && self.activation.is_none() {
            true => 0,
            false => numbers(&self.output),
        }
    }

    /// Numbers that one number of the output is summed of.
    fn inputs_of_a_number(&self) -> u64 {
        match self.operation {
            Operation::Convolution(window) => {
                numbers(&[self.input[0], window.kernel, window.kernel])
            }
            _ => numbers(&self.input),
        }
    }
}

/// All layers of a network, first to last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    image_shape: Shape,
    nodes: Vec<Node>,
}

impl Graph {
    /// No layer yet, for images of `image_shape`.
    pub fn new(image_shape: Shape) -> Self {
        Self {
            image_shape,
            nodes: Vec::new(),
        }
    }

    /// Appends a convolution to `outputs` maps.
    #[must_use]
    pub fn convolution(
        self,
        outputs: usize,
        window: Window,
        activation: Option<Activation>,
    ) -> Self {
        let [_, height, width] = self.output();
        let output = [outputs, window.places(height), window.places(width)];
        self.with(Operation::Convolution(window), output, activation)
    }

    /// Appends max-pooling.
    #[must_use]
    pub fn max_pool(self, window: Window) -> Self {
        let [channels, height, width] = self.output();
        let output = [channels, window.places(height), window.places(width)];
        self.with(Operation::MaxPool(window), output, None)
    }

    /// Appends a fully connected layer.
    #[must_use]
    pub fn fully_connected(self, outputs: usize, activation: Option<Activation>) -> Self {
        self.with(Operation::FullyConnected, [outputs, 1, 1], activation)
    }

    /// Appends a residual block: two convolutions that keep maps and size, then the block's input is added.
    #[must_use]
    pub fn residual_block(self, kernel: usize, activation: Activation) -> Self {
        let [maps, ..] = self.output();
        let window = Window::padded(kernel, 1);
        let both = self
            .convolution(maps, window, Some(activation))
            .convolution(maps, window, None);
        let output = both.output();
        both.with(Operation::Add, output, Some(activation))
    }

    /// Goes on from maps of another `shape` than the last layer's: of a layer before, or a sum of several.
    #[must_use]
    pub fn at(self, shape: Shape) -> Self {
        self.with(Operation::Add, shape, None)
    }

    /// Appends the hyperbolic tangent.
    #[must_use]
    pub fn tanh(self) -> Self {
        self.keeping(Operation::Tanh)
    }

    /// Appends the move of the image by what came of it.
    #[must_use]
    pub fn residual(self) -> Self {
        self.keeping(Operation::Residual)
    }

    /// Appends the exposure of real images.
    #[must_use]
    pub fn exposure(self) -> Self {
        self.keeping(Operation::Exposure)
    }

    /// Appends what keeps the shape.
    fn keeping(self, operation: Operation) -> Self {
        let output = self.output();
        self.with(operation, output, None)
    }

    fn with(mut self, operation: Operation, output: Shape, activation: Option<Activation>) -> Self {
        self.nodes.push(Node {
            operation,
            input: self.output(),
            output,
            activation,
        });
        self
    }

    /// The layers.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// What comes out of the last layer, for one image.
    pub fn output(&self) -> Shape {
        self.nodes
            .last()
            .map_or(self.image_shape, |node| node.output)
    }

    /// Weights and biases; the largest `u64` where there are more.
    pub fn parameters(&self) -> u64 {
        self.sum(Node::parameters)
    }

    /// Multiplications, each with an addition, for one image; the largest `u64` where there are more.
    pub fn multiply_adds(&self) -> u64 {
        self.sum(Node::multiply_adds)
    }

    /// Numbers of one image that are kept for the gradients.
    pub fn activations(&self) -> u64 {
        self.sum(Node::activations)
    }

    /// Side of the square of input pixels that one output of the convolutions and pools depends on. (An exposure depends on
    /// the whole image.)
    pub fn receptive_field(&self) -> usize {
        // From the output back: a layer widens what is seen to its stride times as much, plus its kernel's rest.
        self.nodes
            .iter()
            .rev()
            .fold(1, |side, node| match node.operation {
                Operation::Convolution(window) | Operation::MaxPool(window) => {
                    (side - 1) * window.stride + window.kernel
                }
                _ => side,
            })
    }

    fn sum(&self, of: impl Fn(&Node) -> u64) -> u64 {
        self.nodes.iter().map(of).fold(0, u64::saturating_add)
    }
}

/// How many numbers a shape has; the largest `u64` where there are more.
pub fn numbers(sides: &[usize]) -> u64 {
    sides
        .iter()
        .fold(1, |n, &side| n.saturating_mul(side as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELU: Option<Activation> = Some(Activation::Relu);

    #[test]
    fn layers_are_counted_by_their_shapes() {
        let graph = Graph::new([3, 10, 12])
            .convolution(4, Window::padded(3, 2), RELU)
            .max_pool(Window::inside(2, 2))
            .fully_connected(7, None);
        let outputs: Vec<Shape> = graph.nodes().iter().map(|node| node.output).collect();
        assert_eq!(outputs, [[4, 5, 6], [4, 2, 3], [7, 1, 1]]);
        assert_eq!(graph.parameters(), 4 * (27 + 1) + 7 * (24 + 1));
        assert_eq!(graph.multiply_adds(), 30 * 4 * 27 + 7 * 24);
        // The last layer's numbers are the caller's.
        assert_eq!(graph.activations(), 4 * 30 + 4 * 6);
        // Two windows of the pool, 2 apart in the image, each 3 wide.
        assert_eq!(graph.receptive_field(), 5);
    }

    #[test]
    fn a_residual_block_keeps_two_maps_for_each_of_its_own() {
        let block = Graph::new([6, 9, 9]).residual_block(5, Activation::Silu);
        assert_eq!(block.output(), [6, 9, 9]);
        assert_eq!(block.parameters(), 2 * 6 * (6 * 25 + 1));
        assert_eq!(block.activations(), 2 * 6 * 81);
        assert_eq!(block.tanh().activations(), 3 * 6 * 81);
    }

    #[test]
    fn an_exposure_and_a_residual_are_not_trained_and_keep_the_shape() {
        let plain = Graph::new([3, 9, 9]).residual_block(3, Activation::Relu);
        let whole = Graph::new([3, 9, 9])
            .exposure()
            .residual_block(3, Activation::Relu)
            .residual();
        assert_eq!(whole.output(), plain.output());
        assert_eq!(whole.parameters(), plain.parameters());
        assert_eq!(whole.multiply_adds(), plain.multiply_adds());
        assert_eq!(whole.activations(), plain.activations() + 3 * 81);
        assert_eq!(whole.receptive_field(), plain.receptive_field());
    }

    #[test]
    fn absurd_sizes_saturate() {
        let graph =
            Graph::new([usize::MAX, 5, 5]).convolution(usize::MAX, Window::padded(3, 1), RELU);
        assert_eq!(
            (graph.parameters(), graph.multiply_adds()),
            (u64::MAX, u64::MAX)
        );
        assert_eq!(
            Graph::new([1, 2, 2])
                .max_pool(Window::inside(3, 1))
                .output(),
            [1, 0, 0]
        );
    }
}
