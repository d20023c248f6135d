//! JPEG compression.

use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, ImageResult, RgbImage, imageops};

/// The image after JPEG compression at `quality` (1..=100) and decompression, as part of a larger frame: `offset` is
/// its place within an 8x8 block. An image too large for JPEG (65,535 pixels a side) stays as it is.
pub(super) fn compressed(image: RgbImage, quality: u8, offset: [usize; 2]) -> RgbImage {
    let [left, top] = offset.map(|pixels| pixels as u32);
    let (width, height) = image.dimensions();
    if width == 0 || height == 0 {
        return image;
    }
    // What lies beyond the image in its first blocks is not known; its edge is repeated.
    let framed = RgbImage::from_fn(width + left, height + top, |x, y| {
        *image.get_pixel(x.saturating_sub(left), y.saturating_sub(top))
    });
    match recoded(&framed, quality) {
        Ok(decoded) => imageops::crop_imm(&decoded, left, top, width, height).to_image(),
        Err(_) => image,
    }
}

/// Encodes and decodes in memory.
fn recoded(image: &RgbImage, quality: u8) -> ImageResult<RgbImage> {
    let mut bytes = Vec::with_capacity(image.len() / 2);
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(image)?;
    Ok(image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg)?.into_rgb8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn smooth() -> RgbImage {
        RgbImage::from_fn(55, 35, |x, y| {
            Rgb([(4 * x) as u8, (7 * y) as u8, (2 * x + 3 * y) as u8])
        })
    }

    /// Largest and mean difference of two images' bytes.
    fn difference(a: &RgbImage, b: &RgbImage) -> (u8, f64) {
        let all = || a.iter().zip(b.iter()).map(|(a, b)| a.abs_diff(*b));
        (
            all().max().unwrap(),
            all().map(f64::from).sum::<f64>() / a.len() as f64,
        )
    }

    #[test]
    fn quality_100_is_near_lossless_and_less_loses_more() {
        let image = smooth();
        let lost = |quality| difference(&image, &compressed(image.clone(), quality, [3, 5]));
        assert!(lost(100).0 <= 3 && lost(100).1 < 0.7, "{:?}", lost(100));
        assert!(
            lost(50).1 > lost(100).1 && lost(10).1 > 2.0 * lost(50).1,
            "{:?} {:?}",
            lost(50),
            lost(10)
        );
    }

    #[test]
    fn blocks_begin_at_the_offset() {
        // A gentle ramp, of which quality 1 leaves nothing but the mean of each block.
        let image = RgbImage::from_fn(32, 8, |x, _| Rgb([5 * x as u8; 3]));
        let coarse = compressed(image, 1, [3, 0]);
        let steps: Vec<u32> = (1..32)
            .filter(|&x| coarse.get_pixel(x - 1, 0) != coarse.get_pixel(x, 0))
            .collect();
        assert!(
            !steps.is_empty() && steps.iter().all(|x| (x + 3) % 8 == 0),
            "{steps:?}"
        );
    }

    #[test]
    fn sizes_stay() {
        for (width, height) in [(0, 0), (1, 1), (8, 3), (70, 9)] {
            let image = RgbImage::new(width, height);
            assert_eq!(compressed(image, 80, [7, 7]).dimensions(), (width, height));
        }
    }
}
