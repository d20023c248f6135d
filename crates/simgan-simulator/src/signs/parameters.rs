//! Everything about one image that chance decides.

use std::f32::consts::TAU;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::picture::Colour;
use crate::range::uniform;
use crate::signs::classes::{CLASSES, Class};
use crate::signs::config::SignConfig;
use crate::signs::face::PAINTS;

/// All that an image is drawn from. Angles in radians, light linear.
#[derive(Clone, Debug, PartialEq)]
pub struct SignParameters {
    /// Which sign.
    pub class: &'static Class,
    /// Width of the frontal sign over the image's shorter side.
    pub(super) size: f32,
    /// Of the sign's middle, in shorter sides.
    pub(super) shift: [f32; 2],
    /// Pitch, yaw and roll.
    pub(super) turn: [f32; 3],
    /// Widths of the sign.
    pub(super) distance: f32,
    pub(super) background: Colour,
    /// How the background's brightness changes from the image's middle to its edges, as a share.
    pub(super) background_gradient: [f32; 2],
    /// Light in the sign's middle.
    pub(super) light: f32,
    /// How it changes from there to the sign's edges, as a share.
    pub(super) light_gradient: [f32; 2],
    /// Colours of the paints.
    pub(super) paints: [Colour; 4],
}

impl SignParameters {
    /// Parameters of image `index`: a pure function of the arguments.
    pub fn draw(config: &SignConfig, seed: u64, index: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(index);
        let class = &CLASSES[rng.random_range(0..CLASSES.len())];
        let mut from = |range| uniform(&mut rng, range);
        Self {
            class,
            size: from(config.size),
            shift: [from(config.shift), from(config.shift)],
            turn: [config.pitch, config.yaw, config.roll].map(|angle| from(angle).to_radians()),
            distance: from(config.distance),
            background: hued(
                from(config.background),
                from(config.background_colour),
                from([0.0, TAU]),
            ),
            background_gradient: along(from(config.background_gradient), from([0.0, TAU])),
            light: from(config.light),
            light_gradient: along(from(config.light_gradient), from([0.0, TAU])),
            paints: PAINTS.map(|paint| paint.map(|channel| channel * (1.0 + from(config.tint)))),
        }
    }
}

/// A colour of some brightness, `strength` (0 is grey) and hue; channels differ by thirds of a
/// turn.
fn hued(brightness: f32, strength: f32, hue: f32) -> Colour {
    let third = TAU / 3.0;
    [hue, hue - third, hue + third].map(|angle| brightness * (1.0 + strength * angle.cos()))
}

/// A vector of some length and direction.
fn along(length: f32, direction: f32) -> [f32; 2] {
    [length * direction.cos(), length * direction.sin()]
}
