//! Resizing with an antialiased filter.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use crate::{Error, Result};

/// Grey or RGB values, pixel by pixel.
pub struct Pixels {
    /// Width and height.
    pub size: [usize; 2],
    /// Values a pixel, 1 or 3.
    pub channels: usize,
    /// Row by row, `[height, width, channels]`.
    pub values: Vec<u8>,
}

impl Pixels {
    /// The pixels within others of `size`, `border` to the right and below their first; the outermost are repeated.
    pub fn padded(self, border: [usize; 2], size: [usize; 2]) -> Self {
        if size == self.size {
            return self;
        }
        let [width, height] = self.size;
        let channels = self.channels;
        let mut values = Vec::with_capacity(size[0] * size[1] * channels);
        for y in 0..size[1] {
            let row = y.saturating_sub(border[1]).min(height - 1) * width;
            for x in 0..size[0] {
                let pixel = (row + x.saturating_sub(border[0]).min(width - 1)) * channels;
                values.extend_from_slice(&self.values[pixel..pixel + channels]);
            }
        }
        Self {
            size,
            channels,
            values,
        }
    }
}

/// The values of the same picture at a new size.
///
/// The filter is Catmull-Rom (bicubic, a = -0.5), widened when shrinking so that nothing aliases,
/// as in Pillow's `BICUBIC`. A picture of the right size passes unchanged.
pub fn resize(pixels: Pixels, width: usize, height: usize) -> Result<Vec<u8>> {
    let Pixels {
        size,
        channels,
        values,
    } = pixels;
    if size == [width, height] {
        return Ok(values);
    }
    let new = [width, height];
    let resized = match channels {
        3 => resize_as::<U8x3>(&values, size, new),
        _ => resize_as::<U8>(&values, size, new),
    };
    resized.map_err(|e| Error::data(format!("it cannot be resized: {e}")))
}

/// The values, as pixels of one type: an image of any type would have every type's code compiled, which takes minutes.
fn resize_as<P: PixelTrait>(
    values: &[u8],
    [width, height]: [usize; 2],
    [new_width, new_height]: [usize; 2],
) -> std::result::Result<Vec<u8>, Box<dyn std::error::Error>> {
    let old = TypedImageRef::<P>::from_buffer(width as u32, height as u32, values)?;
    let mut pixels = vec![0; new_width * new_height * P::size()];
    let mut new = TypedImage::<P>::from_buffer(new_width as u32, new_height as u32, &mut pixels)?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize_typed(&old, &mut new, &options)?;
    Ok(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: usize, height: usize, value: impl Fn(usize, usize) -> u8) -> Pixels {
        let value = &value;
        Pixels {
            size: [width, height],
            channels: 1,
            values: (0..height)
                .flat_map(|y| (0..width).map(move |x| value(x, y)))
                .collect(),
        }
    }

    #[test]
    fn a_fine_checkerboard_shrinks_to_grey() {
        let board = grey(64, 64, |x, y| if (x + y) % 2 == 0 { 255 } else { 0 });
        let small = resize(board, 8, 8).unwrap();
        assert!(small.iter().all(|p| (126..=129).contains(p)), "{small:?}");
    }

    #[test]
    fn a_ramp_keeps_its_ends_and_order() {
        let ramp = grey(16, 2, |x, _| 16 * x as u8);
        let wide = resize(ramp, 31, 2).unwrap();
        assert!(wide[..31].is_sorted());
        assert!(wide[0] < 8 && wide[30] > 232, "{wide:?}");
    }
}
