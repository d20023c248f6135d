//! How far two sets of images are apart: the kernel distance of their features.
//!
//! The unbiased estimate of the squared maximum mean discrepancy under the cubic kernel k(x, y) = (x.y / d + 1)^3, mean and
//! spread over random subsets (Binkowski et al., *Demystifying MMD GANs*, ICLR 2018,
//! [arXiv 1801.01401](https://arxiv.org/abs/1801.01401), where the features are Inception's and it is called KID). Being unbiased
//! it is about 0, and may be below, for two sets of one kind, whatever their size. The features here are
//! [`RandomFeatures`], brought to mean 0 and standard deviation 1 over the real images, and each image's then to one length:
//! x.y / d is a cosine, so that no unusual image outweighs all others under the cube.

use burn::tensor::Device;
use rand::seq::SliceRandom;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::measures::random_features;
use crate::measures::random_features::RandomFeatures;
use crate::tasks::rows::Rows;
use simgan_base::metrics::summary::{mean, sample_sd};
use simgan_base::random::{Stream, generator};
use simgan_base::{Error, Result};
use simgan_data::Dataset;

/// Subsets drawn.
const SUBSETS: usize = 50;
/// Most images of either set in a subset; otherwise half of the smaller set.
const SUBSET_SIZE: usize = 250;

/// Distance of a set of images from real ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelDistance {
    /// Mean over subsets.
    pub mean: f64,
    /// Sample standard deviation over subsets.
    pub sd: f64,
    /// Number of subsets.
    pub subsets: usize,
    /// Images of either set in each.
    pub subset_size: usize,
    /// What the distance was taken between.
    pub features: String,
}

/// The distance of `images` from `real` in [`RandomFeatures`].
///
/// # Errors
/// Fewer than four images, images of different numbers of channels.
pub fn kernel_distance(
    images: &Dataset,
    real: &Dataset,
    device: &Device,
) -> Result<KernelDistance> {
    let channels = [images, real].map(|data| data.image_shape()[0]);
    if channels[0] != channels[1] {
        return Err(Error::data(format!(
            "images of {} channels and real ones of {} cannot be compared",
            channels[0], channels[1]
        )));
    }
    let features = RandomFeatures::new(channels[0], device);
    let (mut images, mut real) = (features.of(images), features.of(real));
    standardize(&mut images, &mut real);
    normalize(&mut images);
    normalize(&mut real);
    of_features(&images, &real)
}

/// The distance of two tables of features, `[images, features]`.
///
/// # Errors
/// Fewer than four rows.
pub fn of_features(a: &Rows, b: &Rows) -> Result<KernelDistance> {
    let least = a.len().min(b.len());
    if least < 4 {
        return Err(Error::data(format!(
            "{least} images are too few for a kernel distance: 4 are the least"
        )));
    }
    let subset_size = (least / 2).min(SUBSET_SIZE);
    let gram = Gram::new(a, b);
    let mut rng = generator(0, Stream::Judges);
    let mut draw = |count: usize| {
        let mut all: Vec<usize> = (0..count).collect();
        all.partial_shuffle(&mut rng, subset_size).0.to_vec()
    };
    let subsets: Vec<_> = (0..SUBSETS)
        .map(|_| (draw(a.len()), draw(b.len())))
        .collect();
    let distances: Vec<f64> = subsets.par_iter().map(|(x, y)| gram.mmd(x, y)).collect();
    Ok(KernelDistance {
        mean: mean(&distances),
        sd: sample_sd(&distances),
        subsets: SUBSETS,
        subset_size,
        features: random_features::NAME.into(),
    })
}

/// Brings both to mean 0 and standard deviation 1 of `real`; features that do not vary there are left out (0).
fn standardize(images: &mut Rows, real: &mut Rows) {
    for feature in 0..real.dimension {
        let column = real.values.iter().skip(feature).step_by(real.dimension);
        let column: Vec<f64> = column.map(|&v| f64::from(v)).collect();
        let (centre, sd) = (mean(&column), sample_sd(&column));
        let factor = if sd > 1e-6 { 1.0 / sd } else { 0.0 };
        for rows in [&mut *images, &mut *real] {
            let dimension = rows.dimension;
            for value in rows.values.iter_mut().skip(feature).step_by(dimension) {
                *value = ((f64::from(*value) - centre) * factor) as f32;
            }
        }
    }
}

/// Brings every row to the length sqrt(d), a row of zeros excepted.
fn normalize(rows: &mut Rows) {
    for row in rows.values.chunks_exact_mut(rows.dimension) {
        let squares: f32 = row.iter().map(|v| v * v).sum();
        let factor = (row.len() as f32 / squares.max(f32::MIN_POSITIVE)).sqrt();
        row.iter_mut().for_each(|value| *value *= factor);
    }
}

/// The cubic kernel between all rows of two tables.
struct Gram {
    a: Vec<Vec<f64>>,
    b: Vec<Vec<f64>>,
    cross: Vec<Vec<f64>>,
}

impl Gram {
    fn new(a: &Rows, b: &Rows) -> Self {
        Self {
            a: products(a, a),
            b: products(b, b),
            cross: products(a, b),
        }
    }

    /// The unbiased squared discrepancy of the rows `x` of a and `y` of b, equally many.
    fn mmd(&self, x: &[usize], y: &[usize]) -> f64 {
        let n = x.len() as f64;
        let within = |kernel: &[Vec<f64>], rows: &[usize]| {
            let sum: f64 = rows
                .iter()
                .map(|&i| row_sum(&kernel[i], rows) - kernel[i][i])
                .sum();
            sum / (n * (n - 1.0))
        };
        let cross: f64 = x.iter().map(|&i| row_sum(&self.cross[i], y)).sum();
        within(&self.a, x) + within(&self.b, y) - 2.0 * cross / (n * n)
    }
}

fn row_sum(row: &[f64], columns: &[usize]) -> f64 {
    columns.iter().map(|&j| row[j]).sum()
}

/// The kernel between each row of `a` and each of `b`.
fn products(a: &Rows, b: &Rows) -> Vec<Vec<f64>> {
    let row = |i: usize| (0..b.len()).map(|j| cubic(a.row(i), b.row(j))).collect();
    (0..a.len()).into_par_iter().map(row).collect()
}

/// (x.y / d + 1)^3.
fn cubic(x: &[f32], y: &[f32]) -> f64 {
    // Eight sums side by side, which the compiler turns into vectors.
    let mut sums = [0.0f32; 8];
    let (heads, tails) = (x.chunks_exact(8), y.chunks_exact(8));
    let rest = heads.remainder().iter().zip(tails.remainder());
    let rest: f32 = rest.map(|(a, b)| a * b).sum();
    for (p, q) in heads.zip(tails) {
        (0..8).for_each(|lane| sums[lane] += p[lane] * q[lane]);
    }
    let product = sums.iter().map(|&s| f64::from(s)).sum::<f64>() + f64::from(rest);
    (product / x.len() as f64 + 1.0).powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use simgan_data::{OpenOptions, Preprocessing};

    fn rows(values: &[[f32; 3]]) -> Rows {
        Rows {
            dimension: 3,
            values: values.concat(),
        }
    }

    fn eyes(source: &str) -> Dataset {
        let plain = Preprocessing {
            equalize: false,
            ..Preprocessing::default()
        };
        Dataset::open(source, &plain, &OpenOptions::default()).unwrap()
    }

    fn distance(a: &Dataset, b: &Dataset) -> KernelDistance {
        kernel_distance(a, b, &Device::default()).unwrap()
    }

    #[test]
    fn it_is_what_the_definition_says() {
        let a = rows(&[[0.1, -0.4, 1.0], [0.7, 0.2, -0.3], [-1.1, 0.5, 0.9]]);
        let b = rows(&[[1.3, 0.4, 0.2], [-0.2, 0.8, 0.6], [0.3, -0.9, -0.5]]);
        let kernel = |x: &[f32], y: &[f32]| {
            let dot: f64 = x.iter().zip(y).map(|(a, b)| f64::from(a * b)).sum();
            (dot / 3.0 + 1.0).powf(3.0)
        };
        let mut naive = 0.0;
        for i in 0..3 {
            for j in 0..3 {
                if i != j {
                    naive += (kernel(a.row(i), a.row(j)) + kernel(b.row(i), b.row(j))) / 6.0;
                }
                naive -= 2.0 * kernel(a.row(i), b.row(j)) / 9.0;
            }
        }
        let found = Gram::new(&a, &b).mmd(&[2, 0, 1], &[0, 1, 2]);
        assert!((found - naive).abs() < 1e-6, "{found} against {naive}");
    }

    /// The mean over many pairs of samples of one distribution is 0 within its standard error; a biased estimate,
    /// which keeps the diagonals, would lie at 2 E[k(x, x) - k(x, y)] / n = 0.5.
    #[test]
    fn it_is_unbiased() {
        let mut rng = generator(3, Stream::Judges);
        let all: Vec<usize> = (0..20).collect();
        let mut sample = || Rows {
            dimension: 3,
            values: (0..60).map(|_| rng.random_range(-1.7..1.7f32)).collect(),
        };
        let pairs: Vec<f64> = (0..200)
            .map(|_| Gram::new(&sample(), &sample()).mmd(&all, &all))
            .collect();
        let error = sample_sd(&pairs) / 200f64.sqrt();
        assert!(
            mean(&pairs).abs() < 3.0 * error && error < 0.1,
            "{} ± {error}",
            mean(&pairs)
        );
    }

    #[test]
    fn it_is_about_nothing_between_halves_of_one_set() {
        let all = eyes("sim:eyes?seed=1&count=200");
        let half = |from: usize| all.subset(&(from..200).step_by(2).collect::<Vec<_>>());
        let halves = distance(&half(0), &half(1));
        assert_eq!((halves.subsets, halves.subset_size), (50, 50));
        assert!(halves.mean.abs() < 2.0 * halves.sd, "{halves:?}");
    }

    #[test]
    fn it_grows_with_blur_and_with_brightness() {
        let real = eyes("sim:eyes?seed=1&count=150");
        let from = |options: &str| {
            distance(&eyes(&format!("sim:eyes?seed=2&count=150{options}")), &real).mean
        };
        let same = from("");
        let blurred = ["[0.5,0.5]", "[1.5,1.5]"].map(|range| from(&format!("&blur={range}")));
        assert!(
            same < blurred[0] && blurred[0] < blurred[1],
            "{same} {blurred:?}"
        );
        let bright = ["[0.3,0.4]", "[0.5,0.6]"].map(|range| from(&format!("&exposure={range}")));
        assert!(
            same < bright[0] && bright[0] < bright[1],
            "{same} {bright:?}"
        );
    }

    #[test]
    fn too_few_images_are_refused() {
        let three = rows(&[[0.0; 3]; 3]);
        assert!(of_features(&three, &three).is_err());
    }
}
