//! Data sets: decoded once, preprocessed alike on both sides, cached as `u8`; or rendered on demand.
//!
//! ```
//! use simgan_data::{Dataset, OpenOptions, Preprocessing};
//!
//! // The first four of the eyes that this seed makes; a folder is opened in the same way.
//! let options = OpenOptions::default();
//! let eyes = Dataset::open("sim:eyes?seed=1[:4]", &Preprocessing::default(), &options)?;
//! assert_eq!((eyes.len(), eyes.image_shape()), (4, [1, 35, 55]));
//! assert_eq!(eyes.pixels(0).len(), 35 * 55);
//! let pitch = eyes.column("gaze_pitch")?; // radians
//! assert!(pitch.iter().all(|angle| angle.abs() < 1.0));
//! # Ok::<(), simgan_base::Error>(())
//! ```

pub mod angle_unit;
mod builder;
pub mod carried;
pub mod dataset;
pub mod decode;
mod depth_cube;
mod digest;
pub mod doubts;
mod edge_maps;
mod eight_bits;
pub mod equalize;
mod file_state;
mod formats;
pub mod framing;
pub mod framing_search;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod gaps;
mod held_areas;
mod jpeg_scans;
pub mod labels;
mod listing;
mod loader;
pub mod masks;
#[cfg(test)]
mod memory_test;
mod names;
pub mod objects;
mod odd_sizes;
mod orientation;
pub mod part;
pub mod pixel_cache;
pub mod pixel_kind;
pub mod pixel_map;
pub mod places;
mod png_mask;
pub mod points;
pub mod preprocessing;
pub mod probe;
pub mod quarantine;
mod random_parts;
mod read_array;
mod reader;
pub mod refined_manifest;
pub mod sides;
pub mod simulation;
pub mod sizing;
pub mod source;
mod source_levels;
pub mod summary;
pub mod targets;
mod tiff_pages;
mod webp_container;

pub use angle_unit::AngleUnit;
pub use carried::CarriedFile;
pub use dataset::{Dataset, OpenOptions};
pub use equalize::are_equalized;
pub use formats::image_folder;
pub use framing::Framing;
pub use held_areas::{Allowed, HeldArea, HeldAreas, HoldConfig, MaskClasses};
pub use labels::Labels;
pub use masks::Masks;
pub use pixel_map::PixelMap;
pub use places::{BOX_COLUMNS, Places, PointUnit};
pub use preprocessing::Preprocessing;
pub use probe::Probe;
pub use quarantine::{OnBadImage, Quarantine};
pub use reader::ShardCounts;
pub use refined_manifest::{OutputFormat, RefinedManifest};
pub use simulation::source::SimulationSource;
pub use source::Source;
pub use summary::Summary;
