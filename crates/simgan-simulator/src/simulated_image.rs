//! What a simulator delivers: a picture in colour, or depths.

use std::io::Cursor;

use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, RgbImage};

use simgan_base::{Error, Result};

/// Depths in millimetres; 0 where nothing was measured.
pub type DepthImage = ImageBuffer<Luma<u16>, Vec<u16>>;

/// What the pixels of a simulator's images are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelForm {
    /// 8-bit sRGB.
    Colour,
    /// 16-bit millimetres.
    Depth,
}

/// An image of a simulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimulatedImage {
    /// 8-bit sRGB.
    Colour(RgbImage),
    /// 16-bit millimetres; 0 where nothing was measured.
    Depth(DepthImage),
}

impl SimulatedImage {
    /// What its pixels are.
    pub fn form(&self) -> PixelForm {
        match self {
            Self::Colour(_) => PixelForm::Colour,
            Self::Depth(_) => PixelForm::Depth,
        }
    }

    /// Width and height in pixels.
    pub fn dimensions(&self) -> (u32, u32) {
        match self {
            Self::Colour(image) => image.dimensions(),
            Self::Depth(image) => image.dimensions(),
        }
    }

    /// The bytes of a PNG file: RGB of 8 bits, or grey of 16 bits that holds millimetres.
    ///
    /// # Errors
    /// Of kind [`Data`](simgan_base::ErrorKind::Data): the image has no pixels or too many.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        let mut bytes = Cursor::new(vec![]);
        match self {
            Self::Colour(image) => image.write_to(&mut bytes, ImageFormat::Png),
            Self::Depth(image) => image.write_to(&mut bytes, ImageFormat::Png),
        }
        .map_err(|e| Error::data(format!("an image cannot be written as PNG: {e}")))?;
        Ok(bytes.into_inner())
    }
}

impl From<RgbImage> for SimulatedImage {
    fn from(image: RgbImage) -> Self {
        Self::Colour(image)
    }
}

impl From<DepthImage> for SimulatedImage {
    fn from(image: DepthImage) -> Self {
        Self::Depth(image)
    }
}

/// As a reader of its PNG file would decode it.
impl From<SimulatedImage> for DynamicImage {
    fn from(image: SimulatedImage) -> Self {
        match image {
            SimulatedImage::Colour(image) => image.into(),
            SimulatedImage::Depth(image) => Self::ImageLuma16(image),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_keep_every_level_of_both_forms() {
        let depths = DepthImage::from_fn(5, 3, |x, y| Luma([(x * 300 + y * 9001) as u16]));
        let colours = RgbImage::from_fn(5, 3, |x, y| image::Rgb([x as u8, y as u8, 250]));
        for image in [SimulatedImage::from(depths), SimulatedImage::from(colours)] {
            let read = image::load_from_memory(&image.to_png().unwrap()).unwrap();
            assert_eq!(image.dimensions(), (5, 3));
            assert_eq!(read, DynamicImage::from(image));
        }
    }

    #[test]
    fn an_image_without_pixels_is_refused() {
        let error = SimulatedImage::from(DepthImage::new(0, 4))
            .to_png()
            .unwrap_err();
        assert!(
            error.to_string().contains("cannot be written as PNG"),
            "{error}"
        );
    }
}
