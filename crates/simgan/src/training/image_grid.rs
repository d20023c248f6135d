//! Image grids: rows of synthetic | refined | real, to look at while training.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use simgan_base::imaging::levels::to_u8;
use simgan_base::{Error, Result};

/// Pixels between tiles.
const GAP: usize = 2;

/// An RGB image, 8 bits a channel, row by row.
pub struct Grid {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `height * width * 3` values.
    pub pixels: Vec<u8>,
}

/// Lays out `columns`, each `[rows, channels, height, width]` with values in [-1, 1], on white.
pub fn grid(columns: &[&[f32]], image_shape: [usize; 3]) -> Grid {
    let [channels, height, width] = image_shape;
    let image_len = channels * height * width;
    let rows = columns
        .iter()
        .map(|c| c.len() / image_len)
        .min()
        .unwrap_or(0);
    let grid_width = columns.len() * (width + GAP) - GAP;
    let grid_height = (rows * (height + GAP)).saturating_sub(GAP);
    let mut pixels = vec![255; grid_height * grid_width * 3];
    for (column, images) in columns.iter().enumerate() {
        for row in 0..rows {
            let image = &images[row * image_len..(row + 1) * image_len];
            for y in 0..height {
                for x in 0..width {
                    let at = (row * (height + GAP) + y) * grid_width + column * (width + GAP) + x;
                    for c in 0..3 {
                        let plane = c.min(channels - 1);
                        let value = image[(plane * height + y) * width + x];
                        pixels[at * 3 + c] = to_u8(value);
                    }
                }
            }
        }
    }
    Grid {
        width: grid_width,
        height: grid_height,
        pixels,
    }
}

impl Grid {
    /// The image as PNG.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        let mut png = Cursor::new(Vec::new());
        PngEncoder::new(&mut png)
            .write_image(
                &self.pixels,
                self.width as u32,
                self.height as u32,
                ExtendedColorType::Rgb8,
            )
            .map_err(|e| Error::training(format!("image grid cannot be encoded: {e}")))?;
        Ok(png.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_lie_side_by_side() {
        let (black, white) = (vec![-1.0; 2 * 6], vec![1.0; 2 * 6]);
        let g = grid(&[&black, &white, &black], [1, 2, 3]);
        assert_eq!((g.width, g.height), (3 * 3 + 2 * GAP, 2 * 2 + GAP));
        let at = |x: usize, y: usize| g.pixels[(y * g.width + x) * 3];
        assert_eq!(at(0, 0), 0);
        assert_eq!(at(3, 0), 255, "the gap is white");
        assert_eq!(at(5, 0), 255);
        assert_eq!(at(10, 5), 0);
    }
}
