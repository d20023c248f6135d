//! What one fit draws from: the images used, the held-out part, the mini-batches.

use burn::tensor::{Device, Tensor, TensorData};
use rand::seq::SliceRandom;

use crate::tasks::config::{EstimatorConfig, EstimatorKind};
use crate::tasks::mini_batches::MiniBatch;
use crate::tasks::rows::Rows;
use crate::tasks::standardization::Standardization;
use crate::tasks::task::Task;
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// The images used and their targets.
pub(super) struct Samples<'a> {
    /// All images.
    pub(super) data: &'a Dataset,
    /// One row an image of `data`, in label units.
    targets: Rows,
    task: Box<dyn Task>,
    /// Images learned from.
    pub(super) training: Vec<usize>,
    /// Images held out for early stopping.
    pub(super) validation: Vec<usize>,
    /// From label units to the network's.
    pub(super) standardization: Standardization,
}

impl<'a> Samples<'a> {
    pub(super) fn new(data: &'a Dataset, config: &EstimatorConfig, seed: u64) -> Result<Self> {
        let target = config.target();
        let targets = target.values(data)?;
        let chosen = choose(data.len(), config.max_images, seed);
        let fraction = match config.kind {
            EstimatorKind::Cnn | EstimatorKind::Hourglass => config.validation_fraction,
            EstimatorKind::Knn => 0.0,
        };
        let (training, validation) = split(chosen, fraction, seed);
        if training.is_empty() {
            return Err(Error::data(format!(
                "{} labelled images are too few to fit an estimator",
                data.len()
            )));
        }
        let task = target.task();
        let standardization = config.standardization(&*task, &targets.select(&training));
        Ok(Self {
            data,
            targets,
            task,
            training,
            validation,
            standardization,
        })
    }

    /// The targets of the images at `indices`, in the network's units.
    pub(super) fn targets(&self, indices: &[usize]) -> Rows {
        let mut rows = self.targets.select(indices);
        self.standardization.apply(&mut rows);
        rows
    }

    /// The targets of a mini-batch, which have followed the content of its images.
    pub(super) fn target_batch(&self, batch: &MiniBatch, device: &Device) -> Tensor<2> {
        let mut rows = self.targets.select(&batch.indices);
        let [_, height, width] = self.data.image_shape();
        let labels = rows.values.chunks_exact_mut(rows.dimension);
        for (label, displacement) in labels.zip(&batch.displacements) {
            self.task.displace(label, displacement, [width, height]);
        }
        self.standardization.apply(&mut rows);
        let shape = [rows.len(), rows.dimension];
        Tensor::from_data(TensorData::new(rows.values, shape), device)
    }
}

/// All of `0..count`, or `limit` of them drawn by the seed, in increasing order.
fn choose(count: usize, limit: usize, seed: u64) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..count).collect();
    if limit > 0 && limit < count {
        indices.shuffle(&mut generator(seed, Stream::Selection));
        indices.truncate(limit);
        indices.sort_unstable();
    }
    indices
}

/// `(training, held out)`, both in increasing order; at least one is held out if `fraction` is above 0.
fn split(mut indices: Vec<usize>, fraction: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    if fraction == 0.0 {
        return (indices, Vec::new());
    }
    let held_out =
        ((indices.len() as f64 * fraction).round() as usize).clamp(1, indices.len().max(1));
    indices.shuffle(&mut generator(seed, Stream::HeldOut));
    let mut training = indices.split_off(held_out.min(indices.len()));
    training.sort_unstable();
    indices.sort_unstable();
    (training, indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_split_is_fixed_by_the_seed_and_loses_nothing() {
        let (training, held_out) = split((0..100).collect(), 0.1, 7);
        assert_eq!((training.len(), held_out.len()), (90, 10));
        let mut all = [training.clone(), held_out].concat();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_eq!(split((0..100).collect(), 0.1, 7).0, training);
        assert_ne!(split((0..100).collect(), 0.1, 8).0, training);
    }

    #[test]
    fn small_sets_hold_out_one_image_and_none_if_told_so() {
        assert_eq!(split(vec![3, 4], 0.1, 0).1.len(), 1);
        assert_eq!(split(vec![3, 4], 0.0, 0), (vec![3, 4], vec![]));
        assert_eq!(split(vec![], 0.5, 0), (vec![], vec![]));
    }

    #[test]
    fn a_limit_draws_by_the_seed() {
        let chosen = choose(50, 10, 1);
        assert_eq!(chosen.len(), 10);
        assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
        assert_ne!(chosen, choose(50, 10, 2));
        assert_eq!(choose(5, 10, 1), [0, 1, 2, 3, 4]);
    }
}
