//! Drawn traffic signs: twelve German ones, of circles, polygons and strokes, in plain colours and
//! plain light.
//!
//! Nothing is blurred and nothing is noisy: making them real is the refiner's work. No font,
//! photograph or texture is used.

mod classes;
mod config;
mod face;
mod glyphs;
mod labels;
mod outline;
mod parameters;
mod placement;
mod scene;
mod simulator;
#[cfg(test)]
mod tests;

pub use classes::{CLASSES, Class};
pub use config::SignConfig;
pub use labels::SignLabels;
pub use parameters::SignParameters;
pub use simulator::{KIND, SignSimulator};
