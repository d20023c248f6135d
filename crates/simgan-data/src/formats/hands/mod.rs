//! Depth images of hands by others: NYU's, ICVL's and MSRA's.
//!
//! An image shows the cube round a hand, as `sim:hands` does: 300 mm round the mean of its joints, 224 pixels wide and high,
//! whole millimetres in 16 bits, 0 beyond the cube.

mod frames;
pub(crate) mod icvl;
mod joints;
pub(crate) mod msra;
pub(crate) mod nyu;

use crate::depth_cube::{DepthCube, Depths};
use crate::points::KnownPoints;
use crate::reader::{Item, Row};
use joints::Hand;
use simgan_base::Result;

/// Width and height of an image: the paper's.
const SIDE: u32 = 224;
/// Edge of the cube, mm.
const EDGE: f64 = 300.0;

/// The cube round a hand before a camera of these focal lengths, cut out of the frame that `cut` reads.
fn item(
    name: String,
    hand: Result<Hand>,
    focal: [f64; 2],
    cut: impl FnOnce(&DepthCube) -> Result<Depths>,
) -> Item {
    let hand = match hand {
        Ok(hand) => hand,
        Err(error) => {
            return Item {
                name,
                image: Err(error),
                row: Row::None,
            };
        }
    };
    let cube = DepthCube {
        centre: joints::mean(&hand),
        focal,
        edge: EDGE,
        side: SIDE,
    };
    Item {
        image: cut(&cube).map(Into::into),
        row: Row::New(format!("{name},{}", joints::cells(&hand, &cube))),
        name,
    }
}

/// The joints as points: pixels of the image.
fn points(names: impl Iterator<Item = &'static str>) -> KnownPoints {
    KnownPoints {
        in_fractions: false,
        in_pixels: names.map(str::to_owned).collect(),
    }
}
