//! Sensor noise.
//!
//! Its variance at light l is `shot * l + read`: photons are counted (a Poisson count, here its normal limit), and
//! the electronics add their own. A sensor measures one colour at each photosite and demosaicing interpolates the
//! others, which makes neighbouring noise alike. The mosaic itself is not simulated: that would cost sharpness twice
//! and could not be switched off. Instead each channel's white noise is smoothed by a kernel (c, 1, c) along both
//! axes, scaled so that the variance stays the stated one, with c chosen for the stated correlation of neighbours.

use rand::Rng;

use crate::picture::{Colour, Picture};
use simgan_base::random::standard_normal;

/// Variance of the noise and how alike it is in neighbouring pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise {
    /// Variance for one unit of light.
    pub shot_variance: f32,
    /// Variance without light.
    pub read_variance: f32,
    /// Correlation with the left, right, upper and lower neighbour, 0..=0.6.
    pub correlation: f32,
}

impl Noise {
    /// Adds noise to every pixel.
    pub(super) fn add_to(self, picture: &mut Picture, rng: &mut impl Rng) {
        if self.shot_variance <= 0.0 && self.read_variance <= 0.0 {
            return;
        }
        let field = correlated_noise(picture.width, picture.height, self.correlation, rng);
        for (pixel, noise) in picture.pixels.iter_mut().zip(field) {
            for (light, noise) in pixel.iter_mut().zip(noise) {
                let variance = self.shot_variance * light.max(0.0) + self.read_variance;
                *light += variance.sqrt() * noise;
            }
        }
    }
}

/// Independent standard normal numbers.
fn white_noise(pixels: usize, rng: &mut impl Rng) -> Vec<Colour> {
    let mut normal = standard_normal(rng);
    (0..pixels)
        .map(|_| std::array::from_fn(|_| normal()))
        .collect()
}

/// Standard normal numbers, `height` rows of `width`, that correlate with their four neighbours.
fn correlated_noise(
    width: usize,
    height: usize,
    correlation: f32,
    rng: &mut impl Rng,
) -> Vec<Colour> {
    if correlation <= 0.0 {
        return white_noise(width * height, rng);
    }
    // Neighbours under (c, 1, c) correlate by 2c / (1 + 2c^2).
    let side = (1.0 - (1.0 - 2.0 * correlation * correlation).sqrt()) / (2.0 * correlation);
    let scale = 1.0 / (1.0 + 2.0 * side * side).sqrt();
    let smooth = |before: &Colour, middle: &Colour, after: &Colour| -> Colour {
        std::array::from_fn(|c| scale * (middle[c] + side * (before[c] + after[c])))
    };
    // One more row and column on every side, so that the edges are no different.
    let white = white_noise((width + 2) * (height + 2), rng);
    let rows: Vec<Colour> = white
        .chunks_exact(width + 2)
        .flat_map(|row| {
            row.windows(3)
                .map(|three| smooth(&three[0], &three[1], &three[2]))
        })
        .collect();
    (0..width * height)
        .map(|i| smooth(&rows[i], &rows[i + width], &rows[i + 2 * width]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    const SIZE: usize = 200;

    /// The noise alone on a grey of `light`.
    fn field(noise: Noise, light: f32) -> Vec<Colour> {
        let mut picture = Picture {
            width: SIZE,
            height: SIZE,
            pixels: vec![[light; 3]; SIZE * SIZE],
        };
        noise.add_to(&mut picture, &mut ChaCha8Rng::seed_from_u64(1));
        picture
            .pixels
            .iter()
            .map(|pixel| pixel.map(|v| v - light))
            .collect()
    }

    /// Mean product of the field with itself, moved by `step` pixels.
    fn covariance(field: &[Colour], step: usize) -> f32 {
        let count = field.len() - step;
        let products = field
            .iter()
            .zip(&field[step..])
            .map(|(a, b)| (0..3).map(|c| a[c] * b[c]).sum::<f32>());
        products.sum::<f32>() / (3 * count) as f32
    }

    #[test]
    fn variance_is_as_stated_and_grows_with_light() {
        for correlation in [0.0, 0.3, 0.6] {
            let noise = Noise {
                shot_variance: 0.01,
                read_variance: 0.002,
                correlation,
            };
            for light in [0.0, 0.2, 0.9] {
                let expected = 0.01 * light + 0.002;
                let ratio = covariance(&field(noise, light), 0) / expected;
                assert!((ratio - 1.0).abs() < 0.03, "{correlation} {light}: {ratio}");
            }
        }
    }

    #[test]
    fn neighbours_correlate_as_stated() {
        for correlation in [0.0, 0.25, 0.6] {
            let noise = Noise {
                shot_variance: 0.0,
                read_variance: 1.0,
                correlation,
            };
            let field = field(noise, 0.5);
            for (step, expected) in [(1, correlation), (SIZE, correlation), (4, 0.0)] {
                let found = covariance(&field, step);
                assert!(
                    (found - expected).abs() < 0.02,
                    "{correlation} {step}: {found}"
                );
            }
        }
    }
}
