//! The exposure of real images, given to synthetic ones before the refiner's network sees them. Not in the paper.
//!
//! How bright an image is and how strong its contrast concerns all of it, but R decides each pixel from 19x19 (paper's
//! eyes): left alone it spends its changes on exposure, patch by patch, and self-regularization holds it back. So means
//! and standard deviations are matched first, as in colour transfer (Reinhard et al., IEEE CG&A 2001): the k-th darkest of
//! synthetic images becomes as dark as the k-th darkest of real ones, and likewise in contrast. Order and places stay.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use simgan_base::metrics::summary::{moments, quantile};
use simgan_data::Dataset;

/// Quantiles that are kept of each side.
const KNOTS: usize = 33;
/// Images of a side that are looked at, spread over all of it.
const IMAGES: usize = 2000;
/// Least distance of neighbouring quantiles, and what is added to the contrast of plain images; of values in [-1, 1].
pub const TINY: f64 = 1e-3;

/// Numbers in a file of weights.
pub(crate) const NUMBERS: u64 = 4 * KNOTS as u64;

/// Two rising maps, from the mean of an image and from its standard deviation to those of real images.
///
/// They are part of the refiner's weights, and never trained.
#[derive(Module, Debug)]
pub struct Exposure {
    /// Quantiles of the synthetic images: means, standard deviations. `[2, KNOTS]`.
    synthetic: Param<Tensor<2>>,
    /// The same of the real ones.
    real: Param<Tensor<2>>,
}

impl Exposure {
    /// Changes nothing: to be replaced by weights from a file.
    pub fn neutral(device: &Device) -> Self {
        let knots = (0..KNOTS).map(|k| 2.0 * k as f64 / (KNOTS - 1) as f64 - 1.0);
        let both: Vec<f64> = knots.clone().chain(knots).collect();
        Self::of(&both, &both, device)
    }

    /// From the exposure of `synthetic` to that of `real` images.
    pub fn between(synthetic: &Dataset, real: &Dataset, device: &Device) -> Self {
        Self::of(&quantiles(synthetic), &quantiles(real), device)
    }

    fn of(synthetic: &[f64], real: &[f64], device: &Device) -> Self {
        // Counted down, so that they meet no id of a trained parameter.
        let param = |number: u64, values: &[f64]| {
            let values: Vec<f32> = values.iter().map(|&v| v as f32).collect();
            let tensor = Tensor::from_data(TensorData::new(values, [2, KNOTS]), device);
            Param::initialized(ParamId::from(u64::MAX - number), tensor)
        };
        Self {
            synthetic: param(0, synthetic),
            real: param(1, real),
        }
    }

    /// Images with the mean and the standard deviation (over all channels) that belong to theirs, cut to [-1, 1].
    ///
    /// # Shapes
    /// - `images`, result: `[batch, channels, height, width]`, values in [-1, 1]
    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        self.light(|| std::iter::once(images.clone())).apply(images)
    }

    /// What [`forward`](Self::forward) does to images that come in bands of whole rows, from the top; `bands` is asked twice.
    ///
    /// # Shapes
    /// - bands: `[batch, channels, rows, width]`, values in [-1, 1]
    pub(super) fn light<B: Iterator<Item = Tensor<4>>>(&self, bands: impl Fn() -> B) -> Light {
        let mean = mean_of_each(bands());
        let contrast = mean_of_each(bands().map(|band| (band - mean.clone()).square())).sqrt();
        Light {
            gain: self.real_value(1, contrast.clone()) / (contrast + TINY),
            real_mean: self.real_value(0, mean.clone()),
            mean,
        }
    }

    /// Linear between the quantiles, level beyond them. `values` and result: `[batch, 1, 1, 1]`.
    fn real_value(&self, row: usize, values: Tensor<4>) -> Tensor<4> {
        let batch = values.dims()[0];
        let [synthetic, real] = [&self.synthetic, &self.real].map(|of| {
            let knots = of.val().slice_dim(0, row..row + 1);
            let first = knots.clone().slice_dim(1, 0..KNOTS - 1);
            (first.clone(), knots.slice_dim(1, 1..KNOTS) - first)
        });
        let way = ((values.reshape([batch, 1]) - synthetic.0) / synthetic.1).clamp(0.0, 1.0);
        let climbed = (way * real.1).sum_dim(1);
        (climbed + real.0.slice_dim(1, 0..1)).reshape([batch, 1, 1, 1])
    }
}

/// How images are to be exposed. `[batch, 1, 1, 1]` each.
pub(super) struct Light {
    mean: Tensor<4>,
    gain: Tensor<4>,
    real_mean: Tensor<4>,
}

impl Light {
    /// Images, or parts of them, so exposed.
    ///
    /// # Shapes
    /// - `images`, result: `[batch, channels, height, width]`, values in [-1, 1]
    pub(super) fn apply(&self, images: Tensor<4>) -> Tensor<4> {
        let exposed = (images - self.mean.clone()) * self.gain.clone() + self.real_mean.clone();
        exposed.clamp(-1.0, 1.0)
    }
}

/// `[batch, channels, height, width]`, in bands of rows, to `[batch, 1, 1, 1]`.
fn mean_of_each(bands: impl Iterator<Item = Tensor<4>>) -> Tensor<4> {
    let rows = bands.map(|band| band.mean_dim(3)).collect();
    Tensor::cat(rows, 2).mean_dim(2).mean_dim(1)
}

/// Means, then standard deviations: [`KNOTS`] quantiles of each, strictly rising.
fn quantiles(data: &Dataset) -> Vec<f64> {
    let exposures: Vec<[f64; 2]> = data
        .spread(IMAGES)
        .into_par_iter()
        .map(|index| exposure(&data.pixels(index)))
        .collect();
    let rising = |axis: usize| {
        let values: Vec<f64> = exposures.iter().map(|e| e[axis]).collect();
        let knots = (0..KNOTS).map(|k| quantile(&values, k as f64 / (KNOTS - 1) as f64));
        let mut least = f64::NEG_INFINITY;
        let rising = knots.map(|value| {
            let value = value.max(least);
            least = value + TINY;
            value
        });
        rising.collect::<Vec<_>>()
    };
    [rising(0), rising(1)].concat()
}

/// Mean and standard deviation of an image's values in [-1, 1].
fn exposure(pixels: &[u8]) -> [f64; 2] {
    moments(pixels.iter().map(|&p| f64::from(p) / 127.5 - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::image_tensor;

    const SHAPE: [usize; 3] = [1, 4, 6];

    /// Checkerboards of mean `dark + i * step` and contrast about `swing`.
    fn boards(dark: u8, step: u8, swing: u8) -> Dataset {
        let board = |i: u8| {
            (0..24).map(move |p| {
                let middle = dark + i * step;
                match (p / 6 + p) % 2 {
                    0 => middle + swing + i,
                    _ => middle - swing - i,
                }
            })
        };
        let bytes = (0..20).flat_map(board).collect();
        let names = (0..20).map(|i| format!("{i}.png")).collect();
        Dataset::from_memory(names, SHAPE, bytes, None).unwrap()
    }

    fn images(data: &Dataset) -> Tensor<4> {
        let all: Vec<usize> = (0..data.len()).collect();
        image_tensor::from_values(data.batch(&all), SHAPE, &Device::default())
    }

    fn values(images: Tensor<4>) -> Vec<f32> {
        image_tensor::to_values(images)
    }

    #[test]
    fn images_take_the_exposure_of_their_rank() {
        let (synthetic, real) = (boards(80, 5, 40), boards(60, 1, 10));
        let map = Exposure::between(&synthetic, &real, &Device::default());
        let (out, expected) = (
            values(map.forward(images(&synthetic))),
            values(images(&real)),
        );
        for (pixel, (a, b)) in out.iter().zip(&expected).enumerate() {
            assert!((a - b).abs() < 0.02, "pixel {pixel}: {a} for {b}");
        }
    }

    #[test]
    fn equal_sides_and_the_neutral_map_change_little() {
        let data = boards(80, 5, 40);
        let before = values(images(&data));
        let device = Device::default();
        for map in [
            Exposure::between(&data, &data, &device),
            Exposure::neutral(&device),
        ] {
            let after = values(map.forward(images(&data)));
            let furthest = before.iter().zip(&after).map(|(a, b)| (a - b).abs());
            assert!(furthest.fold(0.0, f32::max) < 0.01);
        }
    }

    #[test]
    fn plain_images_stay_plain_and_finite() {
        let names = vec!["0.png".to_owned(), "1.png".to_owned()];
        let plain = Dataset::from_memory(names, SHAPE, vec![7; 48], None).unwrap();
        for map in [
            Exposure::between(&plain, &boards(60, 1, 10), &Device::default()),
            Exposure::between(&boards(60, 1, 10), &plain, &Device::default()),
        ] {
            let out = values(map.forward(images(&plain)));
            assert!(
                out.iter()
                    .all(|v| (v - out[0]).abs() < 1e-4 && v.abs() <= 1.0),
                "{out:?}"
            );
        }
    }

    #[test]
    fn an_image_does_not_depend_on_its_batch() {
        let data = boards(80, 5, 40);
        let map = Exposure::between(&data, &boards(60, 1, 10), &Device::default());
        let together = values(map.forward(images(&data)));
        let alone = (0..data.len()).flat_map(|i| {
            let image = image_tensor::from_values(data.batch(&[i]), SHAPE, &Device::default());
            values(map.forward(image))
        });
        assert_eq!(together, alone.collect::<Vec<_>>());
    }
}
