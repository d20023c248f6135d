//! Mini-batches of both sides.

use crate::algorithm_1::ahead::Ahead;
use crate::parallel::Share;
use simgan_base::random::Stream;
use simgan_base::sampler::{EpochSampler, Position};
use simgan_data::Dataset;

/// Draws mini-batches from the synthetic and the real images.
pub struct Batches {
    size: usize,
    share: Share,
    decodes_ahead: bool,
    synthetic: Side,
    real: Side,
}

struct Side {
    images: Dataset,
    sampler: EpochSampler,
    /// The images that are drawn, some of them more than once; `None`: all.
    drawn: Option<Vec<usize>>,
    /// The next images, if they are decoded ahead; only a guess of what will be asked for.
    ahead: Option<Ahead>,
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
            ahead: None,
        };
        Self {
            size,
            share: Share::WHOLE,
            decodes_ahead: false,
            synthetic: side(synthetic, Stream::SyntheticOrder, positions[0]),
            real: side(real, Stream::RealOrder, positions[1]),
        }
    }

    /// Whether the mini-batch that follows each one is decoded ahead: what is drawn is the same. It pays where another
    /// device than the CPU computes.
    pub fn decoding_ahead(self, decodes_ahead: bool) -> Self {
        Self {
            decodes_ahead,
            ..self
        }
    }

    /// Hands out this `share` of every mini-batch alone; what is drawn is as for the whole of it.
    pub fn with_share(self, share: Share) -> Self {
        Self { share, ..self }
    }

    /// Draws only the images at these indices from now on (synthetic, real), as often as they are there: as many as the
    /// side has.
    pub fn draw_only(&mut self, synthetic: Vec<usize>, real: Vec<usize>) {
        self.synthetic.drawn = Some(synthetic);
        self.real.drawn = Some(real);
    }

    /// b, the images of a whole mini-batch.
    pub fn size(&self) -> usize {
        self.size
    }

    /// `[channels, height, width]` of every image.
    pub fn image_shape(&self) -> [usize; 3] {
        self.synthetic.images.image_shape()
    }

    /// The share of the next `count` synthetic images, `[share of count, channels, height, width]`, values in [-1, 1].
    pub fn synthetic(&mut self, count: usize) -> Vec<f32> {
        self.synthetic.next(count, self.share, self.following())
    }

    /// The share of the next `count` real images.
    pub fn real(&mut self, count: usize) -> Vec<f32> {
        self.real.next(count, self.share, self.following())
    }

    /// Images to decode ahead of the next call.
    fn following(&self) -> Option<usize> {
        self.decodes_ahead.then_some(self.size)
    }

    /// Which images are drawn (synthetic, real), where [`draw_only`](Self::draw_only) has said so.
    pub fn drawn(&self) -> [Option<&[usize]>; 2] {
        [self.synthetic.drawn.as_deref(), self.real.drawn.as_deref()]
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
    /// The next `count` images, and begins to decode those that are likely to follow.
    fn next(&mut self, count: usize, share: Share, following: Option<usize>) -> Vec<f32> {
        let whole = self.sampler.next_batch(count);
        let batch = self.indices(&whole[share.range(count)]);
        let image_len = self.images.image_shape().iter().product();
        let ready = self.ahead.take();
        let ready = ready.and_then(|ahead| ahead.take(&batch, image_len));
        let images = ready.unwrap_or_else(|| self.images.batch(&batch));
        if let Some(following) = following {
            let whole = self.sampler.clone().next_batch(following);
            let guess = self.indices(&whole[share.range(following)]);
            self.ahead = Some(Ahead::begin(&self.images, guess));
        }
        images
    }

    /// Which images these drawn numbers stand for.
    fn indices(&self, batch: &[usize]) -> Vec<usize> {
        match &self.drawn {
            None => batch.to_vec(),
            Some(drawn) => batch.iter().map(|index| drawn[*index]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(decodes_ahead: bool) -> Batches {
        let side = |first: u8| {
            let names = (0..7).map(|i| format!("{i}.png")).collect();
            let pixels = (0..7 * 6).map(|i| first + i).collect();
            Dataset::from_memory(names, [1, 2, 3], pixels, None).unwrap()
        };
        let positions = [Position::default(); 2];
        Batches::new(4, side(0), side(100), 5, positions).decoding_ahead(decodes_ahead)
    }

    #[test]
    fn decoding_ahead_changes_no_mini_batch_and_no_position() {
        let (mut plain, mut ahead) = (batches(false), batches(true));
        for round in 0..20 {
            // As Algorithm 1 asks: whole mini-batches, then half a one.
            for count in [4, 4, 2] {
                assert_eq!(ahead.synthetic(count), plain.synthetic(count));
            }
            assert_eq!(ahead.real(4), plain.real(4));
            assert_eq!(ahead.positions(), plain.positions(), "round {round}");
        }
        for side in [&mut plain, &mut ahead] {
            side.draw_only(vec![1; 7], vec![2; 7]);
        }
        assert_eq!(ahead.synthetic(4), plain.synthetic(4));
    }
}
