//! Resizing with an antialiased filter.

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::DynamicImage;

use super::decode::interleaved;
use crate::{Error, Result};

/// Grey or RGB pixels of `image` at a new size, pixel by pixel.
///
/// The filter is Catmull-Rom (bicubic, a = -0.5), widened when shrinking so that nothing aliases,
/// as in Pillow's `BICUBIC`. An image of the right size passes unchanged.
pub(super) fn resize(
    image: DynamicImage,
    width: usize,
    height: usize,
    channels: usize,
) -> Result<Vec<u8>> {
    let (old_width, old_height) = (image.width(), image.height());
    let pixels = interleaved(image, channels);
    if (old_width as usize, old_height as usize) == (width, height) {
        return Ok(pixels);
    }
    let kind = if channels == 3 {
        PixelType::U8x3
    } else {
        PixelType::U8
    };
    let failed = |e: &dyn std::fmt::Display| Error::data(format!("it cannot be resized: {e}"));
    let old = Image::from_vec_u8(old_width, old_height, pixels, kind).map_err(|e| failed(&e))?;
    let mut new = Image::new(width as u32, height as u32, kind);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new()
        .resize(&old, &mut new, &options)
        .map_err(|e| failed(&e))?;
    Ok(new.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma};

    #[test]
    fn a_fine_checkerboard_shrinks_to_grey() {
        let board = GrayImage::from_fn(64, 64, |x, y| {
            Luma([if (x + y) % 2 == 0 { 255 } else { 0 }])
        });
        let small = resize(board.into(), 8, 8, 1).unwrap();
        assert!(small.iter().all(|p| (126..=129).contains(p)), "{small:?}");
    }

    #[test]
    fn a_ramp_keeps_its_ends_and_order() {
        let ramp = GrayImage::from_fn(16, 2, |x, _| Luma([16 * x as u8]));
        let wide = resize(ramp.into(), 31, 2, 1).unwrap();
        assert!(wide[..31].is_sorted());
        assert!(wide[0] < 8 && wide[30] > 232, "{wide:?}");
    }
}
