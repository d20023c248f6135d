//! A picture in linear light, and how it becomes bytes.

use image::{Rgb, RgbImage};

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
        if sigma < 0.05 {
            return;
        }
        let radius = (3.0 * sigma).ceil() as usize;
        let weights: Vec<f32> = (0..=radius)
            .map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp())
            .collect();
        let total = 2.0 * weights.iter().sum::<f32>() - weights[0];
        let weights: Vec<f32> = weights.iter().map(|w| w / total).collect();
        let (width, height) = (self.width, self.height);
        self.pixels = along(&self.pixels, &weights, width, 1, height, width);
        self.pixels = along(&self.pixels, &weights, height, width, width, 1);
    }

    /// The picture as 8-bit sRGB; what is brighter than white is cut off.
    pub fn to_srgb(&self) -> RgbImage {
        RgbImage::from_fn(self.width as u32, self.height as u32, |x, y| {
            Rgb(self.pixels[y as usize * self.width + x as usize].map(srgb_byte))
        })
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

/// sRGB byte of a linear value.
pub fn srgb_byte(linear: f32) -> u8 {
    let v = linear.clamp(0.0, 1.0);
    let encoded = if v <= 0.003_130_8 {
        12.92 * v
    } else {
        1.055 * v.powf(1.0 / 2.4) - 0.055
    };
    (encoded * 255.0).round() as u8
}

/// Linear value of an sRGB byte.
pub fn linear(byte: u8) -> f32 {
    let v = f32::from(byte) / 255.0;
    if v <= 0.040_45 {
        v / 12.92
    } else {
        ((v + 0.055) / 1.055).powf(2.4)
    }
}
