//! Task consistency: an estimator learns the labels from the raw synthetic images, under augmentation, and stays as it is. The
//! refiner pays for changing what it answers, in the mean (bias) and image by image; and both players may see images of
//! both sides whose answers are spread alike. What the discriminator asks for may otherwise be another label: real people who
//! look down have other shades around the eye than rendered ones who look ahead.
//!
//! No label of a real image plays a part. Not in the paper; nearest are the semantic consistency of Hoffman et al., *CyCADA*,
//! ICML 2018 ([arXiv 1711.03213](https://arxiv.org/abs/1711.03213)), which has no term of the mean, and the task loss of
//! Bousmalis et al., CVPR 2017 ([arXiv 1612.05424](https://arxiv.org/abs/1612.05424)).
//!
//! ```
//! use simgan::data::{Dataset, OpenOptions, Preprocessing};
//! use simgan::task_consistency::estimator_of;
//! use simgan::tasks::EstimatorConfig;
//!
//! // What learns the answers that are held: here gaze, since the labels have one, under augmentation.
//! let eyes = "sim:eyes?seed=1[:4]";
//! let eyes = Dataset::open(eyes, &Preprocessing::default(), &OpenOptions::default())?;
//! let estimator = estimator_of(&EstimatorConfig::default(), &eyes)?;
//! assert!(estimator.augmentation.is_on());
//! # Ok::<(), simgan::Error>(())
//! ```

mod config;
mod fit;
mod matching;

pub use config::TaskConsistencyConfig;
pub use fit::{estimator_of, fit_or_load};
pub use matching::Matched;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::losses::batch_mean::batch_mean;
use crate::parallel::ProcessGroup;
use crate::tasks::{Estimator, Network};
use simgan_base::metrics::summary::moments;
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// What holds the refiner to the answers of an estimator.
#[derive(Clone, Debug)]
pub struct TaskConsistency {
    /// The whole estimator, for who wants its answers.
    pub estimator: Estimator,
    /// Its network on the training device; its weights stay as they are.
    network: Network,
    /// Root mean square deviation of its outputs over the synthetic images; above 0.
    spread: f64,
    config: TaskConsistencyConfig,
}

impl TaskConsistency {
    /// Holds to the answers of `estimator`, which was fitted on images like `synthetic`.
    ///
    /// # Errors
    /// It is no network, or gives the same answer to every image.
    pub fn new(
        estimator: Estimator,
        synthetic: &Dataset,
        config: &TaskConsistencyConfig,
        device: &Device,
    ) -> Result<Self> {
        let Some(network) = estimator.network() else {
            return Err(
                Error::config("`task_consistency` needs an estimator with a gradient")
                    .with_hint("set estimator.kind=cnn"),
            );
        };
        Ok(Self {
            spread: spread(&estimator, synthetic)?,
            network: network.clone().to_device(device).no_grad(),
            estimator,
            config: config.clone(),
        })
    }

    /// Which images of both sides are drawn, where content is matched.
    ///
    /// # Errors
    /// Those of [`Matched::between`].
    pub fn matched(
        &self,
        synthetic: &Dataset,
        real: &Dataset,
        seed: u64,
    ) -> Result<Option<Matched>> {
        let matched = || Matched::between(&self.estimator, synthetic, real, seed);
        self.config.match_content.then(matched).transpose()
    }

    /// Whether changed answers cost anything.
    pub fn holds(&self) -> bool {
        self.config.holds()
    }

    /// The weighted cost of what refining adds to the answers; the bias is that of the whole mini-batch, of which the processes of
    /// `group` have shares. Gradients flow through `refined` only.
    ///
    /// # Errors
    /// Another process has gone.
    ///
    /// # Shapes
    /// - `refined`, `synthetic`: `[batch, channels, height, width]`, values in [-1, 1]; the result has one element
    pub fn loss(
        &self,
        refined: Tensor<4>,
        synthetic: Tensor<4>,
        group: &ProcessGroup,
    ) -> Result<Tensor<1>> {
        let before = self.network.forward(synthetic).detach();
        let added = (self.network.forward(refined) - before) / self.spread;
        let bias = batch_mean(added.clone().mean_dim(0), group)?;
        let bias = bias.square().sum();
        let each = added.square().sum_dim(1).mean();
        Ok(bias * self.config.bias + each * self.config.each)
    }
}

/// Root of the mean over the outputs of their variance over the images.
fn spread(estimator: &Estimator, data: &Dataset) -> Result<f64> {
    let rows = estimator.outputs(data)?;
    let axes = 0..rows.dimension;
    let variances = axes.map(|axis| {
        let values = rows.values.iter().skip(axis).step_by(rows.dimension);
        let [_, sd] = moments(values.map(|&v| f64::from(v)));
        sd * sd
    });
    let spread = (variances.sum::<f64>() / rows.dimension as f64).sqrt();
    match spread > 0.0 && spread.is_finite() {
        true => Ok(spread),
        false => Err(Error::training(
            "the estimator of task consistency gives the same answer to every synthetic image",
        )
        .with_hint("raise estimator.steps, or leave [task_consistency] out")),
    }
}

#[cfg(test)]
mod tests;
