//! Random numbers for the images of mini-batches.

use burn::tensor::{Tensor, TensorData};
use rand_chacha::ChaCha8Rng;

use crate::parallel::Share;
use simgan_base::random::{Stream, generator, standard_normal};

/// A random stream that is drawn from for every image of a mini-batch, wherever it is computed.
#[derive(Clone, Debug)]
pub struct Draws {
    /// The stream.
    pub rng: ChaCha8Rng,
    /// The images for which this process needs the draws.
    pub share: Share,
}

impl Draws {
    /// The start of `stream`, for whole mini-batches.
    pub fn new(seed: u64, stream: Stream) -> Self {
        Self {
            rng: generator(seed, stream),
            share: Share::WHOLE,
        }
    }

    /// One draw for each of `images` images, which are the share of a mini-batch.
    pub fn each<T>(&mut self, images: usize, mut draw: impl FnMut(&mut ChaCha8Rng) -> T) -> Vec<T> {
        let whole = self.share.whole(images);
        let mut all: Vec<T> = (0..whole).map(|_| draw(&mut self.rng)).collect();
        all.drain(self.share.range(whole)).collect()
    }

    /// Independent standard normal numbers in the shape of `images`, which are the share of a mini-batch, on its device.
    pub fn normal_like(&mut self, images: &Tensor<4>) -> Tensor<4> {
        let shape = images.dims();
        let whole = self.share.whole(shape.iter().product());
        let range = self.share.range(whole);
        // Numbers come in pairs that take two words: those of other shares are jumped over.
        let start = self.rng.get_word_pos();
        let pair = range.start / 2 * 2;
        self.rng.set_word_pos(start + pair as u128);
        let mut normal = standard_normal(&mut self.rng);
        let values: Vec<f32> = (pair..range.end).map(|_| normal()).collect();
        drop(normal);
        let end = start + whole.next_multiple_of(2) as u128;
        self.rng.set_word_pos(end);
        let values = values[range.start - pair..].to_vec();
        Tensor::from_data(TensorData::new(values, shape), &images.device())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use rand::RngExt;

    fn draws(share: Share) -> Draws {
        let stream = Stream::InstanceNoise;
        let mut draws = Draws {
            share,
            ..Draws::new(7, stream)
        };
        // Not at the start of a block of the generator.
        draws.rng.random::<f32>();
        draws
    }

    fn normals(draws: &mut Draws, images: usize) -> Vec<f32> {
        let images = Tensor::<4>::zeros([images, 1, 3, 5], &Device::default());
        draws.normal_like(&images).into_data().iter().collect()
    }

    /// Shares of an odd number of numbers, which begin within a pair.
    #[test]
    fn shares_are_cut_from_the_draws_for_all() {
        let mut whole = draws(Share::WHOLE);
        let mut shares: Vec<_> = (0..3).map(|rank| draws(Share::new(rank, 3))).collect();
        for _ in 0..3 {
            let all = normals(&mut whole, 9);
            let parts = shares.iter_mut().flat_map(|share| normals(share, 3));
            assert_eq!(all, parts.collect::<Vec<_>>());
            let all = whole.each(9, |rng| rng.random::<u32>());
            let parts = shares
                .iter_mut()
                .flat_map(|share| share.each(3, |rng| rng.random::<u32>()));
            assert_eq!(all, parts.collect::<Vec<_>>());
        }
        assert!(shares.iter().all(|share| share.rng == whole.rng));
    }

    /// As it was before shares: the stream of one process.
    #[test]
    fn the_whole_is_the_plain_stream() {
        let mut draws = draws(Share::WHOLE);
        let mut rng = draws.rng.clone();
        let found = normals(&mut draws, 1);
        let mut normal = standard_normal(&mut rng);
        assert!(found.iter().all(|v| *v == normal()));
        drop(normal);
        assert_eq!(draws.rng, rng);
    }
}
