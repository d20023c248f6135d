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

    /// The picture as 8-bit sRGB; what is brighter than white is cut off.
    pub fn to_srgb(&self) -> RgbImage {
        RgbImage::from_fn(self.width as u32, self.height as u32, |x, y| {
            Rgb(self.pixels[y as usize * self.width + x as usize].map(srgb_byte))
        })
    }
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
