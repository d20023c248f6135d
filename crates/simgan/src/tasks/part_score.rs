//! Scores of the parts of answers, such as points, that have errors of their own.

use serde::{Deserialize, Serialize};

use simgan_base::metrics::error_curve;
use simgan_base::metrics::summary::{mean, median};

/// How wrong one part of the answers is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartScore {
    /// Its name.
    pub name: String,
    /// Mean error over the images.
    pub mean: f64,
    /// Median error.
    pub median: f64,
    /// `(threshold, percent of images with an error at or below it)`; of points the PCK.
    pub percent_within: Vec<(f64, f64)>,
}

impl PartScore {
    /// Scores of the parts `names`, from errors `[image][part]`.
    pub(super) fn of(names: Vec<String>, errors: &[Vec<f64>], thresholds: &[f64]) -> Vec<Self> {
        let score = |(part, name): (usize, String)| {
            let errors: Vec<f64> = errors.iter().map(|image| image[part]).collect();
            Self {
                name,
                mean: mean(&errors),
                median: median(&errors),
                percent_within: error_curve::at(&errors, thresholds),
            }
        };
        names.into_iter().enumerate().map(score).collect()
    }

    /// The mean of scores of one part; `None` of none.
    pub(super) fn mean_of(scores: &[&Self]) -> Option<Self> {
        let first = scores.first()?;
        let of = |value: &dyn Fn(&Self) -> f64| {
            mean(&scores.iter().map(|score| value(score)).collect::<Vec<_>>())
        };
        let within = first.percent_within.iter().enumerate();
        Some(Self {
            name: first.name.clone(),
            mean: of(&|score| score.mean),
            median: of(&|score| score.median),
            percent_within: within
                .map(|(i, (limit, _))| (*limit, of(&|score| score.percent_within[i].1)))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_own_errors() {
        let errors = [vec![1.0, 8.0], vec![3.0, 2.0]];
        let names = vec!["tip".to_owned(), "eye".to_owned()];
        let scores = PartScore::of(names, &errors, &[2.5]);
        assert_eq!((scores[0].mean, scores[1].median), (2.0, 5.0));
        assert_eq!(scores[0].percent_within, [(2.5, 50.0)]);
        let both = PartScore::mean_of(&[&scores[0], &scores[1]]).unwrap();
        assert_eq!((both.mean, both.percent_within[0].1), (3.5, 50.0));
    }
}
