//! The images of one update after the other: in the order of epochs, augmented, on the device.

use burn::tensor::{Device, Tensor};

use crate::nets::image_tensor;
use crate::tasks::augmentation::{Augmentation, AugmentationConfig};
use simgan_base::random::Stream;
use simgan_base::sampler::{EpochSampler, Position};
use simgan_data::Dataset;

/// Mini-batches of some images of a data set, without end.
pub(crate) struct MiniBatches<'a> {
    data: &'a Dataset,
    images: &'a [usize],
    size: usize,
    order: EpochSampler,
    augmentation: Augmentation,
}

/// What a fit draws from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FitStreams {
    /// Order of the images.
    pub(crate) order: Stream,
    /// Their changes.
    pub(crate) augmentation: Stream,
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
        Self {
            data,
            images,
            size: size.min(images.len()),
            order: EpochSampler::new(images.len(), seed, streams.order, Position::default()),
            augmentation: Augmentation::new(augmentation, seed, streams.augmentation),
        }
    }

    /// Indices of the next images in the data set, and their pixels: `[size, channels, height, width]`.
    pub(crate) fn next(&mut self, device: &Device) -> (Vec<usize>, Tensor<4>) {
        let batch = self.order.next_batch(self.size);
        let indices: Vec<usize> = batch.into_iter().map(|i| self.images[i]).collect();
        let shape = self.data.image_shape();
        let mut pixels = self.data.batch(&indices);
        self.augmentation.apply(&mut pixels, shape);
        (indices, image_tensor::from_values(pixels, shape, device))
    }
}
