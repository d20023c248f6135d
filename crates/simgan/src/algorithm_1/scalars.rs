//! What an iteration of Algorithm 1 is worth logging, and means of it.

use serde::{Deserialize, Serialize};

/// Number of [`Scalars`].
const SCALARS: usize = 13;

/// Means over one logged interval, in which an iteration counts with its last update of each network.
///
/// A value that the phase does not compute is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scalars {
    /// L_R: adversarial term + lambda * self-regularization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refiner_loss: Option<f32>,
    /// Adversarial term of L_R: mean patch cross-entropy of refined images against "real" (eq. 3), or what
    /// `training.adversarial_loss` puts in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adversarial: Option<f32>,
    /// Mean absolute difference of features, before lambda.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_regularization: Option<f32>,
    /// Task consistency as it is added to L_R, its weights included; only where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_consistency: Option<f32>,
    /// Mean absolute difference of the images themselves: 0 means that the refiner does nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_change: Option<f32>,
    /// L_D (eq. 2), mean over patches and both halves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discriminator_loss: Option<f32>,
    /// R1 as it is added to L_D, its weight included; only of updates that compute it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradient_penalty: Option<f32>,
    /// Fraction of patches of real images that D calls real, 0..=1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy_real: Option<f32>,
    /// Fraction of patches of refined images that D calls refined, 0..=1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy_refined: Option<f32>,
    /// Global norm of the refiner's gradient before clipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refiner_gradient_norm: Option<f32>,
    /// Global norm of the discriminator's gradient before clipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discriminator_gradient_norm: Option<f32>,
    /// Learning rate of the refiner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate_refiner: Option<f32>,
    /// Learning rate of the discriminator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate_discriminator: Option<f32>,
}

impl Scalars {
    /// Every value with its name, in the order of the fields.
    pub fn named(&self) -> [(&'static str, Option<f32>); SCALARS] {
        let mut values = self.clone();
        values.named_mut().map(|(name, value)| (name, *value))
    }

    /// The values that there are, in the order of the fields.
    pub(super) fn values(&self) -> Vec<f32> {
        self.named()
            .iter()
            .filter_map(|(_, value)| *value)
            .collect()
    }

    /// Sets [`values`](Self::values).
    pub(super) fn set_values(&mut self, values: &[f32]) {
        let there = self.named_mut().into_iter().filter_map(|(_, v)| v.as_mut());
        there.zip(values).for_each(|(old, new)| *old = *new);
    }

    fn named_mut(&mut self) -> [(&'static str, &mut Option<f32>); SCALARS] {
        [
            ("refiner_loss", &mut self.refiner_loss),
            ("adversarial", &mut self.adversarial),
            ("self_regularization", &mut self.self_regularization),
            ("task_consistency", &mut self.task_consistency),
            ("pixel_change", &mut self.pixel_change),
            ("discriminator_loss", &mut self.discriminator_loss),
            ("gradient_penalty", &mut self.gradient_penalty),
            ("accuracy_real", &mut self.accuracy_real),
            ("accuracy_refined", &mut self.accuracy_refined),
            ("refiner_gradient_norm", &mut self.refiner_gradient_norm),
            (
                "discriminator_gradient_norm",
                &mut self.discriminator_gradient_norm,
            ),
            ("learning_rate_refiner", &mut self.learning_rate_refiner),
            (
                "learning_rate_discriminator",
                &mut self.learning_rate_discriminator,
            ),
        ]
    }
}

/// Running means of scalars.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "SavedMeans", into = "SavedMeans")]
pub struct ScalarMeans {
    sums: [(f64, usize); SCALARS],
}

/// [`ScalarMeans`] as they are stored: bits, because a decimal number may come back as its neighbour.
#[derive(Serialize, Deserialize)]
struct SavedMeans(Vec<(u64, usize)>);

impl From<ScalarMeans> for SavedMeans {
    fn from(means: ScalarMeans) -> Self {
        let bits = |(sum, count): (f64, usize)| (sum.to_bits(), count);
        Self(means.sums.map(bits).to_vec())
    }
}

impl From<SavedMeans> for ScalarMeans {
    fn from(saved: SavedMeans) -> Self {
        let mut means = Self::default();
        for (sum, (bits, count)) in means.sums.iter_mut().zip(saved.0) {
            *sum = (f64::from_bits(bits), count);
        }
        means
    }
}

impl ScalarMeans {
    /// Adds one step's values.
    pub fn add(&mut self, scalars: &Scalars) {
        for ((sum, count), (_, value)) in self.sums.iter_mut().zip(scalars.named()) {
            if let Some(value) = value {
                *sum += f64::from(value);
                *count += 1;
            }
        }
    }

    /// The means of what was added since the last call.
    pub fn take(&mut self) -> Scalars {
        let mut means = Scalars::default();
        for ((sum, count), (_, mean)) in self.sums.iter().zip(means.named_mut()) {
            *mean = (*count > 0).then(|| (sum / *count as f64) as f32);
        }
        *self = Self::default();
        means
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_over_the_steps_that_have_a_value() {
        let mut means = ScalarMeans::default();
        means.add(&Scalars {
            refiner_loss: Some(1.0),
            ..Scalars::default()
        });
        means.add(&Scalars {
            refiner_loss: Some(3.0),
            accuracy_real: Some(0.5),
            ..Scalars::default()
        });
        let taken = means.take();
        assert_eq!(taken.refiner_loss, Some(2.0));
        assert_eq!(taken.accuracy_real, Some(0.5));
        assert_eq!(taken.adversarial, None);
        assert_eq!(means.take(), Scalars::default());
    }

    #[test]
    fn means_are_stored_to_the_bit() {
        let mut means = ScalarMeans::default();
        for value in [0.1, 0.7, 1e-7, 3e8] {
            means.add(&Scalars {
                refiner_loss: Some(value),
                ..Scalars::default()
            });
        }
        let text = serde_json::to_string(&means).unwrap();
        let mut again: ScalarMeans = serde_json::from_str(&text).unwrap();
        assert_eq!(again.sums, means.sums);
        assert_eq!(again.take(), means.take());
    }

    #[test]
    fn no_value_is_lost() {
        let mut all = Scalars::default();
        for (_, value) in all.named_mut() {
            *value = Some(0.5);
        }
        let mut means = ScalarMeans::default();
        means.add(&all);
        assert_eq!(means.take(), all);
    }
}
