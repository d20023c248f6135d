//! What a refiner has to beat: changes of synthetic images towards unlabelled real ones that learn nothing.

use burn::tensor::Device;
use rand::RngExt;
use rayon::prelude::*;
use rustfft::num_complex::Complex;
use rustfft::{FftDirection, FftPlanner};
use simgan::nets::image_tensor;
use simgan::refiner::exposure::Exposure;
use simgan_base::Result;
use simgan_base::imaging::levels::to_u8;
use simgan_base::random::{Stream, generator};
use simgan_data::Dataset;

/// Images at a time.
const BATCH: usize = 64;
/// Half the side of the square of low frequencies that are exchanged, as a share of the image's shorter side (Yang and Soatto,
/// *FDA: Fourier domain adaptation for semantic segmentation*, CVPR 2020, their middle value).
const BETA: f64 = 0.05;

/// Mean and contrast as of real images: what `refiner.match_exposure` does before R.
pub fn exposure(synthetic: &Dataset, real: &Dataset, device: &Device) -> Result<Dataset> {
    let exposure = Exposure::between(synthetic, real, device);
    let all: Vec<usize> = (0..synthetic.len()).collect();
    let changed = all.chunks(BATCH).flat_map(|batch| {
        let shape = synthetic.image_shape();
        let images = image_tensor::from_values(synthetic.batch(batch), shape, device);
        image_tensor::to_values(exposure.forward(images))
    });
    synthetic.with_pixels_and_labels(changed.map(to_u8).collect())
}

/// The histogram of a real image, drawn for each synthetic one by the seed, channel by channel.
pub fn histogram(synthetic: &Dataset, real: &Dataset, seed: u64) -> Result<Dataset> {
    paired(synthetic, real, seed, |image, other, _| {
        with_values_of(image, other)
    })
}

/// The amplitudes of the low frequencies of a real image, drawn for each synthetic one by the seed, channel by channel.
pub fn fourier(synthetic: &Dataset, real: &Dataset, seed: u64) -> Result<Dataset> {
    paired(synthetic, real, seed, |image, other, size| {
        with_amplitudes_of(image, other, size)
    })
}

/// Every image, each channel changed after that of a real image.
fn paired(
    synthetic: &Dataset,
    real: &Dataset,
    seed: u64,
    change: impl Fn(&[u8], &[u8], [usize; 2]) -> Vec<u8> + Sync,
) -> Result<Dataset> {
    let [_, height, width] = synthetic.image_shape();
    let mut rng = generator(seed, Stream::Matching);
    let partners: Vec<usize> = (0..synthetic.len())
        .map(|_| rng.random_range(0..real.len()))
        .collect();
    let changed = |index: usize| {
        let (image, other) = (synthetic.pixels(index), real.pixels(partners[index]));
        let channels = image
            .chunks(height * width)
            .zip(other.chunks(height * width));
        let channels = channels.map(|(image, other)| change(image, other, [height, width]));
        channels.collect::<Vec<_>>().concat()
    };
    let pixels = (0..synthetic.len())
        .into_par_iter()
        .flat_map_iter(changed)
        .collect();
    synthetic.with_pixels_and_labels(pixels)
}

/// The k-th darkest pixel of `image` becomes as dark as the k-th darkest of `other`.
fn with_values_of(image: &[u8], other: &[u8]) -> Vec<u8> {
    let mut order: Vec<usize> = (0..image.len()).collect();
    order.sort_by_key(|&pixel| image[pixel]);
    let mut values = other.to_vec();
    values.sort_unstable();
    let mut changed = vec![0; image.len()];
    for (pixel, value) in order.into_iter().zip(values) {
        changed[pixel] = value;
    }
    changed
}

fn with_amplitudes_of(image: &[u8], other: &[u8], [height, width]: [usize; 2]) -> Vec<u8> {
    let size = [height, width];
    let mut spectrum = transform(numbers(image), size, FftDirection::Forward);
    let theirs = transform(numbers(other), size, FftDirection::Forward);
    let reach = (BETA * height.min(width) as f64).floor() as usize;
    // A frequency and its negative one lie at both ends.
    let is_low = |at: usize, length: usize| at.min(length - at) <= reach;
    for (index, (own, other)) in spectrum.iter_mut().zip(&theirs).enumerate() {
        if is_low(index / width, height) && is_low(index % width, width) {
            *own = Complex::from_polar(other.norm(), own.arg());
        }
    }
    let pixels = transform(spectrum, size, FftDirection::Inverse).into_iter();
    let scale = 1.0 / image.len() as f64;
    pixels
        .map(|value| (value.re * scale).round().clamp(0.0, 255.0) as u8)
        .collect()
}

fn numbers(pixels: &[u8]) -> Vec<Complex<f64>> {
    let numbers = pixels.iter().map(|&value| Complex::from(f64::from(value)));
    numbers.collect()
}

/// The two-dimensional Fourier transform of rows of `width`, not scaled.
fn transform(
    values: Vec<Complex<f64>>,
    [height, width]: [usize; 2],
    direction: FftDirection,
) -> Vec<Complex<f64>> {
    let mut planner = FftPlanner::new();
    let mut along = |mut values: Vec<Complex<f64>>, length| {
        planner.plan_fft(length, direction).process(&mut values);
        values
    };
    let rows = along(values, width);
    let columns = along(transposed(&rows, width), height);
    transposed(&columns, height)
}

fn transposed(values: &[Complex<f64>], width: usize) -> Vec<Complex<f64>> {
    let column = |x: usize| values.iter().skip(x).step_by(width).copied();
    (0..width).flat_map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_are_taken_over_and_the_order_stays() {
        assert_eq!(with_values_of(&[9, 3, 200], &[50, 40, 60]), [50, 40, 60]);
    }

    #[test]
    fn the_mean_is_the_lowest_frequency() {
        let image: Vec<u8> = (0..24 * 20).map(|i| (i % 7 * 9) as u8).collect();
        let other = vec![120; 24 * 20];
        let changed = with_amplitudes_of(&image, &other, [24, 20]);
        let mean = |v: &[u8]| v.iter().map(|&v| f64::from(v)).sum::<f64>() / v.len() as f64;
        assert!((mean(&changed) - 120.0).abs() < 1.0, "{}", mean(&changed));
        // The fine pattern is still there.
        let differs = image.iter().zip(&changed).filter(|(a, b)| a != b).count();
        assert!(differs > 0);
        assert!(changed.iter().max() > changed.iter().min());
        assert_eq!(with_amplitudes_of(&image, &image, [24, 20]), image);
    }
}
