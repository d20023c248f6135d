//! The images of a grid, cut out: synthetic, refined, real.

use image::RgbImage;
use image::imageops::crop_imm;

use super::picture;
use super::run_data::{Grid, RunData};

/// White pixels between the images of a grid.
const GAP: u32 = 2;
/// Images of a row.
const COLUMNS: u32 = 3;

/// A row of a grid.
pub struct Triple {
    /// The synthetic image.
    pub synthetic: RgbImage,
    /// The same, refined.
    pub refined: RgbImage,
    /// Some real image.
    pub real: RgbImage,
}

/// The rows of the last grid; none without one, or where the images do not have the size that the configuration says.
pub fn last(run: &RunData) -> Vec<Triple> {
    let rows = run.grids.last().zip(image_height(run));
    rows.and_then(|(grid, height)| rows_of(grid, height))
        .unwrap_or_default()
}

/// Height of the run's images.
fn image_height(run: &RunData) -> Option<u32> {
    let height = run.config.get("preprocessing")?.get("height")?;
    u32::try_from(height.as_integer()?).ok().filter(|&h| h > 0)
}

fn rows_of(grid: &Grid, height: u32) -> Option<Vec<Triple>> {
    let image = picture::decode(&grid.png)?;
    let width = (image.width() + GAP)
        .checked_div(COLUMNS)?
        .checked_sub(GAP)?;
    let fits = COLUMNS * (width + GAP) == image.width() + GAP
        && (image.height() + GAP).is_multiple_of(height + GAP)
        && width > 0;
    let rows = (image.height() + GAP) / (height + GAP);
    let cut = |column: u32, row: u32| {
        let (x, y) = (column * (width + GAP), row * (height + GAP));
        crop_imm(&image, x, y, width, height).to_image()
    };
    fits.then(|| {
        let row = |row| Triple {
            synthetic: cut(0, row),
            refined: cut(1, row),
            real: cut(2, row),
        };
        (0..rows).map(row).collect()
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::io::Cursor;

    /// A grid of `rows` examples of 3x2 pixels with grey levels 10, 20 and 30 plus the row.
    pub(crate) fn grid(rows: u32) -> Grid {
        let image = RgbImage::from_fn(3 * 5 - GAP, rows * 4 - GAP, |x, y| {
            let level = (10 * (x / 5 + 1) + y / 4) as u8;
            let inside = x % 5 < 3 && y % 4 < 2;
            image::Rgb([if inside { level } else { 255 }; 3])
        });
        let mut png = Cursor::new(Vec::new());
        image.write_to(&mut png, image::ImageFormat::Png).unwrap();
        Grid {
            step: 7,
            width: image.width(),
            png: png.into_inner(),
        }
    }

    #[test]
    fn images_are_cut_out_without_the_gaps() {
        let rows = rows_of(&grid(2), 2).unwrap();
        assert_eq!(rows.len(), 2);
        for (row, triple) in rows.iter().enumerate() {
            let images = [&triple.synthetic, &triple.refined, &triple.real];
            for (column, image) in images.into_iter().enumerate() {
                let level = (10 * (column + 1) + row) as u8;
                assert_eq!(image.dimensions(), (3, 2));
                assert!(image.pixels().all(|pixel| pixel.0 == [level; 3]));
            }
        }
        assert!(rows_of(&grid(2), 3).is_none());
    }
}
