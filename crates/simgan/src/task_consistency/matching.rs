//! Content matching: mini-batches of both sides whose images show like things, as far as an estimator of raw images can tell. Where
//! real people look down more than rendered ones, D would otherwise learn that low lids are real, and R would lower them.

use rand::RngExt;
use rand::seq::SliceRandom;

use crate::tasks::{Estimator, Task};
use simgan_base::Result;
use simgan_base::metrics::summary::{mean, moments};
use simgan_base::random::{Stream, generator};
use simgan_data::Dataset;

/// Answers that a density is estimated from, at most, spread over the side.
const REFERENCES: usize = 2000;
/// An image is drawn at most so many times as often as the average one.
const MOST: f64 = 10.0;

/// Which images of both sides are drawn, as often as each is there: as many as the side has.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// Indices of synthetic images: drawn as often as the real side shows their like.
    pub synthetic: Vec<usize>,
    /// Indices of real images: all whose like the synthetic side shows, fewer of the others.
    pub real: Vec<usize>,
}

impl Matched {
    /// Matches both sides by the answers of `estimator`. Equal seeds and data give equal draws.
    ///
    /// # Errors
    /// Images of another shape than the estimator's, answers that are not finite.
    pub fn between(
        estimator: &Estimator,
        synthetic: &Dataset,
        real: &Dataset,
        seed: u64,
    ) -> Result<Self> {
        let task = estimator.target().task();
        let [synthetic, real] = [estimator.answers(synthetic)?, estimator.answers(real)?];
        let to_real = ratios(&*task, &synthetic, &real);
        let to_synthetic = ratios(&*task, &real, &synthetic);
        Ok(Self {
            synthetic: draws(&capped(&to_real, MOST * mean(&to_real)), seed),
            real: draws(&capped(&to_synthetic, 1.0), seed),
        })
    }
}

/// Of each of `own` answers, how much more often the others give its like.
fn ratios(task: &dyn Task, own: &[Vec<f64>], others: &[Vec<f64>]) -> Vec<f64> {
    match task.has_offset() {
        true => ratios_by(kernel_density(own, others), own, others),
        false => ratios_by(frequency, own, others),
    }
}

fn ratios_by(
    density: impl Fn(&[f64], &[Vec<f64>]) -> f64,
    own: &[Vec<f64>],
    others: &[Vec<f64>],
) -> Vec<f64> {
    let [own_part, other_part] = [spread(own), spread(others)];
    let ratio = |answer: &Vec<f64>| density(answer, &other_part) / density(answer, &own_part);
    own.iter().map(ratio).collect()
}

/// At most [`REFERENCES`] of the answers.
fn spread(answers: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let step = answers.len().div_ceil(REFERENCES).max(1);
    answers.iter().step_by(step).cloned().collect()
}

/// A Gaussian kernel density estimate up to a factor, with Scott's bandwidth of the answers of both sides together.
fn kernel_density(
    own: &[Vec<f64>],
    others: &[Vec<f64>],
) -> impl Fn(&[f64], &[Vec<f64>]) -> f64 + use<> {
    let axes = own.first().map_or(0, Vec::len);
    let count = own.len().min(others.len()).min(REFERENCES) as f64;
    let scott = count.powf(-1.0 / (axes as f64 + 4.0));
    let bandwidth = |axis: usize| {
        let both = own.iter().chain(others).map(|answer| answer[axis]);
        let [_, sd] = moments(both);
        scott * if sd > 0.0 { sd } else { 1.0 }
    };
    let bandwidths: Vec<f64> = (0..axes).map(bandwidth).collect();
    move |answer, references| {
        let kernel = |reference: &Vec<f64>| {
            let axes = answer.iter().zip(reference).zip(&bandwidths);
            let squares = axes.map(|((a, b), width)| ((a - b) / width).powi(2));
            (-0.5 * squares.sum::<f64>()).exp()
        };
        // No density is quite 0.
        let sum: f64 = references.iter().map(kernel).sum();
        sum / references.len() as f64 + 1e-9
    }
}

/// Share of the very same answer, a class; one more of each is counted, so that none is 0.
fn frequency(answer: &[f64], references: &[Vec<f64>]) -> f64 {
    let equal = references.iter().filter(|other| *other == answer).count();
    (equal + 1) as f64 / (references.len() + 1) as f64
}

/// Weights of at most `most`.
fn capped(weights: &[f64], most: f64) -> Vec<f64> {
    weights.iter().map(|weight| weight.min(most)).collect()
}

/// As many indices as there are weights, each as often as its weight says but for less than once (systematic resampling, in
/// an order of its own: frames of a video may come back at the pace of the draws), in increasing order.
fn draws(weights: &[f64], seed: u64) -> Vec<usize> {
    let mut rng = generator(seed, Stream::Matching);
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.shuffle(&mut rng);
    let step = mean(weights);
    let mut next = step * rng.random::<f64>();
    let (mut sum, mut indices) = (0.0, Vec::with_capacity(weights.len()));
    for index in order {
        sum += weights[index];
        while next < sum && indices.len() < weights.len() {
            indices.push(index);
            next += step;
        }
    }
    // Rounding may lack the last one.
    while indices.len() < weights.len() {
        indices.push(weights.len() - 1);
    }
    indices.sort_unstable();
    indices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::Target;

    fn line(from: f64, to: f64) -> Vec<Vec<f64>> {
        (0..200)
            .map(|i| vec![from + (to - from) * f64::from(i) / 199.0])
            .collect()
    }

    #[test]
    fn images_are_drawn_as_often_as_their_weights_say() {
        assert_eq!(draws(&[1.0; 5], 3), [0, 1, 2, 3, 4]);
        let drawn = draws(&[0.0, 3.0, 1.0, 0.0], 3);
        let count = |index| drawn.iter().filter(|&&i| i == index).count();
        assert_eq!([count(0), count(1), count(2), count(3)], [0, 3, 1, 0]);
    }

    #[test]
    fn answers_that_the_other_side_gives_are_drawn() {
        let task = Target::from_columns(&["a".into()]).task();
        let (wide, narrow) = (line(-10.0, 10.0), line(2.0, 6.0));
        let drawn = draws(&ratios(&*task, &wide, &narrow), 0);
        // The kernel's width blurs the ends.
        let inside = drawn
            .iter()
            .filter(|&&i| (0.0..8.0).contains(&wide[i][0]))
            .count();
        assert!(inside > 190, "{inside}");
        // The narrow side loses nothing: the wide one shows it all.
        let kept = draws(&capped(&ratios(&*task, &narrow, &wide), 1.0), 0);
        let mut distinct = kept.clone();
        distinct.dedup();
        assert!(distinct.len() > 180, "{}", distinct.len());
    }

    #[test]
    fn classes_are_counted() {
        let task = Target::Class {
            column: "class".into(),
            classes: 2,
        }
        .task();
        let even: Vec<Vec<f64>> = (0..100).map(|i| vec![f64::from(i % 2)]).collect();
        let mostly: Vec<Vec<f64>> = (0..100)
            .map(|i| vec![f64::from(i32::from(i < 80))])
            .collect();
        let drawn = draws(&ratios(&*task, &even, &mostly), 0);
        let ones = drawn.iter().filter(|&&i| even[i][0] == 1.0).count();
        assert!((78..=82).contains(&ones), "{ones}");
    }
}
