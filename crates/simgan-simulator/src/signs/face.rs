//! What is painted where on a sign.

use crate::picture::Colour;
use crate::signs::classes::Design;
use crate::signs::glyphs::Lettering;
use crate::signs::outline::Outline;

/// What a sign is painted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    White,
    Red,
    Yellow,
    Black,
}

/// Paints in linear light, in the order of [`Paint`]: near the traffic colours RAL 9016, 3020, 1023
/// and 9017.
pub(super) const PAINTS: [Colour; 4] = [
    [0.85, 0.85, 0.82],
    [0.55, 0.02, 0.02],
    [0.90, 0.47, 0.01],
    [0.015, 0.015, 0.016],
];

/// White round red faces.
const RIM: f32 = 0.045;
/// Inner edge of the red ring of a speed limit.
const RING: f32 = 0.31;
/// Inner edge of the red border of a yield sign.
const BORDER: f32 = 0.2;
/// White round a stop sign.
const STOP_RIM: f32 = 0.07;
/// Half the width and half the height of the bar of no entry.
const BAR: [f32; 2] = [0.82, 0.165];
/// Black at the edge of a priority road, its white border, and the black line round the yellow.
const PRIORITY: [f32; 3] = [0.025, 0.285, 0.31];

/// A sign's face, in half widths of the sign from the middle of its box; x to the right, y down.
/// Proportions are near those of German signs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Face {
    design: Design,
    outline: Outline,
    lettering: Lettering,
}

impl Face {
    pub(super) fn new(design: Design) -> Self {
        Self {
            design,
            outline: outline(design),
            lettering: lettering(design),
        }
    }

    /// Where the sign ends.
    pub(super) fn outline(&self) -> &Outline {
        &self.outline
    }

    /// The paint at a point; `None` beside the sign.
    pub(super) fn paint(&self, point: [f32; 2]) -> Option<Paint> {
        let depth = self.outline.depth(point);
        (depth >= 0.0).then(|| match self.design {
            Design::SpeedLimit(_) => self.speed_limit(point, depth),
            Design::PriorityRoad => priority_road(depth),
            Design::Yield => ring(depth, BORDER),
            Design::Stop => self.stop(point, depth),
            Design::NoEntry => no_entry(point, depth),
        })
    }

    fn speed_limit(&self, point: [f32; 2], depth: f32) -> Paint {
        match depth > RING && self.lettering.covers(point) {
            true => Paint::Black,
            false => ring(depth, RING),
        }
    }

    fn stop(&self, point: [f32; 2], depth: f32) -> Paint {
        match depth < STOP_RIM || self.lettering.covers(point) {
            true => Paint::White,
            false => Paint::Red,
        }
    }
}

/// White, then red, then white from `inner` on.
fn ring(depth: f32, inner: f32) -> Paint {
    match (RIM..inner).contains(&depth) {
        true => Paint::Red,
        false => Paint::White,
    }
}

fn priority_road(depth: f32) -> Paint {
    match PRIORITY.iter().filter(|&&edge| depth >= edge).count() {
        0 | 2 => Paint::Black,
        1 => Paint::White,
        _ => Paint::Yellow,
    }
}

fn no_entry([x, y]: [f32; 2], depth: f32) -> Paint {
    match depth < RIM || (x.abs() < BAR[0] && y.abs() < BAR[1]) {
        true => Paint::White,
        false => Paint::Red,
    }
}

fn outline(design: Design) -> Outline {
    match design {
        Design::SpeedLimit(_) | Design::NoEntry => Outline::DISC,
        Design::PriorityRoad => Outline::square_on_tip(0.06),
        Design::Yield => Outline::triangle_on_tip(0.08),
        Design::Stop => Outline::OCTAGON,
    }
}

fn lettering(design: Design) -> Lettering {
    match design {
        Design::SpeedLimit(limit) if limit.len() > 2 => Lettering::new(limit, 0.8, 0.8),
        Design::SpeedLimit(limit) => Lettering::new(limit, 0.82, 1.0),
        Design::Stop => Lettering::new("STOP", 0.8, 0.74),
        _ => Lettering::new("", 1.0, 1.0),
    }
}
