//! Mini-batches of both sides.

use simgan_base::random::Stream;
use simgan_base::sampler::{EpochSampler, Position};
use simgan_data::Dataset;

/// Draws mini-batches from the synthetic and the real images.
pub struct Batches {
    size: usize,
    synthetic: Side,
    real: Side,
}

struct Side {
    images: Dataset,
    sampler: EpochSampler,
    /// The images that are drawn, some of them more than once; `None`: all.
    drawn: Option<Vec<usize>>,
}

impl Batches {
    /// Mini-batches of `size` images, drawn from `positions` (synthetic, real) on.
    pub fn new(
        size: usize,
        synthetic: Dataset,
        real: Dataset,
        seed: u64,
        positions: [Position; 2],
    ) -> Self {
        let side = |images: Dataset, stream, position| Side {
            sampler: EpochSampler::new(images.len(), seed, stream, position),
            images,
            drawn: None,
        };
        Self {
            size,
            synthetic: side(synthetic, Stream::SyntheticOrder, positions[0]),
            real: side(real, Stream::RealOrder, positions[1]),
        }
    }

    /// Draws only the images at these indices from now on (synthetic, real), as often as they are there: as many as the
    /// side has.
    pub fn draw_only(&mut self, synthetic: Vec<usize>, real: Vec<usize>) {
        self.synthetic.drawn = Some(synthetic);
        self.real.drawn = Some(real);
    }

    /// b, the images of a mini-batch.
    pub fn size(&self) -> usize {
        self.size
    }

    /// `[channels, height, width]` of every image.
    pub fn image_shape(&self) -> [usize; 3] {
        self.synthetic.images.image_shape()
    }

    /// The next `count` synthetic images, `[count, channels, height, width]`, values in [-1, 1].
    pub fn synthetic(&mut self, count: usize) -> Vec<f32> {
        self.synthetic.next(count)
    }

    /// The next `count` real images.
    pub fn real(&mut self, count: usize) -> Vec<f32> {
        self.real.next(count)
    }

    /// Where both samplers stand (synthetic, real).
    pub fn positions(&self) -> [Position; 2] {
        [
            self.synthetic.sampler.position(),
            self.real.sampler.position(),
        ]
    }

    /// The synthetic images.
    pub fn synthetic_images(&self) -> &Dataset {
        &self.synthetic.images
    }

    /// The real images.
    pub fn real_images(&self) -> &Dataset {
        &self.real.images
    }
}

impl Side {
    fn next(&mut self, count: usize) -> Vec<f32> {
        let mut batch = self.sampler.next_batch(count);
        if let Some(drawn) = &self.drawn {
            batch.iter_mut().for_each(|index| *index = drawn[*index]);
        }
        self.images.batch(&batch)
    }
}
