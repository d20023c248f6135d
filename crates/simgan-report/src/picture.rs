//! Small images of a page: cut out, encoded, subtracted.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};

/// Bytes that one image of a page may have.
const MOST_PIXELS: u32 = 1 << 14;

/// The pixels of a PNG file; `None` where it is none, or has a side that no grid has.
pub fn decode(png: &[u8]) -> Option<RgbImage> {
    let mut reader = image::ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    reader.limits(limits);
    Some(reader.decode().ok()?.into_rgb8())
}

/// The same of a PNG file in Base64.
pub fn decode_text(text: &str) -> Option<RgbImage> {
    decode(&STANDARD.decode(text).ok()?)
}

/// An address that holds the image itself; empty of an image without pixels.
pub fn data_uri(image: &RgbImage) -> String {
    let mut png = Cursor::new(Vec::new());
    match image.write_to(&mut png, ImageFormat::Png) {
        Ok(()) => format!(
            "data:image/png;base64,{}",
            STANDARD.encode(png.into_inner())
        ),
        Err(_) => String::new(),
    }
}

/// Brightness after minus before of every pixel, -255..=255, row by row: the mean of the three channels. What only one image
/// has is left out.
pub fn difference(before: &RgbImage, after: &RgbImage) -> Vec<f32> {
    let grey = |pixel: &image::Rgb<u8>| pixel.0.iter().map(|&v| f32::from(v)).sum::<f32>() / 3.0;
    let pairs = before.pixels().zip(after.pixels());
    pairs.map(|(a, b)| grey(b) - grey(a)).collect()
}

/// A difference as an image: white where nothing changed, blue where it became darker, red where lighter, in full at `limit`.
pub fn difference_map(difference: &[f32], width: u32, height: u32, limit: f32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let value = difference.get((y * width + x) as usize).copied();
        image::Rgb(diverging(value.unwrap_or(0.0) / limit.max(1.0)))
    })
}

/// -1: blue, 0: white, 1: red, mixed in between.
fn diverging(value: f32) -> [u8; 3] {
    let value = value.clamp(-1.0, 1.0);
    let end = if value < 0.0 {
        [33.0, 102.0, 172.0]
    } else {
        [178.0, 24.0, 43.0]
    };
    end.map(|end: f32| (255.0 + value.abs() * (end - 255.0)).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_have_a_sign_and_a_scale() {
        let image = |v: u8| RgbImage::from_pixel(2, 1, image::Rgb([v, v, v]));
        let change = difference(&image(100), &image(110));
        assert_eq!(change, [10.0, 10.0]);
        let map = difference_map(&[-10.0, 0.0, 5.0, 10.0], 4, 1, 10.0);
        assert_eq!(map.get_pixel(0, 0).0, [33, 102, 172]);
        assert_eq!(map.get_pixel(1, 0).0, [255, 255, 255]);
        assert_eq!(map.get_pixel(2, 0).0, [217, 140, 149]);
        assert_eq!(map.get_pixel(3, 0).0, [178, 24, 43]);
    }

    #[test]
    fn images_come_back_and_others_are_none() {
        let image = RgbImage::from_pixel(3, 2, image::Rgb([1, 2, 3]));
        let uri = data_uri(&image);
        let text = uri.strip_prefix("data:image/png;base64,").unwrap();
        assert_eq!(decode_text(text).unwrap(), image);
        assert!(decode_text("no base64!").is_none() && decode(b"no PNG").is_none());
    }
}
