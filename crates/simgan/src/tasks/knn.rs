//! The k-NN estimator: the mean target of the most similar training images (paper, Table 3, "k-NN").

use rayon::prelude::*;

use crate::tasks::rows::Rows;
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// Most bytes of pixels that a k-NN estimator holds.
const MEMORY_LIMIT: usize = 2 << 30;

/// The training images and their targets.
///
/// Similarity is the Euclidean distance of preprocessed pixels. Pixels stay `u8`, so distances are exact
/// integers and ties go to the image that comes first: results do not depend on the number of threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Knn {
    k: usize,
    image_shape: [usize; 3],
    pixels: Vec<u8>,
    targets: Rows,
}

impl Knn {
    /// Remembers the images of `data` at `indices`; `targets` has one row each.
    ///
    /// # Errors
    /// No image, or more pixels than 2 GiB.
    pub fn fit(data: &Dataset, indices: &[usize], targets: Rows, k: usize) -> Result<Self> {
        let size: usize = data.image_shape().iter().product();
        if indices.len().saturating_mul(size) > MEMORY_LIMIT {
            return Err(Error::config(format!(
                "a k-NN estimator of {} images would hold more than 2 GiB of pixels",
                indices.len()
            ))
            .with_hint(format!(
                "set estimator.max_images={} or less",
                MEMORY_LIMIT / size
            )));
        }
        Self::from_parts(k, data.image_shape(), data.gather(indices), targets)
    }

    /// An estimator from its parts: `pixels` is `[images, channels, height, width]`.
    ///
    /// # Errors
    /// Parts that do not fit together.
    pub fn from_parts(
        k: usize,
        image_shape: [usize; 3],
        pixels: Vec<u8>,
        targets: Rows,
    ) -> Result<Self> {
        let size: usize = image_shape.iter().product();
        if k == 0 || size == 0 || targets.is_empty() || pixels.len() != targets.len() * size {
            return Err(Error::model(format!(
                "a k-NN estimator needs k above 0 and as many images as targets, not k = {k}, {} bytes of pixels and {} targets",
                pixels.len(),
                targets.len()
            )));
        }
        Ok(Self {
            k,
            image_shape,
            pixels,
            targets,
        })
    }

    /// `[channels, height, width]` of every image.
    pub fn image_shape(&self) -> [usize; 3] {
        self.image_shape
    }

    /// Pixels of the training images, `[images, channels, height, width]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Targets of the training images.
    pub fn targets(&self) -> &Rows {
        &self.targets
    }

    /// The mean target of the `k` nearest training images, for every image of `data`, in parallel.
    pub fn predict(&self, data: &Dataset) -> Rows {
        let values = (0..data.len())
            .into_par_iter()
            .flat_map_iter(|index| self.mean_of(&self.nearest(&data.pixels(index))))
            .collect();
        Rows {
            dimension: self.targets.dimension,
            values,
        }
    }

    /// Indices of the `k` nearest training images (all, if there are fewer), nearest first.
    fn nearest(&self, image: &[u8]) -> Vec<usize> {
        let mut best: Vec<(u64, usize)> = Vec::with_capacity(self.k.min(self.targets.len()) + 1);
        for (index, other) in self.pixels.chunks_exact(image.len()).enumerate() {
            let candidate = (squared_distance(image, other), index);
            if best.len() < self.k || best.last().is_some_and(|&worst| candidate < worst) {
                let place = best.partition_point(|&entry| entry < candidate);
                best.insert(place, candidate);
                best.truncate(self.k);
            }
        }
        best.into_iter().map(|(_, index)| index).collect()
    }

    fn mean_of(&self, neighbours: &[usize]) -> Vec<f32> {
        (0..self.targets.dimension)
            .map(|axis| {
                let sum: f64 = neighbours
                    .iter()
                    .map(|&i| f64::from(self.targets.row(i)[axis]))
                    .sum();
                (sum / neighbours.len() as f64) as f32
            })
            .collect()
    }
}

/// Sum of squared differences of grey values.
fn squared_distance(a: &[u8], b: &[u8]) -> u64 {
    // 65,536 squares of at most 255^2 fit into 32 bits; sums of that width vectorise.
    a.chunks(1 << 16)
        .zip(b.chunks(1 << 16))
        .map(|(a, b)| {
            let squares = a
                .iter()
                .zip(b)
                .map(|(&a, &b)| u32::from(a.abs_diff(b)).pow(2));
            u64::from(squares.sum::<u32>())
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knn(k: usize) -> Knn {
        let targets = Rows {
            dimension: 1,
            values: vec![1.0, 2.0, 3.0, 10.0],
        };
        Knn::from_parts(k, [1, 1, 2], vec![0, 0, 10, 0, 0, 10, 255, 255], targets).unwrap()
    }

    #[test]
    fn the_nearest_come_first_and_ties_keep_their_order() {
        assert_eq!(knn(3).nearest(&[1, 1]), [0, 1, 2]);
        assert_eq!(knn(1).nearest(&[200, 255]), [3]);
        assert_eq!(knn(9).nearest(&[0, 9]), [2, 0, 1, 3]);
    }

    #[test]
    fn the_target_is_the_mean_of_the_neighbours() {
        assert_eq!(knn(2).mean_of(&[0, 1]), [1.5]);
    }

    #[test]
    fn distances_do_not_overflow() {
        let size = 3 * (1 << 16) + 5;
        let distance = squared_distance(&vec![0; size], &vec![255; size]);
        assert_eq!(distance, size as u64 * 255 * 255);
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let targets = Rows {
            dimension: 1,
            values: vec![1.0],
        };
        assert!(Knn::from_parts(1, [1, 1, 2], vec![0; 3], targets.clone()).is_err());
        assert!(Knn::from_parts(0, [1, 1, 2], vec![0; 2], targets).is_err());
    }
}
