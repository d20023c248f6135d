//! What the estimators of a comparison answer to each test image: for plots of answers over labels.

use serde::{Deserialize, Serialize};

use crate::tasks::scores::Scored;

/// Answers to test images, from raw and from refined training images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// Name of each coordinate: pitch and yaw, label columns, the class.
    pub axes: Vec<String>,
    /// Places of the images in the test set, in increasing order.
    pub images: Vec<usize>,
    /// Labels, `[image][axis]`, in the unit of errors (degrees for gaze); numbers of classes.
    pub labels: Vec<Vec<f32>>,
    /// Of the estimators of raw images.
    pub synthetic: ArmAnswers,
    /// Of the estimators of refined images.
    pub refined: ArmAnswers,
}

/// Answers of one side's estimators.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmAnswers {
    /// Of the first seed's estimator, `[image][axis]`, as the labels.
    pub answers: Vec<Vec<f32>>,
    /// Error of every image, mean over seeds.
    pub errors: Vec<f32>,
}

impl Answers {
    /// The answers behind the evaluations of both sides, one a seed.
    pub(super) fn of(synthetic: &[Scored], refined: &[Scored]) -> Option<Self> {
        let first = synthetic.first()?;
        let axes = &first.evaluation.axes;
        Some(Self {
            axes: axes.iter().map(|axis| axis.name.clone()).collect(),
            images: first.images.clone(),
            labels: narrow(&first.labels),
            synthetic: ArmAnswers::of(synthetic)?,
            refined: ArmAnswers::of(refined)?,
        })
    }

    /// At most `most` of the images, spread evenly: what a file keeps.
    #[must_use]
    pub fn thinned(&self, most: usize) -> Self {
        let (all, kept) = (self.images.len(), most.min(self.images.len()));
        let places: Vec<usize> = (0..kept).map(|i| i * all / kept).collect();
        let arm = |arm: &ArmAnswers| ArmAnswers {
            answers: pick(&arm.answers, &places),
            errors: pick(&arm.errors, &places),
        };
        Self {
            axes: self.axes.clone(),
            images: pick(&self.images, &places),
            labels: pick(&self.labels, &places),
            synthetic: arm(&self.synthetic),
            refined: arm(&self.refined),
        }
    }
}

impl ArmAnswers {
    fn of(seeds: &[Scored]) -> Option<Self> {
        let first = seeds.first()?;
        let mean = |image: usize| {
            let sum: f64 = seeds.iter().filter_map(|seed| seed.errors.get(image)).sum();
            (sum / seeds.len() as f64) as f32
        };
        Some(Self {
            answers: narrow(&first.answers),
            errors: (0..first.errors.len()).map(mean).collect(),
        })
    }
}

fn narrow(rows: &[Vec<f64>]) -> Vec<Vec<f32>> {
    let row = |row: &Vec<f64>| row.iter().map(|&value| value as f32).collect();
    rows.iter().map(row).collect()
}

/// What stands at `places`; what a damaged file lacks is left out.
fn pick<T: Clone>(values: &[T], places: &[usize]) -> Vec<T> {
    let at = |&place: &usize| values.get(place).cloned();
    places.iter().filter_map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_spread_and_stays_together() {
        let arm = |add: f32| ArmAnswers {
            answers: (0..10).map(|i| vec![i as f32 + add]).collect(),
            errors: (0..10).map(|i| i as f32).collect(),
        };
        let all = Answers {
            axes: vec!["yaw".into()],
            images: (20..30).collect(),
            labels: (0..10).map(|i| vec![i as f32]).collect(),
            synthetic: arm(0.5),
            refined: arm(0.25),
        };
        let few = all.thinned(5);
        assert_eq!(few.images, [20, 22, 24, 26, 28]);
        assert_eq!(few.labels[4], [8.0]);
        assert_eq!(
            (few.synthetic.answers[4][0], few.refined.errors[4]),
            (8.5, 8.0)
        );
        assert_eq!(all.thinned(100), all);
        assert_eq!(all.thinned(0).images, [0usize; 0]);
    }
}
