//! Lashes and brow: curved strands, drawn over the image.

use glam::{Mat3A, Vec3A};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::eye::face::Face;
use crate::eye::labels::Point;
use crate::eye::lids::Lids;
use crate::eye::parameters::EyeParameters;
use crate::eye::view::View;
use crate::noise::length;
use crate::range::uniform;

/// Straight pieces of a strand, at least and at most.
const PIECES: [f32; 2] = [2.0, 8.0];
/// Thickness at the root in millimetres.
const LASH: f32 = 0.13;
const BROW_HAIR: f32 = 0.11;
/// Where the brow begins and ends, in millimetres towards the temple.
const BROW: [f32; 2] = [-15.0, 22.0];

/// How much of every pixel hair covers, 0..1, row by row.
#[derive(Debug)]
pub(super) struct Coverage {
    width: usize,
    height: usize,
    /// Share that shines through.
    open: Vec<f32>,
}

/// A quadratic curve from a root in the head's frame.
struct Strand {
    root: Vec3A,
    start: Vec3A,
    bend: Vec3A,
    thickness: f32,
}

impl Strand {
    fn at(&self, t: f32) -> Vec3A {
        self.root + self.start * t + self.bend * (t * t)
    }
}

/// The hair of an eye whose head has `axes`.
pub(super) fn coverage(
    parameters: &EyeParameters,
    lids: &Lids,
    face: &Face<'_>,
    axes: Mat3A,
    view: &View,
    [width, height]: [usize; 2],
) -> Coverage {
    let mut coverage = Coverage {
        width,
        height,
        open: vec![1.0; width * height],
    };
    let rng = &mut ChaCha8Rng::seed_from_u64(parameters.hair_seed);
    let mut draw = |strand: Strand| coverage.draw(&strand, axes, view);
    upper_lashes(parameters, lids, face, rng, &mut draw);
    lower_lashes(parameters, lids, face, rng, &mut draw);
    if brow_in_view(parameters, face, axes, view) {
        brow(parameters, face, rng, &mut draw);
    }
    coverage
}

fn upper_lashes(
    parameters: &EyeParameters,
    lids: &Lids,
    face: &Face<'_>,
    rng: &mut ChaCha8Rng,
    draw: &mut impl FnMut(Strand),
) {
    let lashes = &parameters.anatomy.lashes;
    let count = (lashes.count * parameters.lashes.min(1.5)) as usize;
    // The lid turns with the eye, and its lashes with it.
    let lift = lashes.lift + 0.5 * (parameters.gaze[0] - parameters.head[0]);
    for _ in 0..count {
        let s = uniform(rng, [0.07, 0.99]);
        let x = lids.inner[0] + s * (lids.outer[0] - lids.inner[0]);
        let y = lids.edges(x).upper - 0.1;
        let root = Vec3A::new(x, y, -face.height(x, y - 0.5));
        // Longest towards the temple.
        let length = lashes.length * (0.55 + 0.55 * s) * uniform(rng, [0.7, 1.1]);
        let spread = 1.1 * (s - 0.45) + uniform(rng, [-0.18, 0.18]);
        let lift = lift + uniform(rng, [-0.15, 0.15]);
        let start = Vec3A::new(spread, -lift.sin(), -lift.cos()) * length;
        // Hanging lashes are straight.
        let curl = lashes.curl * (1.0 + lift).clamp(0.25, 1.2);
        let bend = Vec3A::new(0.25 * spread, -curl, 0.15) * length * 0.55;
        draw(Strand {
            root,
            start,
            bend,
            thickness: LASH * parameters.lashes.max(0.5),
        });
    }
}

fn lower_lashes(
    parameters: &EyeParameters,
    lids: &Lids,
    face: &Face<'_>,
    rng: &mut ChaCha8Rng,
    draw: &mut impl FnMut(Strand),
) {
    let lashes = &parameters.anatomy.lashes;
    let count = (0.5 * lashes.count * parameters.lashes.min(1.5)) as usize;
    for _ in 0..count {
        let s = uniform(rng, [0.2, 0.98]);
        let x = lids.inner[0] + s * (lids.outer[0] - lids.inner[0]);
        let y = lids.edges(x).lower + 0.7;
        let root = Vec3A::new(x, y, -face.height(x, y));
        let length = 0.45 * lashes.length * uniform(rng, [0.6, 1.1]);
        let spread = 1.2 * (s - 0.5) + uniform(rng, [-0.25, 0.25]);
        draw(Strand {
            root,
            start: Vec3A::new(spread, 0.55, -0.7) * length,
            bend: Vec3A::new(0.2 * spread, 0.2, 0.25) * length,
            thickness: 0.6 * LASH * parameters.lashes.max(0.5),
        });
    }
}

/// Whether any of the brow's hair can reach into the image.
fn brow_in_view(parameters: &EyeParameters, face: &Face<'_>, axes: Mat3A, view: &View) -> bool {
    let low = -parameters.anatomy.face.brow_height + 7.0;
    [BROW[0], 0.0, BROW[1]].iter().any(|&x| {
        let point = Vec3A::new(x, low, -face.height(x, low));
        view.project(axes * point)[1] > 0.0
    })
}

fn brow(
    parameters: &EyeParameters,
    face: &Face<'_>,
    rng: &mut ChaCha8Rng,
    draw: &mut impl FnMut(Strand),
) {
    let shape = &parameters.anatomy.face;
    let count = (420.0 * parameters.anatomy.lashes.brow) as usize;
    for _ in 0..count {
        let s = uniform(rng, [0.0, 1.0]);
        let x = BROW[0] + (BROW[1] - BROW[0]) * s;
        let arch = 3.5 * (1.0 - (2.0 * s - 1.1).powi(2));
        let thickness = 3.2 * (1.0 - 0.65 * s);
        let y = -shape.brow_height - arch + thickness * uniform(rng, [-1.0, 1.0]);
        let root = Vec3A::new(x, y, -face.height(x, y));
        let length = uniform(rng, [4.0, 7.5]);
        let rise = 0.75 - 1.0 * s + uniform(rng, [-0.2, 0.2]);
        draw(Strand {
            root,
            start: Vec3A::new(0.8, -rise, -0.25) * length,
            bend: Vec3A::new(0.2, 0.35 * rise, 0.2) * length,
            thickness: BROW_HAIR,
        });
    }
}

impl Coverage {
    /// Share of pixel `index` that hair leaves open.
    pub(super) fn open(&self, index: usize) -> f32 {
        self.open[index]
    }

    fn draw(&mut self, strand: &Strand, axes: Mat3A, view: &View) {
        let root = view.project(axes * strand.root);
        // A strand reaches some ten millimetres: far ones are not worth a look.
        let reach = 14.0 * view.scale();
        let outside = |v: f32, size: usize| v < -reach || v > size as f32 + reach;
        if outside(root[0], self.width) || outside(root[1], self.height) {
            return;
        }
        let mut from = root;
        let pieces = view.scale().clamp(PIECES[0], PIECES[1]) as usize;
        for piece in 1..=pieces {
            let t = piece as f32 / pieces as f32;
            let to = view.project(axes * strand.at(t));
            let taper = 1.0 - 0.8 * (t - 0.5 / pieces as f32);
            self.segment(from, to, strand.thickness * taper * view.scale());
            from = to;
        }
    }

    /// Covers what lies within half of `thickness` (pixels) of a segment, its edge one pixel soft.
    fn segment(&mut self, from: Point, to: Point, thickness: f32) {
        let margin = 0.5 * thickness + 0.5;
        let range = |a: f32, b: f32, size: usize| {
            let low = (a.min(b) - margin).floor().max(0.0) as usize;
            let high = (a.max(b) + margin).ceil().clamp(0.0, size as f32) as usize;
            low..high
        };
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length = length(dx, dy).max(1e-3);
        let (ux, uy) = (dx / length, dy / length);
        let columns = range(from[0], to[0], self.width);
        for row in range(from[1], to[1], self.height) {
            for column in columns.clone() {
                let (px, py) = (column as f32 + 0.5 - from[0], row as f32 + 0.5 - from[1]);
                let across = (margin - (px * uy - py * ux).abs()).clamp(0.0, thickness.min(1.0));
                // Ends are soft about the joint, so that two pieces cover it once.
                let along = px * ux + py * uy;
                let end = (0.5 + along.min(length - along)).clamp(0.0, 1.0);
                self.open[row * self.width + column] *= 1.0 - across * end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(coverage: &Coverage) -> f32 {
        coverage.open.iter().map(|open| 1.0 - open).sum()
    }

    #[test]
    fn a_segment_covers_its_area() {
        for (thickness, slope) in [(0.2, 0.0), (1.0, 3.0), (3.0, -5.0)] {
            let mut coverage = Coverage {
                width: 60,
                height: 40,
                open: vec![1.0; 2400],
            };
            coverage.segment([10.3, 20.2], [40.3, 20.2 + slope], thickness);
            let area = 30f32.hypot(slope) * thickness;
            let found = covered(&coverage);
            assert!(
                (found / area - 1.0).abs() < 0.1,
                "{thickness}: {found}, not {area}"
            );
        }
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let mut coverage = Coverage {
            width: 8,
            height: 8,
            open: vec![1.0; 64],
        };
        coverage.segment([-30.0, -9.0], [-20.0, 90.0], 1.0);
        assert_eq!(covered(&coverage), 0.0);
    }
}
