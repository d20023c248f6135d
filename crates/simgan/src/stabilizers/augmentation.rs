//! Differentiable augmentation of what D sees (Zhao et al., NeurIPS 2020,
//! [arXiv 2006.10738](https://arxiv.org/abs/2006.10738)), against a D that learns few real images by heart.
//!
//! Real and refined images are changed in the same ways, and in R's update the gradient flows back through the
//! change, so that R never learns to paint it. Ranges are those of the authors' code; saturation is left out,
//! because grey images have none. What is moved in or cut out is mid-grey (0).

use burn::tensor::{Tensor, TensorData};
use rand::RngExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stabilizers::draws::Draws;
use simgan_base::random::Stream;

/// One kind of change; every image draws its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AugmentationKind {
    /// Adds -0.5..0.5 to all pixels (values lie in -1..1).
    Brightness,
    /// Multiplies differences to the image's mean by 0.5..1.5.
    Contrast,
    /// Moves the image by whole pixels, up to 1/8 of each side.
    Translation,
    /// Cuts out a rectangle of half of each side, which may reach over the border.
    Cutout,
}

/// Largest translation in sides of the image.
const TRANSLATION: f64 = 0.125;
/// Side of the rectangle that is cut out in sides of the image.
const CUTOUT: f64 = 0.5;

/// Applies several kinds, one after the other.
#[derive(Clone, Debug)]
pub struct Augmentation {
    kinds: Vec<AugmentationKind>,
    /// Where the draws come from.
    pub draws: Draws,
}

impl Augmentation {
    /// Changes of these kinds, in this order.
    pub fn new(kinds: &[AugmentationKind], seed: u64) -> Self {
        Self {
            kinds: kinds.to_vec(),
            draws: Draws::new(seed, Stream::Augmentation),
        }
    }

    /// `images` changed; as they are where the list is empty.
    ///
    /// # Shapes
    /// - `images`, result: `[batch, channels, height, width]`
    pub fn apply(&mut self, images: Tensor<4>) -> Tensor<4> {
        let draws = &mut self.draws;
        self.kinds.iter().fold(images, |x, kind| match kind {
            AugmentationKind::Brightness => brightness(x, draws),
            AugmentationKind::Contrast => contrast(x, draws),
            AugmentationKind::Translation => translation(x, draws),
            AugmentationKind::Cutout => cutout(x, draws),
        })
    }
}

/// A number from -0.5..0.5 for every image, `[batch, 1, 1, 1]`.
fn numbers(x: &Tensor<4>, draws: &mut Draws) -> Tensor<4> {
    let batch = x.dims()[0];
    let values = draws.each(batch, |rng| rng.random::<f32>() - 0.5);
    Tensor::from_data(TensorData::new(values, [batch, 1, 1, 1]), &x.device())
}

fn brightness(x: Tensor<4>, draws: &mut Draws) -> Tensor<4> {
    let shift = numbers(&x, draws);
    x + shift
}

fn contrast(x: Tensor<4>, draws: &mut Draws) -> Tensor<4> {
    let factor = numbers(&x, draws) + 1.0;
    let mean = x.clone().mean_dims(&[1, 2, 3]);
    (x - mean.clone()) * factor + mean
}

/// Both directions are products with matrices of one diagonal of ones each: differentiable, and exact.
fn translation(x: Tensor<4>, draws: &mut Draws) -> Tensor<4> {
    let [batch, _, height, width] = x.dims();
    let mut shifts = |side: usize| -> Vec<i64> {
        let most = (side as f64 * TRANSLATION).round() as i64;
        draws.each(batch, |rng| rng.random_range(-most..=most))
    };
    let (down, across) = (shifts(height), shifts(width));
    let device = x.device();
    let matrices = |shifts: &[i64], side: usize, transposed: bool| {
        let mut values = vec![0.0f32; batch * side * side];
        for (image, &shift) in shifts.iter().enumerate() {
            for from in 0..side as i64 {
                let to = from + shift;
                if (0..side as i64).contains(&to) {
                    let (row, column) = if transposed { (from, to) } else { (to, from) };
                    values[(image * side + row as usize) * side + column as usize] = 1.0;
                }
            }
        }
        Tensor::<4>::from_data(TensorData::new(values, [batch, 1, side, side]), &device)
    };
    let rows = matrices(&down, height, false);
    rows.matmul(x).matmul(matrices(&across, width, true))
}

fn cutout(x: Tensor<4>, draws: &mut Draws) -> Tensor<4> {
    let [batch, _, height, width] = x.dims();
    let mut spans = |side: usize| -> Vec<std::ops::Range<i64>> {
        let size = (side as f64 * CUTOUT).round() as i64;
        let span = |middle: i64| middle - size / 2..middle - size / 2 + size;
        let last = side as i64 - size % 2;
        draws.each(batch, |rng| span(rng.random_range(0..=last)))
    };
    let (down, across) = (spans(height), spans(width));
    let mut kept = Vec::with_capacity(batch * height * width);
    for (rows, columns) in down.iter().zip(&across) {
        for y in 0..height as i64 {
            for x in 0..width as i64 {
                let cut = rows.contains(&y) && columns.contains(&x);
                kept.push(if cut { 0.0f32 } else { 1.0 });
            }
        }
    }
    let mask = TensorData::new(kept, [batch, 1, height, width]);
    let mask = Tensor::from_data(mask, &x.device());
    x * mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Tolerance};

    const SHAPE: [usize; 4] = [16, 2, 11, 16];

    fn augmentation(kinds: &[AugmentationKind]) -> Augmentation {
        Augmentation::new(kinds, 0)
    }

    /// Images without two equal pixels, none of them 0.
    fn images(device: &Device) -> Tensor<4> {
        let count: usize = SHAPE.iter().product();
        let values: Vec<f32> = (1..=count).map(|i| i as f32 / count as f32).collect();
        Tensor::from_data(TensorData::new(values, SHAPE), device)
    }

    /// Values of each image before and after.
    fn pairs(kind: AugmentationKind) -> Vec<(Vec<f32>, Vec<f32>)> {
        let x = images(&Device::default());
        let y = augmentation(&[kind]).apply(x.clone());
        let split = |x: Tensor<4>| -> Vec<Vec<f32>> {
            let values: Vec<f32> = x.into_data().iter::<f32>().collect();
            values.chunks(2 * 11 * 16).map(<[f32]>::to_vec).collect()
        };
        split(x).into_iter().zip(split(y)).collect()
    }

    fn mean(values: &[f32]) -> f32 {
        values.iter().sum::<f32>() / values.len() as f32
    }

    #[test]
    fn brightness_shifts_each_image_by_its_own_number() {
        let mut shifts = Vec::new();
        for (x, y) in pairs(AugmentationKind::Brightness) {
            let shift = y[0] - x[0];
            assert!(shift.abs() <= 0.5);
            assert!(x.iter().zip(&y).all(|(x, y)| (y - x - shift).abs() < 1e-6));
            shifts.push(shift);
        }
        assert!(shifts.iter().any(|&s| s < -0.1) && shifts.iter().any(|&s| s > 0.1));
    }

    #[test]
    fn contrast_keeps_the_mean_and_scales_what_differs() {
        for (x, y) in pairs(AugmentationKind::Contrast) {
            let middle = mean(&x);
            assert!((mean(&y) - middle).abs() < 1e-5);
            let factor = (y[0] - middle) / (x[0] - middle);
            assert!((0.499..=1.501).contains(&factor));
            let scaled = |x: f32| (x - middle) * factor + middle;
            assert!(x.iter().zip(&y).all(|(&x, y)| (y - scaled(x)).abs() < 1e-4));
        }
    }

    /// Every pixel that stays in the image is found again, all of them moved alike, in both channels.
    #[test]
    fn translation_moves_whole_images() {
        let place = |i: usize| ((i / 16 % 11) as i64, (i % 16) as i64);
        let mut seen = std::collections::HashSet::new();
        for (x, y) in pairs(AugmentationKind::Translation) {
            let moved: Vec<(i64, i64)> = (0..y.len())
                .filter(|&to| y[to] != 0.0)
                .map(|to| {
                    let from = x.iter().position(|v| *v == y[to]).unwrap();
                    assert_eq!(from / 176, to / 176, "channels were mixed");
                    (place(to).0 - place(from).0, place(to).1 - place(from).1)
                })
                .collect();
            let (down, across) = moved[0];
            assert!(down.abs() <= 1 && across.abs() <= 2);
            assert!(moved.iter().all(|m| *m == moved[0]));
            let kept = 2 * (11 - down.abs()) * (16 - across.abs());
            assert_eq!(moved.len() as i64, kept);
            seen.insert(moved[0]);
        }
        assert!(seen.len() > 4, "shifts hardly differ: {seen:?}");
    }

    #[test]
    fn cutout_blanks_one_rectangle_in_all_channels() {
        for (x, y) in pairs(AugmentationKind::Cutout) {
            let cut: Vec<usize> = (0..x.len()).filter(|&i| y[i] == 0.0).collect();
            assert!((0..x.len()).all(|i| y[i] == 0.0 || y[i] == x[i]));
            let rows: std::collections::BTreeSet<_> = cut.iter().map(|i| i / 16 % 11).collect();
            let columns: std::collections::BTreeSet<_> = cut.iter().map(|i| i % 16).collect();
            assert_eq!(cut.len(), 2 * rows.len() * columns.len());
            // Half of 11 is rounded up; a rectangle in a corner keeps at least about half of itself.
            assert!((3..=6).contains(&rows.len()) && (4..=8).contains(&columns.len()));
            let last = *rows.last().unwrap();
            assert_eq!(last - rows.first().unwrap() + 1, rows.len(), "one piece");
        }
    }

    /// R's update needs the gradient: every kind is linear but for the mean, so x . grad is the weighted sum itself.
    #[test]
    fn gradients_flow_through_every_kind() {
        let device = Device::default().autodiff();
        for kind in [
            AugmentationKind::Contrast,
            AugmentationKind::Translation,
            AugmentationKind::Cutout,
        ] {
            let x = images(&device).require_grad();
            let weights = images(&device).sin();
            let sum = (augmentation(&[kind]).apply(x.clone()) * weights).sum();
            let gradient = Tensor::from_inner(x.grad(&sum.backward()).unwrap());
            let along = (x.clone() * gradient).sum().into_data();
            along.assert_approx_eq::<f32>(&sum.into_data(), Tolerance::relative(1e-4));
        }
    }

    #[test]
    fn kinds_follow_each_other_and_draws_repeat() {
        use AugmentationKind::{Brightness, Cutout};
        let x = images(&Device::default());
        let (mut a, mut b) = (
            augmentation(&[Brightness, Cutout]),
            augmentation(&[Brightness, Cutout]),
        );
        let first = a.apply(x.clone()).into_data();
        assert_eq!(b.apply(x.clone()).into_data(), first);
        assert_ne!(a.apply(x.clone()).into_data(), first);
        let mut off = augmentation(&[]);
        assert_eq!(off.apply(x.clone()).into_data(), x.into_data());
    }
}
