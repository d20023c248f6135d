//! Can a classifier that has nothing to do with the training tell images from real ones?
//!
//! A classifier two-sample test (Lopez-Paz and Oquab, *Revisiting classifier two-sample tests*, ICLR 2017,
//! [arXiv 1610.06545](https://arxiv.org/abs/1610.06545)): equally many images of both kinds, a part of them held out, accuracy
//! there. 50 % is chance: they cannot be told apart. The classifier is the gaze network's layers, narrower, with one
//! output that regresses 0 or 1 under the L2 loss, so that it is [fitted](crate::tasks::fit()) like any estimator.

use burn::tensor::Device;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::tasks::{Estimator, EstimatorConfig, FitOptions, FitProgress, fit};
use simgan_base::metrics::proportion::wilson;
use simgan_base::metrics::summary::{mean, sample_sd};
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};
use simgan_data::{Dataset, Labels};

/// Part of each kind that is held out to score.
const HELD_OUT: f64 = 0.3;
/// Least number of images of each kind.
pub const LEAST: usize = 10;

/// Accuracy on held-out images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwoSample {
    /// Mean over seeds, 0..=1; 0.5 is chance.
    pub accuracy: f64,
    /// Sample standard deviation over seeds; 0 for one seed.
    pub sd: f64,
    /// One accuracy a seed.
    pub values: Vec<f64>,
    /// Wilson's 95 % interval of `accuracy` for as many images as one seed holds out (seeds share images).
    pub interval: [f64; 2],
    /// Images learned from, both kinds together.
    pub training_images: usize,
    /// Images scored by each seed, both kinds together.
    pub held_out_images: usize,
}

/// The budget of every classifier: the gaze network at about a quarter of its width, 200 mini-batches of 64.
pub fn classifier() -> EstimatorConfig {
    EstimatorConfig {
        targets: vec!["real".into()],
        steps: 200,
        validate_every: 25,
        patience: 3,
        feature_maps: [16, 16, 32, 32, 48],
        hidden: 64,
        ..EstimatorConfig::default()
    }
}

/// Fits one classifier a seed on `images` against `real` and scores it on images of both that it has not seen.
///
/// Which images are taken, and which of them are held out, follows from the seed and the numbers of images alone, so that
/// raw and refined images are judged on the same ones. `progress(done, total)` counts steps.
///
/// # Errors
/// Fewer than ten images of either kind, images of different shapes, and those of [`fit()`].
pub fn two_sample(
    images: &Dataset,
    real: &Dataset,
    seeds: u64,
    device: &Device,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<TwoSample> {
    let each = images.len().min(real.len());
    check(images, real, each)?;
    let held_out = ((each as f64 * HELD_OUT).round() as usize).max(1);
    let mut values = Vec::new();
    for seed in 0..seeds {
        let (images, real) = (shuffled(images, seed), shuffled(real, seed));
        let part = |range: std::ops::Range<usize>| {
            let indices: Vec<usize> = range.collect();
            labelled(&images.subset(&indices), &real.subset(&indices))
        };
        let mut told = |p: FitProgress| {
            progress(seed as usize * p.steps + p.step, seeds as usize * p.steps);
        };
        values.push(accuracy(
            &part(held_out..each)?,
            &part(0..held_out)?,
            seed,
            device,
            &mut told,
        )?);
    }
    let accuracy = mean(&values);
    Ok(TwoSample {
        accuracy,
        sd: sample_sd(&values),
        interval: wilson(accuracy, 2 * held_out),
        values,
        training_images: 2 * (each - held_out),
        held_out_images: 2 * held_out,
    })
}

fn check(images: &Dataset, real: &Dataset, each: usize) -> Result<()> {
    if each < LEAST {
        return Err(Error::data(format!(
            "{each} images of each kind are too few to tell them apart: {LEAST} are the least"
        )));
    }
    if images.image_shape() == real.image_shape() {
        return Ok(());
    }
    Err(Error::data(format!(
        "images of {:?} and real ones of {:?} (channels, height, width) cannot be compared",
        images.image_shape(),
        real.image_shape()
    )))
}

/// All images in an order that follows from the seed and their number.
fn shuffled(data: &Dataset, seed: u64) -> Dataset {
    let mut indices: Vec<usize> = (0..data.len()).collect();
    indices.shuffle(&mut generator(seed, Stream::Judges));
    data.subset(&indices)
}

/// Both kinds as one data set whose column `real` is 0 or 1.
fn labelled(images: &Dataset, real: &Dataset) -> Result<Dataset> {
    let (mut names, mut pixels, mut table) = (Vec::new(), Vec::new(), "file,real\n".to_owned());
    for (data, class) in [(images, 0), (real, 1)] {
        let all: Vec<usize> = (0..data.len()).collect();
        pixels.extend(data.gather(&all));
        for index in all {
            let name = format!("{class}/{index}");
            table.push_str(&format!("{name},{class}\n"));
            names.push(name);
        }
    }
    let labels = Labels::parse(table.into_bytes(), "both kinds of images")?;
    Dataset::from_memory(names, images.image_shape(), pixels, Some(labels))
}

/// Part of `test` on the right side of one half.
fn accuracy(
    training: &Dataset,
    test: &Dataset,
    seed: u64,
    device: &Device,
    progress: &mut dyn FnMut(FitProgress),
) -> Result<f64> {
    let estimator = fit_classifier(training, seed, device, progress)?;
    let answers = takes_for_real(&estimator, test)?;
    let truth = test.column("real")?;
    let right = answers.iter().zip(&truth);
    let right = right
        .filter(|&(answer, truth)| *answer == (*truth > 0.5))
        .count();
    Ok(right as f64 / truth.len() as f64)
}

fn fit_classifier(
    training: &Dataset,
    seed: u64,
    device: &Device,
    progress: &mut dyn FnMut(FitProgress),
) -> Result<Estimator> {
    let options = FitOptions {
        seed,
        ..FitOptions::default()
    };
    Ok(fit(training, &classifier(), &options, device, progress)?.0)
}

/// Fits one classifier that tells `images` from `real` ones, equally many of both.
///
/// # Errors
/// As [`two_sample`].
pub fn teach(
    images: &Dataset,
    real: &Dataset,
    seed: u64,
    device: &Device,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Estimator> {
    let each = images.len().min(real.len());
    check(images, real, each)?;
    let part: Vec<usize> = (0..each).collect();
    let both = labelled(
        &shuffled(images, seed).subset(&part),
        &shuffled(real, seed).subset(&part),
    )?;
    fit_classifier(&both, seed, device, &mut |p| progress(p.step, p.steps))
}

/// Whether a [taught](teach) classifier takes each image for a real one.
///
/// # Errors
/// Images of another shape.
pub fn takes_for_real(classifier: &Estimator, images: &Dataset) -> Result<Vec<bool>> {
    let answers = classifier.predict_rows(images)?;
    Ok(answers.values.iter().map(|answer| *answer > 0.5).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    /// Noise images whose mean grey is `level`.
    fn noise(count: usize, level: u8, seed: u64) -> Dataset {
        let mut rng = generator(seed, Stream::Judges);
        let pixels = (0..count * 400)
            .map(|_| level + rng.random_range(0..100u8))
            .collect();
        let names = (0..count).map(|i| format!("{i}.png")).collect();
        Dataset::from_memory(names, [1, 20, 20], pixels, None).unwrap()
    }

    fn judged(a: &Dataset, b: &Dataset, seeds: u64) -> TwoSample {
        two_sample(a, b, seeds, &Device::default(), &mut |_, _| {}).unwrap()
    }

    #[test]
    fn equal_distributions_are_chance_and_different_ones_are_told_apart() {
        let real = noise(100, 60, 1);
        let same = judged(&noise(100, 60, 2), &real, 2);
        assert_eq!((same.training_images, same.held_out_images), (140, 60));
        assert!((0.3..0.7).contains(&same.accuracy), "{same:?}");
        assert!(same.interval[0] < same.accuracy && same.accuracy < same.interval[1]);
        let other = judged(&noise(100, 110, 2), &real, 1);
        assert!(other.accuracy > 0.95, "{other:?}");
    }

    #[test]
    fn a_taught_classifier_answers_for_other_images() {
        let device = Device::default();
        let (dark, light) = (noise(60, 60, 1), noise(50, 110, 2));
        let classifier = teach(&dark, &light, 0, &device, &mut |_, _| {}).unwrap();
        let share = |images| {
            let answers = takes_for_real(&classifier, &images).unwrap();
            answers.iter().filter(|real| **real).count() as f64 / answers.len() as f64
        };
        assert!(share(noise(40, 110, 3)) > 0.9);
        assert!(share(noise(40, 60, 4)) < 0.1);
    }

    #[test]
    fn both_kinds_are_cut_to_the_same_number() {
        let judged = judged(&noise(40, 60, 1), &noise(20, 110, 2), 1);
        assert_eq!((judged.training_images, judged.held_out_images), (28, 12));
    }

    #[test]
    fn too_few_or_different_images_are_refused() {
        let refuse = |a: &Dataset, b: &Dataset| {
            two_sample(a, b, 1, &Device::default(), &mut |_, _| {})
                .unwrap_err()
                .to_string()
        };
        assert!(refuse(&noise(9, 60, 1), &noise(30, 60, 2)).contains("too few"));
        let other = Dataset::from_memory(
            (0..20).map(|i| i.to_string()).collect(),
            [1, 20, 21],
            vec![0; 20 * 420],
            None,
        );
        assert!(refuse(&noise(20, 60, 1), &other.unwrap()).contains("cannot be compared"));
    }
}
