//! How much is computed: multiply-adds of the nets as direct convolutions, from their shapes.

use simgan::discriminator::{DiscriminatorConfig, Layer};
use simgan::estimators::GazeCnnConfig;
use simgan::refiner::RefinerConfig;

use super::stage::Stage;
use super::steps::{EYE, HAND};

/// Multiply-adds of a net's forward pass on one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Net {
    /// Of the first layer, whose input needs no gradient in training.
    first: usize,
    /// Of the others.
    rest: usize,
}

impl Net {
    fn of(layers: &[usize]) -> Self {
        Self {
            first: layers.first().copied().unwrap_or(0),
            rest: layers.iter().skip(1).sum(),
        }
    }

    fn forward(self) -> usize {
        self.first + self.rest
    }

    /// Forward, gradients of weights, gradients of inputs but the first.
    fn training(self) -> usize {
        3 * self.forward() - self.first
    }

    /// Forward and gradients of inputs: weights stay as they are.
    fn passing_through(self) -> usize {
        2 * self.forward()
    }
}

/// Floating-point operations (two a multiply-add) of one step, as direct convolutions would need them.
pub fn operations(stage: Stage) -> f64 {
    2.0 * multiply_adds(stage) as f64
}

fn multiply_adds(stage: Stage) -> usize {
    let batch = stage.images();
    let eyes = refiner(&RefinerConfig::eyes(), EYE);
    let judge = discriminator(&DiscriminatorConfig::eyes(), EYE);
    let refiner_step = batch * (eyes.training() + judge.passing_through());
    let discriminator_step = 2 * batch * judge.training();
    match stage {
        Stage::Refine | Stage::Refine128 => batch * eyes.forward(),
        Stage::RefinerStep => refiner_step,
        Stage::DiscriminatorStep => discriminator_step,
        // Two updates of R; half of D's refined images are made, half come from the history.
        Stage::Iteration => 2 * refiner_step + batch / 2 * eyes.forward() + discriminator_step,
        Stage::GazeStep => batch * gaze(&GazeCnnConfig::new(EYE)).training(),
        Stage::Hands => batch * refiner(&RefinerConfig::hands(), HAND).training(),
    }
}

fn refiner(config: &RefinerConfig, [channels, height, width]: [usize; 3]) -> Net {
    let (maps, pixels) = (config.feature_maps, height * width);
    let mut layers = vec![pixels * channels * maps * config.kernel_size.pow(2)];
    let block = pixels * maps * maps * config.block_kernel_size.pow(2);
    layers.extend(vec![block; 2 * config.blocks]);
    layers.push(pixels * maps * channels);
    Net::of(&layers)
}

fn discriminator(config: &DiscriminatorConfig, [channels, height, width]: [usize; 3]) -> Net {
    let (mut maps, mut size) = (channels, [height, width]);
    let mut layers = Vec::new();
    for layer in &config.layers {
        let (Layer::Convolution { stride, .. } | Layer::MaxPool { stride, .. }) = *layer;
        size = size.map(|n| (n - 1) / stride + 1);
        if let Layer::Convolution {
            feature_maps,
            kernel_size,
            ..
        } = *layer
        {
            layers.push(size[0] * size[1] * maps * feature_maps * kernel_size.pow(2));
            maps = feature_maps;
        }
    }
    layers.push(size[0] * size[1] * maps * 2);
    Net::of(&layers)
}

/// Convolutions of 3x3 without padding; the pools lie behind the third and the fifth.
fn gaze(config: &GazeCnnConfig) -> Net {
    let [mut maps, mut height, mut width] = config.image_shape;
    let mut layers = Vec::new();
    for (index, &outputs) in config.feature_maps.iter().enumerate() {
        (height, width) = (height - 2, width - 2);
        layers.push(height * width * maps * outputs * 9);
        maps = outputs;
        match index {
            2 => (height, width) = ((height - 3) / 2 + 1, (width - 3) / 2 + 1),
            4 => (height, width) = (height / 2, width / 2),
            _ => {}
        }
    }
    layers.push(maps * height * width * config.hidden);
    layers.push(config.hidden * config.outputs);
    Net::of(&layers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_counted_by_their_shapes() {
        // 3x3 of 1 -> 64, eight of 64 -> 64, 1x1 of 64 -> 1, on 1,925 pixels.
        let eyes = refiner(&RefinerConfig::eyes(), EYE);
        assert_eq!(eyes.first, 1925 * 576);
        assert_eq!(eyes.rest, 1925 * (8 * 36_864 + 64));
        // 18x28 of 1 -> 96, then 9x14.
        let judge = discriminator(&DiscriminatorConfig::eyes(), EYE);
        let second = 126 * (96 * 64 * 9 + 64 * 32 * 9 + 32 * 32 + 64);
        assert_eq!((judge.first, judge.rest), (504 * 864, second));
        // 9,600 features, as the paper counts them.
        let gaze = gaze(&GazeCnnConfig::new(EYE));
        assert_eq!(gaze.first, 33 * 53 * 32 * 9);
        assert!(gaze.rest > 9_600_000 + 3_000);
    }

    #[test]
    fn training_needs_three_passes_but_for_the_first_layer() {
        let net = Net::of(&[1, 10, 100]);
        assert_eq!(net.training(), 332);
        assert_eq!(net.passing_through(), 222);
    }
}
