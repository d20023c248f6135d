//! The edges of the lids: two curves between the corners that follow the gaze.

use crate::eye::parameters::EyeParameters;
use crate::noise::{length, mix, smooth_step};

/// Pieces of the tables.
const PIECES: usize = 64;

/// The fissure in the head's frame, seen from the front: x towards the temple (of a left eye, to the image's
/// right), y down, millimetres from the eyeball's middle.
#[derive(Clone, Debug)]
pub(super) struct Lids {
    /// Corner beside the nose and corner beside the temple.
    pub(super) inner: [f32; 2],
    pub(super) outer: [f32; 2],
    /// y of the upper edge, y of the lower edge at even steps of x, and 1 / (length of the curve a step of x).
    table: Vec<Edges>,
    /// y of the crease where the lid is widest.
    crease_height: f32,
    /// Highest point of the upper edge and lowest of the lower (y).
    extent: [f32; 2],
}

/// Both edges at one x.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Edges {
    pub(super) upper: f32,
    pub(super) lower: f32,
    /// Turns a vertical distance into one across the edge.
    upper_slant: f32,
    lower_slant: f32,
}

/// How far the line between the corners lies below the eyeball's middle, in millimetres.
pub(super) const CORNERS: f32 = 0.9;
/// Share of the pupil's way that the lids go with it.
const UPPER_FOLLOWS: f32 = 0.75;
const LOWER_FOLLOWS: f32 = 0.28;
/// Smallest height of the opening in millimetres.
const LEAST_OPENING: f32 = 1.2;

impl Lids {
    /// Lids of an eye whose pupil lies at `pupil_height` (y, millimetres) in the head's frame.
    pub(super) fn new(parameters: &EyeParameters, pupil_height: f32) -> Self {
        let fissure = &parameters.anatomy.fissure;
        let opening = parameters.lid_opening;
        let half = fissure.width / 2.0;
        let inner = [fissure.offset - half, CORNERS + fissure.tilt / 2.0];
        let outer = [fissure.offset + half, CORNERS - fissure.tilt / 2.0];
        // A narrowed eye closes from both sides, the upper lid more.
        let lower = (fissure.below * (0.6 + 0.4 * opening) + LOWER_FOLLOWS * pupil_height)
            .max(CORNERS + 0.5);
        let upper =
            (-fissure.above * opening + 1.5 * (1.0 - opening) + UPPER_FOLLOWS * pupil_height)
                .min(lower - LEAST_OPENING);
        let rest = -fissure.above + 0.3 * UPPER_FOLLOWS * pupil_height;
        let mut lids = Self {
            inner,
            outer,
            table: Vec::with_capacity(PIECES + 1),
            crease_height: rest.min(upper) - parameters.anatomy.face.crease,
            extent: [f32::INFINITY, f32::NEG_INFINITY],
        };
        let heights = [upper - CORNERS, lower - CORNERS];
        let shapes = [Profile::new(fissure.upper), Profile::new(fissure.lower)];
        let edge = |i: usize| {
            let s = i as f32 / PIECES as f32;
            let base = inner[1] + s * (outer[1] - inner[1]);
            [0, 1].map(|lid| base + heights[lid] * shapes[lid].at(s))
        };
        let step = fissure.width / PIECES as f32;
        let slant = |rise: f32| 1.0 / length(1.0, rise / (2.0 * step));
        for i in 0..=PIECES {
            let [before, here, after] = [
                edge(i.saturating_sub(1)),
                edge(i),
                edge((i + 1).min(PIECES)),
            ];
            lids.extent = [lids.extent[0].min(here[0]), lids.extent[1].max(here[1])];
            // At the corners the edge is a point, and no direction is across it.
            let s = i as f32 / PIECES as f32;
            let inside = smooth_step(0.0, 0.08, s.min(1.0 - s));
            lids.table.push(Edges {
                upper: here[0],
                lower: here[1],
                upper_slant: mix(1.0, slant(after[0] - before[0]), inside),
                lower_slant: mix(1.0, slant(after[1] - before[1]), inside),
            });
        }
        lids
    }

    /// Position along the line between the corners, 0 at the inner, 1 at the outer.
    pub(super) fn along(&self, x: f32) -> f32 {
        (x - self.inner[0]) / (self.outer[0] - self.inner[0])
    }

    /// Whether a point can lie in the opening: quick, and never wrongly no.
    #[inline]
    pub(super) fn may_hold(&self, x: f32, y: f32) -> bool {
        x > self.inner[0] && x < self.outer[0] && y > self.extent[0] && y < self.extent[1]
    }

    /// Both edges at `x`; beyond a corner, that corner.
    #[inline]
    pub(super) fn edges(&self, x: f32) -> Edges {
        let place = (self.along(x) * PIECES as f32).clamp(0.0, PIECES as f32 - 0.001);
        let i = place as i32;
        let (i, t) = (i as usize, place - i as f32);
        let (a, b) = (&self.table[i], &self.table[i + 1]);
        Edges {
            upper: mix(a.upper, b.upper, t),
            lower: mix(a.lower, b.lower, t),
            upper_slant: mix(a.upper_slant, b.upper_slant, t),
            lower_slant: mix(a.lower_slant, b.lower_slant, t),
        }
    }

    /// About the distance from the edge of the opening: negative within, positive on the lids.
    #[inline]
    pub(super) fn distance(&self, x: f32, y: f32, edges: &Edges) -> f32 {
        if x <= self.inner[0] {
            length(x - self.inner[0], y - self.inner[1])
        } else if x >= self.outer[0] {
            length(x - self.outer[0], y - self.outer[1])
        } else {
            edges.above(y).max(edges.below(y))
        }
    }

    /// y of the crease above the upper lid at `x`.
    pub(super) fn crease(&self, x: f32) -> f32 {
        let s = self.along(x).clamp(-0.3, 1.4);
        let base = self.inner[1] + s * (self.outer[1] - self.inner[1]);
        let arch = 1.0 - (2.0 * s - 1.0).powi(2) * 0.75;
        base + (self.crease_height - base) * arch
    }
}

impl Edges {
    /// Distance above the upper edge; negative below it.
    #[inline]
    pub(super) fn above(&self, y: f32) -> f32 {
        slanted(self.upper - y, self.upper_slant)
    }

    /// Distance below the lower edge; negative above it.
    #[inline]
    pub(super) fn below(&self, y: f32) -> f32 {
        slanted(y - self.lower, self.lower_slant)
    }
}

/// Distance from a slanted edge by the vertical one. Far out it is the vertical one, so that it
/// continues the distance from the corners.
#[inline]
fn slanted(vertical: f32, slant: f32) -> f32 {
    vertical * mix(slant, 1.0, (vertical / 4.0).clamp(0.0, 1.0))
}

/// An arch over 0..=1 of height 1: s^a (1-s)^b, scaled.
struct Profile {
    exponents: [f32; 2],
    scale: f32,
}

impl Profile {
    fn new([a, b]: [f32; 2]) -> Self {
        let top = a / (a + b);
        Self {
            exponents: [a, b],
            scale: 1.0 / (top.powf(a) * (1.0 - top).powf(b)),
        }
    }

    fn at(&self, s: f32) -> f32 {
        self.scale * s.powf(self.exponents[0]) * (1.0 - s).powf(self.exponents[1])
    }
}
