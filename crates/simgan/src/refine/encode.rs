//! Pixels to the bytes of an image file.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::pnm::{PnmEncoder, PnmSubtype, SampleEncoding};
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};

use simgan_base::{Error, Result};

/// Encodes `pixels` `[channels, height, width]` in the format that `name` ends with: JPEG at quality 100, the others
/// keep every pixel.
///
/// # Errors
/// The format cannot be written or takes no such image; names `name`.
pub fn encode(name: &str, pixels: &[u8], [channels, height, width]: [usize; 3]) -> Result<Vec<u8>> {
    let cannot = |why: String| Error::data(format!("{name} cannot be written: {why}"));
    let fits = pixels.len() == channels * height * width;
    let (width, height) = (width as u32, height as u32);
    let image = if channels == 1 {
        GrayImage::from_raw(width, height, pixels.to_vec()).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width, height, interleaved(pixels, channels)).map(DynamicImage::from)
    };
    let image = image.filter(|_| fits);
    let image = image.ok_or_else(|| cannot("its size is wrong".to_owned()))?;
    let format = ImageFormat::from_path(name).map_err(|e| cannot(e.to_string()))?;
    let mut bytes = Cursor::new(Vec::new());
    let encoded = match format {
        ImageFormat::Jpeg => {
            image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 100))
        }
        // The encoder's own choice is PAM (P7), which few other programs read.
        ImageFormat::Pnm => {
            let subtype = match channels {
                1 => PnmSubtype::Graymap(SampleEncoding::Binary),
                _ => PnmSubtype::Pixmap(SampleEncoding::Binary),
            };
            image.write_with_encoder(PnmEncoder::new(&mut bytes).with_subtype(subtype))
        }
        format => image.write_to(&mut bytes, format),
    };
    encoded.map_err(|e| cannot(e.to_string()))?;
    Ok(bytes.into_inner())
}

/// `[channels, height, width]` to `[height, width, channels]`.
fn interleaved(planes: &[u8], channels: usize) -> Vec<u8> {
    let plane = planes.len() / channels;
    (0..plane)
        .flat_map(|i| (0..channels).map(move |c| planes[c * plane + i]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pnm_files_are_plain_p5_and_p6() {
        let pixels: Vec<u8> = (0..18).collect();
        let grey = encode("a.pgm", &pixels[..6], [1, 2, 3]).unwrap();
        assert!(grey.starts_with(b"P5") && grey.ends_with(&pixels[..6]));
        let colour = encode("a.ppm", &pixels, [3, 2, 3]).unwrap();
        assert!(colour.starts_with(b"P6") && colour.ends_with(&interleaved(&pixels, 3)));
    }

    #[test]
    fn pixels_survive_but_in_jpeg() {
        let pixels: Vec<u8> = (0..18).map(|i| i * 14).collect();
        for name in ["a.png", "a.BMP", "a.ppm"] {
            let bytes = encode(name, &pixels, [3, 2, 3]).unwrap();
            let image = image::load_from_memory(&bytes).unwrap().into_rgb8();
            assert_eq!(image.into_raw(), interleaved(&pixels, 3), "{name}");
        }
        let bytes = encode("a.jpg", &pixels[..6], [1, 2, 3]).unwrap();
        assert_eq!(image::load_from_memory(&bytes).unwrap().width(), 3);
        assert!(encode("a.txt", &pixels, [3, 2, 3]).is_err());
        assert!(encode("a.png", &pixels, [3, 2, 2]).is_err());
    }
}
