//! From the levels of a file to 8-bit grey or RGB: one meaning of grey, of alpha, and of 16 bits.

use image::DynamicImage;

/// Smallest and largest level of grey or colour, in the unit of the file, and the largest that the file could hold.
pub(crate) fn extremes(image: &DynamicImage) -> [u16; 3] {
    let channels = usize::from(image.color().channel_count());
    let colours = channels - usize::from(image.color().has_alpha());
    match sixteen_bits(image) {
        Some(levels) => {
            let [low, high] = extremes_of(levels, channels, colours);
            [low, high, u16::MAX]
        }
        None => {
            let [low, high] = extremes_of(image.as_bytes(), channels, colours);
            [low, high, u8::MAX].map(u16::from)
        }
    }
}

/// Smallest and largest of the first `colours` of every `channels` values; there are some.
fn extremes_of<T: Copy + Ord + Default>(values: &[T], channels: usize, colours: usize) -> [T; 2] {
    let first = values.first().copied().unwrap_or_default();
    let wider = |[low, high]: [T; 2], &value: &T| [low.min(value), high.max(value)];
    match channels == colours {
        // Images are large, and this loop takes many values at a time.
        true => values.iter().fold([first; 2], wider),
        false => {
            let pixels = values.chunks_exact(channels);
            pixels
                .flat_map(|pixel| &pixel[..colours])
                .fold([first; 2], wider)
        }
    }
}

/// All values, alpha among them, of an image of 16 bits.
fn sixteen_bits(image: &DynamicImage) -> Option<&[u16]> {
    match image {
        DynamicImage::ImageLuma16(buffer) => Some(buffer.as_raw()),
        DynamicImage::ImageLumaA16(buffer) => Some(buffer.as_raw()),
        DynamicImage::ImageRgb16(buffer) => Some(buffer.as_raw()),
        DynamicImage::ImageRgba16(buffer) => Some(buffer.as_raw()),
        _ => None,
    }
}

/// Whether an image has alpha, and all of it is 0: a program that writes no alpha left the channel empty.
pub(crate) fn is_wholly_transparent(image: &DynamicImage) -> bool {
    let channels = usize::from(image.color().channel_count());
    let is_clear = |alpha: bool| image.color().has_alpha() && alpha;
    match sixteen_bits(image) {
        Some(levels) => is_clear(levels.chunks_exact(channels).all(|p| p[channels - 1] == 0)),
        None => is_clear(
            image
                .as_bytes()
                .chunks_exact(channels)
                .all(|p| p[channels - 1] == 0),
        ),
    }
}

/// The levels `low..=high` of a file spread over 0..=255, before anything is rounded; levels beyond become 0 and 255.
/// Alpha stays.
pub(crate) fn ranged(image: DynamicImage, [low, high]: [u16; 2]) -> DynamicImage {
    let spread = |level: u16| {
        let share =
            f32::from(level.saturating_sub(low)) / f32::from(high.saturating_sub(low).max(1));
        (255.0 * share.min(1.0)).round() as u8
    };
    let (width, height) = (image.width(), image.height());
    let channels = usize::from(image.color().channel_count());
    let colours = channels - usize::from(image.color().has_alpha());
    let value = |(at, level): (usize, u16), alpha: u8| match at % channels < colours {
        true => spread(level),
        false => alpha,
    };
    let values: Vec<u8> = match sixteen_bits(&image) {
        Some(levels) => {
            let levels = levels.iter().enumerate();
            levels
                .map(|(at, &v)| value((at, v), (v / 257) as u8))
                .collect()
        }
        None => {
            let levels = image.as_bytes().iter().enumerate();
            levels
                .map(|(at, &v)| value((at, u16::from(v)), v))
                .collect()
        }
    };
    let image = match channels {
        1 => image::GrayImage::from_raw(width, height, values).map(DynamicImage::from),
        2 => image::GrayAlphaImage::from_raw(width, height, values).map(DynamicImage::from),
        3 => image::RgbImage::from_raw(width, height, values).map(DynamicImage::from),
        _ => image::RgbaImage::from_raw(width, height, values).map(DynamicImage::from),
    };
    // There are as many values as before.
    image.unwrap_or_default()
}

/// 8-bit grey (`channels` = 1, Rec. 709 luma) or RGB pixels, pixel by pixel.
///
/// 16-bit values are rounded to 8. Where a pixel is transparent, white shows through, as in an image viewer; alpha that is 0
/// [everywhere](is_wholly_transparent) is ignored.
pub(crate) fn interleaved(image: DynamicImage, channels: usize) -> Vec<u8> {
    let (width, height) = (image.width(), image.height());
    let image = match image.color().channel_count() {
        // Conversions without alpha leave the colours as they are.
        _ if is_wholly_transparent(&image) => Some(image),
        2 => {
            let grey = on_white::<2>(image.into_luma_alpha8().into_raw());
            image::GrayImage::from_raw(width, height, grey).map(DynamicImage::from)
        }
        4 => {
            let rgb = on_white::<4>(image.into_rgba8().into_raw());
            image::RgbImage::from_raw(width, height, rgb).map(DynamicImage::from)
        }
        _ => Some(image),
    };
    // There are as many pixels as before.
    let image = image.unwrap_or_default();
    match channels {
        1 => image.into_luma8().into_raw(),
        _ => image.into_rgb8().into_raw(),
    }
}

/// Pixels of `N` values, the last of which is alpha, without it; in the same memory, because an image may be large.
fn on_white<const N: usize>(mut pixels: Vec<u8>) -> Vec<u8> {
    let count = pixels.len() / N;
    for pixel in 0..count {
        let alpha = u32::from(pixels[pixel * N + N - 1]);
        for value in 0..N - 1 {
            let colour = u32::from(pixels[pixel * N + value]);
            pixels[pixel * (N - 1) + value] =
                ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    pixels.truncate(count * (N - 1));
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Luma, RgbaImage};
    use std::io::Cursor;

    fn png_and_back(image: &DynamicImage) -> DynamicImage {
        let mut bytes = Cursor::new(vec![]);
        image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        crate::decode::decode(Cursor::new(bytes.into_inner())).unwrap()
    }

    #[test]
    fn sixteen_bits_round_to_eight() {
        let image =
            image::ImageBuffer::from_fn(3, 1, |x, _| Luma([[0u16, 32_896, 65_535][x as usize]]));
        let decoded = png_and_back(&DynamicImage::ImageLuma16(image));
        assert_eq!(interleaved(decoded, 1), [0, 128, 255]);
    }

    #[test]
    fn alpha_that_is_zero_everywhere_is_ignored() {
        let grey = [10, 200];
        let eight = RgbaImage::from_fn(2, 1, |x, _| {
            let level = grey[x as usize];
            image::Rgba([level, level, level, 0])
        });
        let sixteen = image::ImageBuffer::from_fn(2, 1, |x, _| {
            image::LumaA([257 * u16::from(grey[x as usize]), 0])
        });
        for image in [eight.into(), DynamicImage::ImageLumaA16(sixteen)] {
            let image = png_and_back(&image);
            assert_eq!(interleaved(image, 1), grey);
        }
    }

    #[test]
    fn a_range_is_spread_before_levels_are_rounded() {
        let depths = [100u16, 500, 502, 1000, 1500, 9000];
        let image = image::ImageBuffer::from_fn(6, 1, |x, _| Luma([depths[x as usize]]));
        let image = png_and_back(&DynamicImage::ImageLuma16(image));
        assert_eq!(extremes(&image), [100, 9000, u16::MAX]);
        let spread = interleaved(ranged(image, [500, 1500]), 1);
        assert_eq!(spread, [0, 0, 1, 128, 255, 255]);
        let image = RgbaImage::from_pixel(1, 1, image::Rgba([3, 4, 9, 255]));
        assert_eq!(extremes(&image.clone().into()), [3, 9, 255]);
        assert_eq!(interleaved(ranged(image.into(), [3, 5]), 3), [0, 128, 255]);
    }

    #[test]
    fn transparent_pixels_are_white() {
        let image = RgbaImage::from_fn(2, 1, |x, _| {
            image::Rgba([0, 0, 0, if x == 0 { 0 } else { 255 }])
        });
        assert_eq!(interleaved(png_and_back(&image.into()), 1), [255, 0]);
    }

    #[test]
    fn both_kinds_of_alpha_agree() {
        let pixel = |x: u32, y: u32| [(40 * x) as u8, (50 * y) as u8];
        let grey = image::GrayAlphaImage::from_fn(7, 6, |x, y| image::LumaA(pixel(x, y)));
        let colour = RgbaImage::from_fn(7, 6, |x, y| {
            let [grey, alpha] = pixel(x, y);
            image::Rgba([grey, grey, grey, alpha])
        });
        for channels in [1, 3] {
            let grey = interleaved(grey.clone().into(), channels);
            assert_eq!(grey, interleaved(colour.clone().into(), channels));
            assert_eq!(grey.len(), 42 * channels);
        }
    }
}
