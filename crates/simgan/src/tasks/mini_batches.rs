//! The images of one update after the other: in the order of epochs, augmented, on the device.

use burn::tensor::{Device, Tensor};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::nets::image_tensor;
use crate::tasks::augmentation::{Augmentation, AugmentationConfig};
use crate::tasks::displacement::Displacement;
use simgan_base::random::{Stream, generator};
use simgan_base::sampler::{EpochSampler, Position};
use simgan_data::Dataset;

/// Mini-batches of some images of a data set, without end.
pub(crate) struct MiniBatches<'a> {
    /// Versions of the same images, one or more.
    variants: Vec<&'a Dataset>,
    images: &'a [usize],
    size: usize,
    order: EpochSampler,
    augmentation: Augmentation,
    /// Draws a version an image.
    rng: ChaCha8Rng,
}

/// One of them.
pub(crate) struct MiniBatch {
    /// Indices of the images in the data set.
    pub(crate) indices: Vec<usize>,
    /// Their pixels: `[size, channels, height, width]`.
    pub(crate) images: Tensor<4>,
    /// How the content of each was moved.
    pub(crate) displacements: Vec<Displacement>,
}

/// What a fit draws from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FitStreams {
    /// Order of the images.
    pub(crate) order: Stream,
    /// Their changes.
    pub(crate) augmentation: Stream,
    /// Which version of an image is taken, where there are several.
    pub(crate) variants: Stream,
}

impl<'a> MiniBatches<'a> {
    /// Mini-batches of `size` (or as many as there are) of the `images` of `data`; equal seeds give equal ones.
    pub(crate) fn new(
        data: &'a Dataset,
        images: &'a [usize],
        size: usize,
        augmentation: &AugmentationConfig,
        seed: u64,
        streams: FitStreams,
    ) -> Self {
        Self::of_variants(vec![data], images, size, augmentation, seed, streams)
    }

    /// As [`new`](Self::new), of one version of every image, drawn anew each time.
    pub(crate) fn of_variants(
        variants: Vec<&'a Dataset>,
        images: &'a [usize],
        size: usize,
        augmentation: &AugmentationConfig,
        seed: u64,
        streams: FitStreams,
    ) -> Self {
        Self {
            variants,
            images,
            size: size.min(images.len()),
            order: EpochSampler::new(images.len(), seed, streams.order, Position::default()),
            augmentation: Augmentation::new(augmentation, seed, streams.augmentation),
            rng: generator(seed, streams.variants),
        }
    }

    /// The next one.
    pub(crate) fn next(&mut self, device: &Device) -> MiniBatch {
        let batch = self.order.next_batch(self.size);
        let indices: Vec<usize> = batch.into_iter().map(|i| self.images[i]).collect();
        let shape = self.variants[0].image_shape();
        let mut pixels = self.pixels(&indices);
        let displacements = self.augmentation.apply(&mut pixels, shape);
        MiniBatch {
            indices,
            images: image_tensor::from_values(pixels, shape, device),
            displacements,
        }
    }

    fn pixels(&mut self, indices: &[usize]) -> Vec<f32> {
        if let [only] = self.variants[..] {
            return only.batch(indices);
        }
        let draws = indices.iter().flat_map(|&index| {
            let variant = self.rng.random_range(0..self.variants.len());
            self.variants[variant].batch(&[index])
        });
        draws.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(level: u8) -> Dataset {
        let names = (0..40).map(|i| format!("{i}.png")).collect();
        Dataset::from_memory(names, [1, 2, 2], vec![level; 160], None).unwrap()
    }

    fn levels(variants: Vec<&Dataset>, seed: u64) -> Vec<f32> {
        let all: Vec<usize> = (0..40).collect();
        let streams = FitStreams {
            order: Stream::EstimatorOrder,
            augmentation: Stream::EstimatorAugmentation,
            variants: Stream::EstimatorVariants,
        };
        let none = AugmentationConfig::default();
        let mut batches = MiniBatches::of_variants(variants, &all, 40, &none, seed, streams);
        let batch = batches.next(&Device::default());
        let values = image_tensor::to_values(batch.images);
        values.chunks(4).map(|image| image[0]).collect()
    }

    #[test]
    fn every_version_is_drawn_and_draws_follow_the_seed() {
        let [dark, bright] = [flat(0), flat(255)];
        assert_eq!(levels(vec![&dark], 1), [-1.0; 40]);
        let mixed = levels(vec![&dark, &bright], 1);
        let dark_ones = mixed.iter().filter(|&&level| level < 0.0).count();
        assert!((8..32).contains(&dark_ones), "{dark_ones}");
        assert_eq!(mixed, levels(vec![&dark, &bright], 1));
        assert_ne!(mixed, levels(vec![&dark, &bright], 2));
    }
}
