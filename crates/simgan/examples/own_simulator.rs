//! A simulator of one's own: balls before grey walls, written with labels as a data set:
//!
//! ```sh
//! cargo run --release --example own_simulator -- SYNTHETIC
//! simgan train --synthetic SYNTHETIC --real REAL --out RUN
//! ```

use std::path::Path;

use image::{Rgb, RgbImage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use simgan::simulator::export;
use simgan::simulator::{Description, SimulatedImage, Simulator};
use simgan::{Error, Result};

/// Images that are written.
const COUNT: u64 = 500;

/// Balls of any size and place.
#[derive(Debug, Serialize)]
struct Balls {
    width: u32,
    height: u32,
}

/// What is drawn for an image, in pixels; the first pixel's middle is at 0.5.
struct Ball {
    x: f32,
    y: f32,
    radius: f32,
    wall: u8,
}

impl Balls {
    /// The scene of an image: a pure function of its index, so that images can be made in any order, or again.
    fn scene(&self, index: u64) -> Ball {
        let mut rng = ChaCha8Rng::seed_from_u64(index);
        Ball {
            x: rng.random_range(0.2..0.8) * self.width as f32,
            y: rng.random_range(0.2..0.8) * self.height as f32,
            radius: rng.random_range(0.1..0.2) * self.height as f32,
            wall: rng.random_range(40..120),
        }
    }
}

impl Simulator for Balls {
    fn description(&self) -> Description<'_> {
        Description::new("balls", 0, self)
    }

    fn columns(&self) -> Vec<String> {
        ["ball_x", "ball_y", "ball_radius"]
            .map(str::to_owned)
            .to_vec()
    }

    fn row(&self, index: u64) -> Vec<String> {
        let ball = self.scene(index);
        [ball.x, ball.y, ball.radius]
            .map(|value| format!("{value:.3}"))
            .to_vec()
    }

    fn render(&self, index: u64) -> SimulatedImage {
        let ball = self.scene(index);
        RgbImage::from_fn(self.width, self.height, |column, row| {
            let (x, y) = (column as f32 + 0.5 - ball.x, row as f32 + 0.5 - ball.y);
            let inside = (ball.radius - x.hypot(y) + 0.5).clamp(0.0, 1.0);
            let level = f32::from(ball.wall) * (1.0 - inside) + 230.0 * inside;
            Rgb([level as u8; 3])
        })
        .into()
    }
}

fn main() -> Result<()> {
    let folder = std::env::args().nth(1);
    let folder = folder.ok_or_else(|| Error::config("give the folder to write the images into"))?;
    let balls = Balls {
        width: 55,
        height: 35,
    };
    let images = export::Images {
        simulator: &balls,
        start: 0,
        count: COUNT,
    };
    let layout = export::find("folder")?;
    let summary = export::write(&images, layout, Path::new(&folder), &mut |done, total| {
        eprint!("\r{done}/{total}");
    })?;
    eprintln!("\r{} labelled images in {folder}", summary.images);
    Ok(())
}
