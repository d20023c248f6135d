//! A network that finds points by heat maps: stacked hourglasses (Newell, Yang and Deng, ECCV 2016,
//! [arXiv 1603.06937](https://arxiv.org/abs/1603.06937)), as the paper has for hands (section 3.2: two of them, heat maps of
//! 64x64).

mod config;
mod heat_maps;
mod network;

pub use config::HourglassConfig;
pub use heat_maps::HeatMaps;
pub use network::{Hourglass, HourglassShape};
