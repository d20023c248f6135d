//! Plain augmentation of an estimator's training images: what a refiner has to beat.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tasks::displacement::Displacement;
use crate::tasks::task::Task;
use simgan_base::imaging::gaussian::half_gaussian;
use simgan_base::imaging::resample::resample;
use simgan_base::random::{Stream, generator, normal_pair};
use simgan_base::{Error, Result};

/// Section `[estimator.augmentation]`: the most that happens to a training image; every image of every
/// mini-batch draws anew, evenly between nothing and that. All 0, the default, leaves the images alone.
///
/// The changes come in this order: zoom and shift, contrast, brightness, blur, noise; values are then cut to [-1, 1].
/// Held-out and test images are never changed. Key points and boxes follow zoom and shift; other label columns cannot,
/// so these are left out where the targets may be places in the image, see [`Self::suited_to`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AugmentationConfig {
    /// Contrast about the image's mean is multiplied by up to `exp(contrast)`, or divided by it; 0..=3.
    pub contrast: f32,
    /// Largest shift of brightness up or down, in units of [-1, 1]; 0..=2.
    pub brightness: f32,
    /// Largest standard deviation of a Gaussian blur in pixels; 0..=10.
    pub blur: f32,
    /// Largest standard deviation of Gaussian noise, in units of [-1, 1]; 0..=2.
    pub noise: f32,
    /// Largest move right or left and up or down, in pixels; 0..=50.
    pub shift: f32,
    /// Content is enlarged about the middle by up to `exp(zoom)`, or shrunk by it; 0..=1.
    pub zoom: f32,
}

impl AugmentationConfig {
    /// A moderate setting of contrast, brightness, blur and noise for 55x35 eyes: the yardstick of comparisons.
    pub fn plain() -> Self {
        Self {
            contrast: 0.5,
            brightness: 0.3,
            blur: 1.0,
            noise: 0.1,
            ..Self::default()
        }
    }

    /// Whether content moves within the image.
    pub fn moves(&self) -> bool {
        self.shift > 0.0 || self.zoom > 0.0
    }

    /// Whether anything is changed.
    pub fn is_on(&self) -> bool {
        *self != Self::default()
    }

    /// What of this leaves labels of `task` true, or lets them follow: all of it for gaze, points on a screen, classes, key
    /// points and boxes, all but zoom and shift for other columns.
    pub fn suited_to(&self, task: &dyn Task) -> Self {
        match task.allows_moves() {
            true => self.clone(),
            false => self.without_moves(),
        }
    }

    /// The same without zoom and shift.
    #[must_use]
    pub fn without_moves(&self) -> Self {
        Self {
            shift: 0.0,
            zoom: 0.0,
            ..self.clone()
        }
    }

    /// Checks every range.
    ///
    /// # Errors
    /// Names the first key that is out of its range.
    pub fn validate(&self) -> Result<()> {
        for (key, value, most) in [
            ("contrast", self.contrast, 3.0),
            ("brightness", self.brightness, 2.0),
            ("blur", self.blur, 10.0),
            ("noise", self.noise, 2.0),
            ("shift", self.shift, 50.0),
            ("zoom", self.zoom, 1.0),
        ] {
            if !(0.0..=most).contains(&value) {
                return Err(Error::config(format!(
                    "`estimator.augmentation.{key}` is {value}: it must lie in 0..={most}"
                ))
                .with_hint("0 switches it off"));
            }
        }
        Ok(())
    }
}

/// Changes mini-batches, one after the other.
#[derive(Debug)]
pub(crate) struct Augmentation {
    config: AugmentationConfig,
    rng: ChaCha8Rng,
}

impl Augmentation {
    pub(crate) fn new(config: &AugmentationConfig, seed: u64, stream: Stream) -> Self {
        Self {
            config: config.clone(),
            rng: generator(seed, stream),
        }
    }

    /// Changes images of `shape` (`[channels, height, width]`, values in [-1, 1]) that lie one after the other, and tells how
    /// the content of each was moved.
    pub(crate) fn apply(&mut self, images: &mut [f32], shape: [usize; 3]) -> Vec<Displacement> {
        let images = images.chunks_exact_mut(shape.iter().product());
        match self.config.is_on() {
            true => images.map(|image| self.change(image, shape)).collect(),
            false => vec![Displacement::NONE; images.len()],
        }
    }

    fn change(&mut self, image: &mut [f32], [_, height, width]: [usize; 3]) -> Displacement {
        let displacement = match self.config.moves() {
            true => self.move_content(image, height, width),
            false => Displacement::NONE,
        };
        let tone = self.tone(image);
        let blur = Kernel::new(self.upto(self.config.blur));
        let noise = self.upto(self.config.noise);
        image.iter_mut().for_each(|v| *v = tone(*v));
        for plane in image.chunks_exact_mut(height * width) {
            blur.apply(plane, width);
        }
        for value in image {
            *value = (*value + noise * self.normal()).clamp(-1.0, 1.0);
        }
        displacement
    }

    fn move_content(&mut self, image: &mut [f32], height: usize, width: usize) -> Displacement {
        let scale = self.either_way(self.config.zoom).exp();
        let shift = [(); 2].map(|()| self.either_way(self.config.shift));
        for plane in image.chunks_exact_mut(height * width) {
            resample(plane, width, scale, shift);
        }
        Displacement { scale, shift }
    }

    /// Contrast and brightness as a function of the value.
    fn tone(&mut self, image: &[f32]) -> impl Fn(f32) -> f32 + use<> {
        let mean = image.iter().sum::<f32>() / image.len() as f32;
        let gain = self.either_way(self.config.contrast).exp();
        let shift = self.either_way(self.config.brightness);
        move |value| (mean + shift + gain * (value - mean)).clamp(-1.0, 1.0)
    }

    fn upto(&mut self, most: f32) -> f32 {
        most * self.rng.random::<f32>()
    }

    fn either_way(&mut self, most: f32) -> f32 {
        most * (2.0 * self.rng.random::<f32>() - 1.0)
    }

    /// A standard normal number; each takes a pair of draws, whatever was drawn before.
    fn normal(&mut self) -> f32 {
        normal_pair(&mut self.rng)[0]
    }
}

/// One half of a symmetric Gaussian filter, its middle first.
struct Kernel(Vec<f32>);

impl Kernel {
    fn new(sigma: f32) -> Self {
        Self(half_gaussian(sigma))
    }

    /// Blurs a plane of rows of `width`; its border is repeated.
    fn apply(&self, plane: &mut [f32], width: usize) {
        if self.0.len() == 1 {
            return;
        }
        let height = plane.len() / width;
        for row in plane.chunks_exact_mut(width) {
            self.line(row, 0, 1, width);
        }
        for column in 0..width {
            self.line(plane, column, width, height);
        }
    }

    fn line(&self, values: &mut [f32], start: usize, step: usize, length: usize) {
        let line: Vec<f32> = (0..length).map(|i| values[start + i * step]).collect();
        for i in 0..length {
            let sides = self.0.iter().enumerate().skip(1).map(|(k, weight)| {
                weight * (line[i.saturating_sub(k)] + line[(i + k).min(length - 1)])
            });
            values[start + i * step] = self.0[0] * line[i] + sides.sum::<f32>();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::target::Target;

    const SHAPE: [usize; 3] = [1, 20, 30];

    fn augmented(config: AugmentationConfig, seed: u64) -> Vec<f32> {
        let mut images = vec![0.2; 4 * 600];
        images[310] = 0.9;
        Augmentation::new(&config, seed, Stream::EstimatorAugmentation).apply(&mut images, SHAPE);
        images
    }

    fn sd(values: &[f32]) -> f32 {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32).sqrt()
    }

    #[test]
    fn nothing_is_changed_by_default_and_draws_follow_the_seed() {
        let plain = augmented(AugmentationConfig::default(), 0);
        assert_eq!((plain[0], plain[310]), (0.2, 0.9));
        let config = AugmentationConfig {
            noise: 0.3,
            ..Default::default()
        };
        assert_eq!(augmented(config.clone(), 1), augmented(config.clone(), 1));
        assert_ne!(augmented(config.clone(), 1), augmented(config, 2));
    }

    #[test]
    fn noise_and_brightness_vary_by_image_within_their_bounds() {
        let config = AugmentationConfig {
            noise: 0.3,
            ..Default::default()
        };
        let noisy = augmented(config, 3);
        let spreads: Vec<f32> = noisy.chunks(600).skip(1).map(sd).collect();
        assert!(spreads.iter().all(|&s| s > 0.0 && s < 0.33), "{spreads:?}");
        assert!((spreads[0] - spreads[1]).abs() > 1e-3);
        let config = AugmentationConfig {
            brightness: 0.5,
            ..Default::default()
        };
        let shifted = augmented(config, 3);
        assert!(shifted.chunks(600).skip(1).all(|i| sd(i) < 1e-5));
        assert!(shifted.iter().all(|v| (-0.31..=1.0).contains(v)));
        assert!((shifted[600] - shifted[1200]).abs() > 1e-3);
    }

    /// Where a bright dot at (20, 10) of a dark image is found after augmentation, 200 times: `[x, y]`.
    fn dots(config: AugmentationConfig) -> Vec<[f32; 2]> {
        moved_dots(config).0
    }

    /// The same, and how the images say that they were moved.
    fn moved_dots(config: AugmentationConfig) -> (Vec<[f32; 2]>, Vec<Displacement>) {
        const DARK: f32 = -0.5;
        let mut images = vec![DARK; 200 * 600];
        for image in images.chunks_exact_mut(600) {
            image[10 * 30 + 20] = 0.5;
        }
        let mut augmentation = Augmentation::new(&config, 7, Stream::EstimatorAugmentation);
        let moves = augmentation.apply(&mut images, SHAPE);
        let place = |image: &[f32]| {
            let total: f32 = image.iter().map(|v| v - DARK).sum();
            [1, 30].map(|stride| {
                let length = if stride == 1 { 30 } else { 20 };
                let moment = |(i, v): (usize, &f32)| (i / stride % length) as f32 * (v - DARK);
                image.iter().enumerate().map(moment).sum::<f32>() / total
            })
        };
        (images.chunks_exact(600).map(place).collect(), moves)
    }

    #[test]
    fn displacements_tell_where_content_went() {
        let config = AugmentationConfig {
            shift: 3.0,
            zoom: 0.2,
            ..Default::default()
        };
        let (places, moves) = moved_dots(config);
        for ([x, y], by) in places.into_iter().zip(moves) {
            // The middle of the dot's pixel; a dot of one pixel is not resampled evenly.
            let [to_x, to_y] = by.of_point([20.5, 10.5], [30, 20]);
            assert!((x + 0.5 - to_x).abs() < 0.25, "{x} {to_x}");
            assert!((y + 0.5 - to_y).abs() < 0.25, "{y} {to_y}");
        }
    }

    #[test]
    fn content_moves_both_ways_and_no_farther_than_asked_for() {
        let config = AugmentationConfig {
            shift: 3.0,
            ..Default::default()
        };
        let places = dots(config);
        for (axis, middle) in [(0, 20.0), (1, 10.0)] {
            let moves: Vec<f32> = places.iter().map(|place| place[axis] - middle).collect();
            let (least, most) = (
                moves.iter().copied().fold(0.0, f32::min),
                moves.iter().copied().fold(0.0, f32::max),
            );
            assert!((-3.001..-2.5).contains(&least), "{least}");
            assert!(most > 2.5 && most < 3.001, "{most}");
        }
    }

    #[test]
    fn content_stays_where_labels_may_be_places() {
        let config = AugmentationConfig {
            shift: 3.0,
            zoom: 0.1,
            ..AugmentationConfig::plain()
        };
        let columns = |names: &[&str]| Target::Columns(names.iter().map(|&n| n.into()).collect());
        assert_eq!(
            config.suited_to(&*columns(&["iris_x", "iris_y"]).task()),
            AugmentationConfig::plain()
        );
        for target in [Target::Gaze, columns(&["screen_x", "screen_y"])] {
            assert_eq!(config.suited_to(&*target.task()), config);
        }
    }

    #[test]
    fn zoom_scales_about_the_middle() {
        let config = AugmentationConfig {
            zoom: 0.2,
            ..Default::default()
        };
        // The dot is 5.5 pixels right of the middle and half a pixel below it.
        let scales: Vec<f32> = dots(config).iter().map(|p| (p[0] - 14.5) / 5.5).collect();
        let (least, most) = (
            scales.iter().copied().fold(1.0, f32::min),
            scales.iter().copied().fold(1.0, f32::max),
        );
        assert!(least > 0.78 && least < 0.88, "{least}");
        assert!(most > 1.14 && most < 1.26, "{most}");
    }

    #[test]
    fn contrast_turns_about_the_mean() {
        let config = AugmentationConfig {
            contrast: 1.0,
            ..Default::default()
        };
        let mut image: Vec<f32> = (0..600).map(|i| 0.2 * (i % 3) as f32 - 0.2).collect();
        let before = sd(&image);
        Augmentation::new(&config, 5, Stream::EstimatorAugmentation).apply(&mut image, SHAPE);
        assert!(image.iter().sum::<f32>().abs() < 1e-2);
        let ratio = sd(&image) / before;
        assert!(ratio > 0.36 && ratio < 2.72 && (ratio - 1.0).abs() > 1e-3);
    }

    #[test]
    fn blur_keeps_the_sum_and_has_the_width_asked_for() {
        let mut plane = vec![0.0f32; 41 * 41];
        plane[20 * 41 + 20] = 1.0;
        Kernel::new(2.0).apply(&mut plane, 41);
        let sum: f32 = plane.iter().sum();
        let moment = |axis: usize| -> f32 {
            let place = |i: usize| [i % 41, i / 41][axis] as f32 - 20.0;
            plane
                .iter()
                .enumerate()
                .map(|(i, v)| v * place(i).powi(2))
                .sum()
        };
        assert!((sum - 1.0).abs() < 1e-4);
        assert!((moment(0) - 4.0).abs() < 0.15 && (moment(1) - 4.0).abs() < 0.15);
        let mut flat = vec![0.5; 12];
        Kernel::new(3.0).apply(&mut flat, 4);
        assert!(flat.iter().all(|v| (v - 0.5).abs() < 1e-5));
    }

    #[test]
    fn wrong_values_name_their_key() {
        for (text, key) in [
            ("noise = -0.1", "noise"),
            ("blur = nan", "blur"),
            ("contrast = 9.0", "contrast"),
            ("shift = -1.0", "shift"),
            ("zoom = 1.5", "zoom"),
        ] {
            let config: AugmentationConfig = toml::from_str(text).unwrap();
            let error = config.validate().unwrap_err().to_string();
            assert!(
                error.contains(&format!("estimator.augmentation.{key}")),
                "{error}"
            );
        }
    }
}
