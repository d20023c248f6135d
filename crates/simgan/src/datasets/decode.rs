//! Decoding image files: limits against bombs, and one meaning of grey.

use std::io::Cursor;

use image::{DynamicImage, ImageReader, Limits};

use crate::{Error, Result};

/// Largest image file that is read, in bytes.
pub(super) const MAX_FILE_BYTES: u64 = 256 << 20;
/// Largest width and height of an image file.
pub(super) const MAX_FILE_SIDE: u32 = 16_384;
/// Most memory that decoding one image may take, in bytes.
const MAX_DECODED_BYTES: u64 = 512 << 20;

/// Endings of image files that are read, in lower case.
pub(super) const EXTENSIONS: [&str; 8] = ["png", "jpg", "jpeg", "bmp", "pgm", "ppm", "pbm", "pnm"];

/// Whether `name` ends like an image file that can be read.
pub(super) fn is_image_name(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
    extension.is_some_and(|e| EXTENSIONS.contains(&e.as_str()))
}

/// Decodes the bytes of an image file, whatever its ending says.
///
/// # Errors
/// Damaged files, and images beyond the limits; the sentence starts with "it".
pub(crate) fn decode(bytes: &[u8]) -> Result<DynamicImage> {
    let (width, height) = dimensions(bytes)?;
    if width > MAX_FILE_SIDE || height > MAX_FILE_SIDE {
        return Err(Error::data(format!(
            "it claims to be {width}x{height}; at most {MAX_FILE_SIDE}x{MAX_FILE_SIDE} is read"
        )));
    }
    let image = reader(bytes)?.decode().map_err(damaged)?;
    match (image.width(), image.height()) {
        (0, _) | (_, 0) => Err(Error::data("it has no pixels")),
        _ => Ok(image),
    }
}

/// Width and height that the file's header states; nothing is decoded.
pub(super) fn dimensions(bytes: &[u8]) -> Result<(u32, u32)> {
    let mut reader = reader(bytes)?;
    // The caller judges the size, and says it in its own words.
    reader.no_limits();
    reader.into_dimensions().map_err(damaged)
}

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>> {
    if bytes.is_empty() {
        return Err(Error::data("it is an empty file"));
    }
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    if reader.format().is_none() {
        return Err(Error::data("it is not a PNG, JPEG, BMP or PNM image"));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_FILE_SIDE);
    limits.max_image_height = Some(MAX_FILE_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    Ok(reader)
}

fn damaged(error: image::ImageError) -> Error {
    Error::data(format!("it cannot be decoded: {error}")).with_source(error)
}

/// 8-bit grey (`channels` = 1, Rec. 709 luma) or RGB pixels, pixel by pixel.
///
/// 16-bit values are rounded to 8. Where a pixel is transparent, white shows through, as in an image viewer.
pub(super) fn interleaved(image: DynamicImage, channels: usize) -> Vec<u8> {
    let image = if image.color().has_alpha() {
        on_white(&image)
    } else {
        image
    };
    match channels {
        1 => image.into_luma8().into_raw(),
        _ => image.into_rgb8().into_raw(),
    }
}

fn on_white(image: &DynamicImage) -> DynamicImage {
    let mut rgba = image.to_rgba8();
    for pixel in rgba.pixels_mut() {
        let alpha = u32::from(pixel.0[3]);
        for value in &mut pixel.0[..3] {
            *value = ((u32::from(*value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
        pixel.0[3] = 255;
    }
    DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(rgba).into_rgb8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Luma, RgbaImage};

    fn png(image: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(vec![]);
        image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn sixteen_bits_round_to_eight() {
        let image =
            image::ImageBuffer::from_fn(3, 1, |x, _| Luma([[0u16, 32_896, 65_535][x as usize]]));
        let decoded = decode(&png(&DynamicImage::ImageLuma16(image))).unwrap();
        assert_eq!(interleaved(decoded, 1), [0, 128, 255]);
    }

    #[test]
    fn transparent_pixels_are_white() {
        let image = RgbaImage::from_fn(2, 1, |x, _| {
            image::Rgba([0, 0, 0, if x == 0 { 0 } else { 255 }])
        });
        assert_eq!(
            interleaved(decode(&png(&image.into())).unwrap(), 1),
            [255, 0]
        );
    }

    #[test]
    fn every_truncation_is_an_error_and_never_a_panic() {
        let image = image::GrayImage::from_fn(9, 7, |x, y| Luma([(x * 31 + y * 17) as u8]));
        let bytes = png(&image.into());
        let idat = bytes.windows(4).position(|w| w == b"IDAT").unwrap();
        for end in 0..bytes.len() {
            let result = decode(&bytes[..end]);
            assert!(result.is_err() || end > idat + 8, "cut at {end}");
        }
    }

    #[test]
    fn absurd_dimensions_are_refused_before_memory_is_taken() {
        let header = b"P5 60000 60000 255\n";
        let error = decode(header).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it claims to be 60000x60000; at most 16384x16384 is read"
        );
    }

    #[test]
    fn other_files_are_named_for_what_they_are() {
        assert_eq!(decode(b"").unwrap_err().to_string(), "it is an empty file");
        assert!(
            decode(b"hello")
                .unwrap_err()
                .to_string()
                .contains("not a PNG")
        );
    }
}
