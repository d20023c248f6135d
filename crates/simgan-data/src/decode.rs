//! Decoding image files, with limits against bombs.

use std::io::{BufRead, Seek, SeekFrom};

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::pixel_map::PixelMap;
use crate::tiff_pages::refuse_more_pages;
use crate::{jpeg_scans, orientation, webp_container};
use simgan_base::files::limits;
use simgan_base::{Error, Result};

/// Largest width and height of an image file.
pub(crate) const MAX_FILE_SIDE: u32 = 16_384;
/// Most bytes of pixels: 25 megapixels of 8-bit RGB.
const MAX_PIXEL_BYTES: u64 = 72 << 20;
/// Most bytes of pixels and of the coefficients that a JPEG file in several scans needs at once.
const MAX_DECODING_BYTES: u64 = 108 << 20;
/// Most bytes of what is no pixels: profiles and comments.
const MAX_EXTRA_BYTES: u64 = 8 << 20;
/// Bytes a pixel that decoding a WebP file takes besides the pixels.
const WEBP_EXTRA: u64 = 8;

/// Endings of image files that are read, in lower case.
pub(crate) const EXTENSIONS: [&str; 11] = [
    "png", "jpg", "jpeg", "bmp", "pgm", "ppm", "pbm", "pnm", "tif", "tiff", "webp",
];

/// Whether `name` ends like an image file that can be read.
pub fn is_image_name(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
    extension.is_some_and(|e| EXTENSIONS.contains(&e.as_str()))
}

/// Decodes an image file, whatever its ending says, and turns it upright as its EXIF orientation says.
///
/// # Errors
/// Damaged files, and images beyond the limits; the sentence starts with "it".
pub fn decode(mut source: impl BufRead + Seek) -> Result<DynamicImage> {
    let bytes = source.seek(SeekFrom::End(0))?;
    limits::IMAGE.check(bytes)?;
    source.rewind()?;
    let format = format_of(&mut source)?;
    let extra = match format {
        ImageFormat::Jpeg => {
            limits::JPEG.check(bytes)?;
            if !jpeg_scans::has_end(&mut source)? {
                return Err(Error::data(
                    "it is cut off: its end-of-image marker is missing",
                ));
            }
            2 * jpeg_scans::kept_components(&mut source)?
        }
        ImageFormat::WebP => {
            webp_container::check(&mut source, bytes)?;
            WEBP_EXTRA
        }
        ImageFormat::Tiff => {
            refuse_more_pages(&mut source)?;
            0
        }
        _ => 0,
    };
    let (decoder, orientation) = decoder(source, format)?;
    check_size(&decoder, extra)?;
    refuse_floats(&decoder)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation);
    match (image.width(), image.height()) {
        (0, _) | (_, 0) => Err(Error::data("it has no pixels")),
        _ => Ok(image),
    }
}

/// Width and height that the file's header states, upright; nothing is decoded.
pub(crate) fn dimensions(source: impl BufRead + Seek) -> Result<(u32, u32)> {
    let [width, height] = turning(source)?.behind();
    Ok((width, height))
}

/// From the image as its sensor saw it to the upright one, as the file's header states; nothing is decoded.
pub(crate) fn turning(mut source: impl BufRead + Seek) -> Result<PixelMap> {
    let format = format_of(&mut source)?;
    if format == ImageFormat::Jpeg {
        // This decoder reads the whole file first.
        limits::JPEG.check(source.seek(SeekFrom::End(0))?)?;
        source.rewind()?;
    }
    let (decoder, orientation) = decoder(source, format)?;
    let (width, height) = decoder.dimensions();
    Ok(PixelMap::upright(orientation, [width, height]))
}

/// Refuses what takes too much memory; each pixel takes `extra` bytes besides itself.
fn check_size(decoder: &impl ImageDecoder, extra: u64) -> Result<()> {
    let (width, height) = decoder.dimensions();
    if width > MAX_FILE_SIDE || height > MAX_FILE_SIDE {
        return Err(Error::data(format!(
            "it claims to be {width}x{height}; at most {MAX_FILE_SIDE}x{MAX_FILE_SIDE} is read"
        )));
    }
    let pixels = decoder.total_bytes();
    let bytes = pixels + extra * u64::from(width) * u64::from(height);
    let most = match extra {
        0 => MAX_PIXEL_BYTES,
        _ => MAX_DECODING_BYTES,
    };
    if pixels > MAX_PIXEL_BYTES || bytes > most {
        return Err(Error::data(format!(
            "it claims to be {width}x{height}, which takes {bytes} bytes to decode; at most {most} are spent"
        )));
    }
    Ok(())
}

/// Floating-point numbers have no agreed range: read as 0 to 1, those of 0 to 255 would be white.
fn refuse_floats(decoder: &impl ImageDecoder) -> Result<()> {
    match decoder.color_type() {
        ColorType::Rgb32F | ColorType::Rgba32F => Err(Error::data(
            "its pixels are floating-point numbers; whole numbers of 8 or 16 bits are read",
        )),
        _ => Ok(()),
    }
}

fn format_of(source: &mut (impl BufRead + Seek)) -> Result<ImageFormat> {
    if source.fill_buf()?.is_empty() {
        return Err(Error::data("it is an empty file"));
    }
    let format = ImageReader::new(&mut *source)
        .with_guessed_format()?
        .format();
    match format {
        Some(
            format @ (ImageFormat::Png
            | ImageFormat::Jpeg
            | ImageFormat::Bmp
            | ImageFormat::Pnm
            | ImageFormat::Tiff
            | ImageFormat::WebP),
        ) => Ok(format),
        _ => Err(Error::data(
            "it is not a PNG, JPEG, BMP, PNM, TIFF or WebP image",
        )),
    }
}

/// A decoder that has read the header, and how the image is to be turned.
fn decoder<'a>(
    mut source: impl BufRead + Seek + 'a,
    format: ImageFormat,
) -> Result<(impl ImageDecoder + 'a, Orientation)> {
    let of_png = orientation::of_png(&mut source)?;
    let mut reader = ImageReader::with_format(source, format);
    // The caller judges the size, and says it in its own words.
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(match format {
        // This decoder counts the pixels as well.
        ImageFormat::Tiff => MAX_EXTRA_BYTES + MAX_PIXEL_BYTES,
        _ => MAX_EXTRA_BYTES,
    });
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let orientation = orientation::of(&mut decoder, format, of_png);
    Ok((decoder, orientation))
}

fn damaged(error: image::ImageError) -> Error {
    let message = format!("it cannot be decoded: {error}");
    match error {
        // It hides what the system said.
        image::ImageError::IoError(cause) => Error::data(message).with_source(cause),
        error => Error::data(message).with_source(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eight_bits::interleaved;
    use image::{ImageFormat, Luma};
    use std::io::Cursor;

    fn decode(bytes: &[u8]) -> Result<DynamicImage> {
        super::decode(Cursor::new(bytes))
    }

    fn png(image: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(vec![]);
        image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
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
    fn a_photograph_of_24_megapixels_passes_and_more_does_not() {
        let size = |width, height| {
            let header = format!("P6 {width} {height} 255\n");
            let (decoder, _) =
                super::decoder(Cursor::new(header.as_bytes()), ImageFormat::Pnm).unwrap();
            check_size(&decoder, 0).map_err(|e| e.to_string())
        };
        assert_eq!(size(6016, 4016), Ok(()));
        assert_eq!(
            size(7000, 5000).unwrap_err(),
            "it claims to be 7000x5000, which takes 105000000 bytes to decode; at most 75497472 are spent"
        );
    }

    /// The directory of an EXIF orientation alone.
    fn exif(orientation: u8) -> Vec<u8> {
        let header = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0";
        [&header[..], &[orientation, 0, 0, 0, 0, 0, 0]].concat()
    }

    /// `image` as it is stored under an orientation: the inverse of what it says.
    fn stored(upright: &DynamicImage, orientation: u8) -> DynamicImage {
        let mut stored = upright.clone();
        let inverse = match orientation {
            6 => 8,
            8 => 6,
            other => other,
        };
        stored.apply_orientation(Orientation::from_exif(inverse).unwrap());
        stored
    }

    fn jpeg_with(image: &DynamicImage, orientation: u8) -> Vec<u8> {
        let mut bytes = Cursor::new(vec![]);
        image.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        let bytes = bytes.into_inner();
        let exif = [b"Exif\0\0".to_vec(), exif(orientation)].concat();
        let length = (exif.len() as u16 + 2).to_be_bytes();
        [&bytes[..2], &[0xff, 0xe1], &length, &exif, &bytes[2..]].concat()
    }

    /// With the chunk before the chunk called `before`.
    fn png_with(image: &DynamicImage, orientation: u8, before: &[u8; 4]) -> Vec<u8> {
        let bytes = png(image);
        let at = bytes.windows(4).position(|w| w == before).unwrap() - 4;
        let body = [b"eXIf".to_vec(), exif(orientation)].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&body);
        let length = (body.len() as u32 - 4).to_be_bytes();
        let sum = crc.sum().to_be_bytes();
        [&bytes[..at], &length, &body, &sum, &bytes[at..]].concat()
    }

    #[test]
    fn images_stand_upright_under_every_orientation() {
        // Four flat quarters survive JPEG, and each turn and mirror image of them differs.
        let level =
            |x: u32, y: u32| [10, 90, 170, 250][usize::from(x >= 32) + 2 * usize::from(y >= 16)];
        let upright = image::GrayImage::from_fn(64, 32, |x, y| Luma([level(x, y)])).into();
        for orientation in 1..=8 {
            let stored = stored(&upright, orientation);
            for bytes in [
                jpeg_with(&stored, orientation),
                png_with(&stored, orientation, b"IDAT"),
                png_with(&stored, orientation, b"IEND"),
            ] {
                let size = dimensions(Cursor::new(&bytes)).unwrap();
                assert_eq!(size, (64, 32), "{orientation}");
                let found = interleaved(decode(&bytes).unwrap(), 1);
                let expected = upright.as_bytes();
                let near = |(a, b): (&u8, &u8)| a.abs_diff(*b) < 16;
                let same = found.iter().zip(expected).all(near);
                assert!(same && found.len() == expected.len(), "{orientation}");
            }
        }
    }

    #[test]
    fn tiff_and_webp_keep_every_pixel() {
        let grey = image::GrayImage::from_fn(9, 7, |x, y| Luma([(x * 28 + y) as u8]));
        let deep = image::ImageBuffer::from_fn(9, 7, |x, y| {
            Luma([grey.get_pixel(x, y).0[0] as u16 * 257])
        });
        let expected = grey.as_raw();
        for (image, format) in [
            (DynamicImage::from(grey.clone()), ImageFormat::Tiff),
            (DynamicImage::ImageLuma16(deep), ImageFormat::Tiff),
            (DynamicImage::from(grey.clone()), ImageFormat::WebP),
        ] {
            let mut bytes = Cursor::new(vec![]);
            image.write_to(&mut bytes, format).unwrap();
            let bytes = bytes.into_inner();
            assert_eq!(
                interleaved(decode(&bytes).unwrap(), 1),
                *expected,
                "{format:?}"
            );
            let cut = &bytes[..bytes.len() - 4];
            assert!(decode(cut).is_err(), "{format:?}");
        }
    }

    #[test]
    fn floating_point_numbers_are_refused() {
        let image = image::ImageBuffer::from_pixel(3, 2, image::Rgb([200.0f32; 3]));
        let mut bytes = Cursor::new(vec![]);
        let image = DynamicImage::ImageRgb32F(image);
        image.write_to(&mut bytes, ImageFormat::Tiff).unwrap();
        let error = decode(&bytes.into_inner()).unwrap_err().to_string();
        assert!(error.contains("floating-point"), "{error}");
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
