//! What the pixels of an image are before any preprocessing: grey or colour, and of how many bits.

use std::fmt;

use image::DynamicImage;
use serde::{Deserialize, Serialize};

/// Grey or colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// One channel.
    Grey,
    /// Three channels that are alike in every pixel.
    GreyAsRgb,
    /// Three channels.
    Rgb,
}

/// Pixels of a decoded image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PixelKind {
    /// Grey or colour.
    pub colour: Colour,
    /// Whether there is a channel of transparency.
    pub alpha: bool,
    /// Bits of a channel: 8, 16 or 32.
    pub bits: u8,
}

impl PixelKind {
    /// The kind of `image`.
    pub(crate) fn of(image: &DynamicImage) -> Self {
        let stored = image.color();
        let colour = match stored.has_color() {
            false => Colour::Grey,
            true if is_grey(image) => Colour::GreyAsRgb,
            true => Colour::Rgb,
        };
        Self {
            colour,
            alpha: stored.has_alpha(),
            bits: (8 * u16::from(stored.bytes_per_pixel()) / u16::from(stored.channel_count()))
                as u8,
        }
    }

    /// Channels that are needed to keep what the pixels show: 1 or 3.
    pub fn channels(self) -> usize {
        match self.colour {
            Colour::Grey | Colour::GreyAsRgb => 1,
            Colour::Rgb => 3,
        }
    }
}

/// Whether the three channels are alike everywhere, as in many grey pictures that are stored as RGB.
fn is_grey(image: &DynamicImage) -> bool {
    let alike = |pixel: &[u8]| pixel[0] == pixel[1] && pixel[1] == pixel[2];
    match image {
        DynamicImage::ImageRgb8(pixels) => pixels.as_raw().chunks_exact(3).all(alike),
        DynamicImage::ImageRgba8(pixels) => pixels.as_raw().chunks_exact(4).all(alike),
        other => other
            .to_rgb16()
            .pixels()
            .all(|p| p[0] == p[1] && p[1] == p[2]),
    }
}

impl fmt::Display for PixelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colour = match self.colour {
            Colour::Grey => "grey",
            Colour::GreyAsRgb => "grey stored as RGB",
            Colour::Rgb => "RGB",
        };
        let alpha = if self.alpha { " with alpha" } else { "" };
        write!(f, "{colour}{alpha}, {} bits", self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(image: impl Into<DynamicImage>) -> String {
        PixelKind::of(&image.into()).to_string()
    }

    #[test]
    fn colour_alpha_and_bits_are_told() {
        let red = image::Rgb([9, 0, 0]);
        assert_eq!(told(image::GrayImage::new(2, 1)), "grey, 8 bits");
        assert_eq!(told(image::RgbImage::from_pixel(2, 1, red)), "RGB, 8 bits");
        let same = image::RgbImage::from_pixel(2, 1, image::Rgb([9, 9, 9]));
        assert_eq!(told(same), "grey stored as RGB, 8 bits");
        let clear = image::RgbaImage::from_pixel(2, 1, image::Rgba([9, 0, 0, 0]));
        assert_eq!(told(clear), "RGB with alpha, 8 bits");
        let deep = image::ImageBuffer::from_pixel(1, 1, image::Luma([9u16]));
        assert_eq!(told(DynamicImage::ImageLuma16(deep)), "grey, 16 bits");
    }
}
