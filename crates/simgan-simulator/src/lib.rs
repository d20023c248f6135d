//! Images made here, with exact labels: for demonstrations, tests, and where no other simulator is at hand.
//!
//! ```
//! use simgan_base::settings::Layers;
//!
//! // `sim:eyes` without any setting: image 3 of seed 1, and its labels.
//! let layers = Layers { file: None, overrides: &[], origin: "--set" };
//! let eyes = (simgan_simulator::kinds::find("eyes")?.load)(&layers, 1)?;
//! let (image, row) = eyes.sample(3);
//! assert_eq!(image.dimensions(), (55, 35));
//! assert_eq!(row.len(), eyes.columns().len());
//! # Ok::<(), simgan_base::Error>(())
//! ```

pub mod camera;
pub mod depth_camera;
pub mod depth_stand_in;
pub mod depths;
pub mod ellipse;
pub mod export;
pub mod eye;
pub mod hand;
pub mod kinds;
pub mod label_table;
mod noise;
pub mod picture;
mod range;
mod raycast;
pub mod signs;
pub mod simulated_image;
pub mod simulator;
pub mod stand_in;

pub use kinds::KINDS;
pub use simulated_image::{DepthImage, PixelForm, SimulatedImage};
pub use simulator::{Description, Kind, Simulator};
