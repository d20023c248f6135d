//! Depth images of a simulator side by side, near as dark and far as bright, nothing as white:
//!
//! ```sh
//! cargo run --release -p simgan-simulator --example depth_sheet -- hands.png hands pinch=1 width=96 height=96
//! ```

use std::ops::Range;

use image::{GrayImage, Luma};
use rayon::prelude::*;
use simgan_base::settings::Layers;
use simgan_base::{Error, Result};
use simgan_simulator::{DepthImage, SimulatedImage, Simulator, kinds};

/// Images of a row, and rows.
const COLUMNS: u32 = 10;
const ROWS: u32 = 6;
/// White lines between images, in pixels.
const GAP: u32 = 2;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(out), Some(kind)) = (arguments.next(), arguments.next()) else {
        return Err(
            Error::config("give the PNG file to write and the simulator")
                .with_hint("keys of the simulator may follow: pinch=1"),
        );
    };
    let overrides: Vec<String> = arguments.collect();
    let layers = Layers {
        file: None,
        overrides: &overrides,
        origin: "arguments",
    };
    let simulator = (kinds::find(&kind)?.load)(&layers, 1)?;
    let images = images(&*simulator, 0..u64::from(COLUMNS * ROWS))?;
    sheet(&images)
        .save(&out)
        .map_err(|e| Error::config(format!("{out} cannot be written: {e}")))
}

fn images(simulator: &dyn Simulator, indices: Range<u64>) -> Result<Vec<DepthImage>> {
    let made = indices
        .into_par_iter()
        .map(|index| match simulator.render(index) {
            SimulatedImage::Depth(image) => Ok(image),
            SimulatedImage::Colour(_) => Err(Error::config("this simulator renders colours")),
        });
    made.collect()
}

fn sheet(images: &[DepthImage]) -> GrayImage {
    let (width, height) = images[0].dimensions();
    let (across, down) = (width + GAP, height + GAP);
    let mut sheet = GrayImage::from_pixel(COLUMNS * across, ROWS * down, Luma([255]));
    for (place, image) in (0..).zip(images) {
        let (left, top) = (place % COLUMNS * across, place / COLUMNS * down);
        let measured = || image.iter().copied().filter(|&depth| depth > 0);
        let (near, far) = (measured().min().unwrap_or(0), measured().max().unwrap_or(1));
        for (x, y, &Luma([depth])) in image.enumerate_pixels() {
            let share = f32::from(depth.saturating_sub(near)) / f32::from((far - near).max(1));
            let level = if depth == 0 {
                255.0
            } else {
                20.0 + 200.0 * share
            };
            sheet.put_pixel(left + x, top + y, Luma([level as u8]));
        }
    }
    sheet
}
