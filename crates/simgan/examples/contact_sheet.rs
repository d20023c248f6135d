//! Data sets side by side, one a column, as they are and with equalised histograms:
//!
//! ```sh
//! cargo run --release --example contact_sheet -- target/doc/eyes.png sim:eyes sim:camera path/to/eyes
//! ```

use std::path::Path;

use simgan::training::image_grid::grid;
use simgan_base::{Error, Result};
use simgan_data::preprocessing::{Crop, CropKind};
use simgan_data::{Dataset, OpenOptions, Preprocessing};

/// Images of every data set.
const ROWS: usize = 10;
/// Size of an image on the sheet in pixels.
const SIZE: [usize; 2] = [165, 105];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments
        .next()
        .ok_or_else(|| Error::config("give the PNG file to write and the data sets to show"))?;
    let mut columns = Vec::new();
    for source in arguments {
        for equalize in [false, true] {
            columns.push(column(&source, equalize)?);
        }
    }
    let columns: Vec<&[f32]> = columns.iter().map(Vec::as_slice).collect();
    let sheet = grid(&columns, [1, SIZE[1], SIZE[0]]);
    fs_err::write(Path::new(&out), sheet.to_png()?)?;
    Ok(())
}

/// Images spread evenly over a data set, `[ROWS, 1, height, width]` in [-1, 1].
fn column(source: &str, equalize: bool) -> Result<Vec<f32>> {
    let small = Preprocessing {
        equalize,
        crop: Crop {
            kind: CropKind::Aspect,
            ..Crop::default()
        },
        allow_mixed_sizes: true,
        ..Preprocessing::default()
    };
    let images = Dataset::open(source, &small, &OpenOptions::default())?;
    let chosen: Vec<usize> = (0..ROWS).map(|row| row * images.len() / ROWS).collect();
    let batch = images.batch(&chosen);
    Ok(batch
        .chunks_exact(small.width * small.height)
        .flat_map(|image| enlarged(image, [small.width, small.height]))
        .collect())
}

/// Every pixel three times in both directions, so that nothing is smoothed away.
fn enlarged(image: &[f32], [width, height]: [usize; 2]) -> Vec<f32> {
    let at = |x: usize, y: usize| image[y * height / SIZE[1] * width + x * width / SIZE[0]];
    (0..SIZE[0] * SIZE[1])
        .map(|i| at(i % SIZE[0], i / SIZE[0]))
        .collect()
}
