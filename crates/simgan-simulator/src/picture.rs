//! A picture in linear light, and how it becomes bytes.

use std::sync::LazyLock;

use image::{Rgb, RgbImage};

use simgan_base::imaging::gaussian::half_gaussian;

/// A colour in linear light; 1 is white, more is possible before it is written as bytes.
pub type Colour = [f32; 3];

/// An RGB picture in linear light, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `height` rows of `width` colours.
    pub pixels: Vec<Colour>,
}

impl Picture {
    /// A black picture.
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![[0.0; 3]; width * height],
        }
    }

    /// Scales brightness so that the mean of luma is `mean`, what is brighter than white counting as white.
    pub fn expose(&mut self, mean: f32) {
        let total: f32 = self.pixels.iter().map(|&p| luma(p).min(1.5)).sum();
        let gain = mean * self.pixels.len() as f32 / total.max(1e-6);
        for pixel in &mut self.pixels {
            *pixel = pixel.map(|v| (v * gain).min(1.0));
        }
    }

    /// Swaps left and right.
    pub fn flip(&mut self) {
        self.pixels
            .chunks_exact_mut(self.width)
            .for_each(<[Colour]>::reverse);
    }

    /// Gaussian blur of standard deviation `sigma` in pixels; the border is repeated.
    pub fn blur(&mut self, sigma: f32) {
        let weights = half_gaussian(sigma);
        if weights.len() == 1 {
            return;
        }
        let (width, height) = (self.width, self.height);
        self.pixels = along(&self.pixels, &weights, width, 1, height, width);
        self.pixels = along(&self.pixels, &weights, height, width, width, 1);
    }

    /// The picture as 8-bit sRGB; what is brighter than white is cut off.
    pub fn to_srgb(&self) -> RgbImage {
        let mut image = RgbImage::new(self.width as u32, self.height as u32);
        for (pixel, &colour) in image.pixels_mut().zip(&self.pixels) {
            *pixel = Rgb(colour.map(srgb_byte));
        }
        image
    }
}

/// Brightness as the eye weighs colours (Rec. 709), of linear light.
pub fn luma([red, green, blue]: Colour) -> f32 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Symmetric filter along lines of `length` pixels `step` apart; there are `lines` of them, `line_step` apart.
fn along(
    pixels: &[Colour],
    weights: &[f32],
    length: usize,
    step: usize,
    lines: usize,
    line_step: usize,
) -> Vec<Colour> {
    let mut out = vec![[0.0; 3]; pixels.len()];
    for line in 0..lines {
        let start = line * line_step;
        for i in 0..length {
            let mut sum = pixels[start + i * step].map(|v| v * weights[0]);
            for (k, weight) in weights.iter().enumerate().skip(1) {
                let before = pixels[start + i.saturating_sub(k) * step];
                let after = pixels[start + (i + k).min(length - 1) * step];
                for channel in 0..3 {
                    sum[channel] += weight * (before[channel] + after[channel]);
                }
            }
            out[start + i * step] = sum;
        }
    }
    out
}

/// sRGB value, 0..=1, of light in 0..=1.
pub fn srgb(light: f32) -> f32 {
    if light <= 0.003_130_8 {
        12.92 * light
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

/// Steps of light between black and white in the table of sRGB bytes: a twentieth of a byte's step in the dark.
const STEPS: usize = 1 << 16;

/// sRGB bytes by light.
static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    (0..=STEPS)
        .map(|i| (srgb(i as f32 / STEPS as f32) * 255.0).round() as u8)
        .collect()
});

/// sRGB byte of light; what is brighter than white is white.
pub fn srgb_byte(light: f32) -> u8 {
    BYTES[(light.clamp(0.0, 1.0) * STEPS as f32 + 0.5) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot() -> Picture {
        let mut picture = Picture::new(31, 21);
        picture.pixels[10 * 31 + 12] = [1.0, 0.5, 0.25];
        picture
    }

    #[test]
    fn a_blur_spreads_by_its_sigma_and_keeps_light() {
        let mut picture = spot();
        picture.blur(1.5);
        let (mut total, mut spread) = (0.0, 0.0);
        for (i, pixel) in picture.pixels.iter().enumerate() {
            total += pixel[0];
            spread += pixel[0] * ((i % 31) as f32 - 12.0).powi(2);
        }
        assert!((total - 1.0).abs() < 1e-3);
        assert!((spread.sqrt() - 1.5).abs() < 0.05, "{}", spread.sqrt());
    }

    #[test]
    fn exposure_aims_at_its_mean() {
        let mut picture = Picture::new(4, 4);
        for (i, pixel) in picture.pixels.iter_mut().enumerate() {
            *pixel = [0.01 * i as f32; 3];
        }
        picture.expose(0.2);
        let mean = picture.pixels.iter().map(|&p| luma(p)).sum::<f32>() / 16.0;
        assert!((mean - 0.2).abs() < 1e-4);
    }

    #[test]
    fn flipping_twice_changes_nothing_and_once_swaps_the_sides() {
        let mut picture = spot();
        picture.flip();
        assert_eq!(picture.pixels[10 * 31 + 18], [1.0, 0.5, 0.25]);
        picture.flip();
        assert_eq!(picture, spot());
    }

    #[test]
    fn bytes_follow_the_srgb_curve() {
        assert_eq!([0.0, 0.214_04, 1.0, 9.0].map(srgb_byte), [0, 127, 255, 255]);
    }
}
