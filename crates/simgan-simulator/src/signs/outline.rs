//! Outlines of signs: regular polygons with round corners, of which a disc is one.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use crate::noise::length;

/// Points of an outline that stand for all of it.
const POINTS: usize = 128;

/// A regular polygon with round corners, in a box whose middle is (0, 0) and whose half width is 1;
/// x to the right, y down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline {
    sides: f32,
    /// From the polygon's middle to its sides.
    apothem: f32,
    /// Radius of the corners.
    corner: f32,
    /// Direction from the polygon's middle to a side, radians clockwise from the x axis.
    side: f32,
    /// How far the polygon's middle lies below that of the box.
    middle: f32,
}

impl Outline {
    /// A disc: nothing but corner.
    pub(super) const DISC: Self = Self {
        sides: 4.0,
        apothem: 1.0,
        corner: 1.0,
        side: 0.0,
        middle: 0.0,
    };

    /// An octagon with sides to the left and right.
    pub(super) const OCTAGON: Self = Self {
        sides: 8.0,
        corner: 0.02,
        ..Self::DISC
    };

    /// A square on its tip.
    pub(super) fn square_on_tip(corner: f32) -> Self {
        Self {
            sides: 4.0,
            apothem: corner + (1.0 - corner) / f32::sqrt(2.0),
            corner,
            side: PI / 4.0,
            middle: 0.0,
        }
    }

    /// An equilateral triangle on its tip.
    pub(super) fn triangle_on_tip(corner: f32) -> Self {
        // The middles of the upper corners are 2 (1 - corner) apart.
        let inner = (1.0 - corner) / f32::sqrt(3.0);
        Self {
            sides: 3.0,
            apothem: inner + corner,
            corner,
            side: -FRAC_PI_2,
            // The tip is twice as far from the middle of the triangle as its sides, but for the
            // round corner.
            middle: -inner / 2.0,
        }
    }

    /// How far inside the outline a point lies; below 0 outside.
    pub(super) fn depth(&self, [x, y]: [f32; 2]) -> f32 {
        let y = y - self.middle;
        let sector = TAU / self.sides;
        let angle = y.atan2(x) - self.side;
        // Every sector looks like that about the first side.
        let (sin, cos) = (angle - sector * (angle / sector).round()).sin_cos();
        let radius = length(x, y);
        let [beyond, aside] = [radius * cos - self.inner(), (radius * sin).abs()];
        let past_corner = (aside - self.inner() * (sector / 2.0).tan()).max(0.0);
        let outside = match beyond > 0.0 {
            true => length(beyond, past_corner),
            false => beyond,
        };
        self.corner - outside
    }

    /// Points of the outline, one for each of many evenly spread directions: the furthest.
    pub(super) fn points(&self) -> impl Iterator<Item = [f32; 2]> {
        let sector = TAU / self.sides;
        let reach = self.inner() / (sector / 2.0).cos();
        (0..POINTS).map(move |i| {
            let direction = TAU * i as f32 / POINTS as f32;
            let sectors = (direction - self.side) / sector;
            let corner = self.side + (sectors.floor() + 0.5) * sector;
            let ([sin, cos], [y, x]) = (
                [direction.sin(), direction.cos()],
                [corner.sin(), corner.cos()],
            );
            [
                reach * x + self.corner * cos,
                reach * y + self.corner * sin + self.middle,
            ]
        })
    }

    /// Apothem of the polygon of the corners' middles.
    fn inner(&self) -> f32 {
        self.apothem - self.corner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [Outline; 4] {
        [
            Outline::DISC,
            Outline::OCTAGON,
            Outline::square_on_tip(0.05),
            Outline::triangle_on_tip(0.08),
        ]
    }

    #[test]
    fn the_box_is_as_wide_as_said_and_about_the_middle() {
        for outline in all() {
            for axis in [0, 1] {
                let ends = outline.points().map(|point| point[axis]);
                let [low, high] =
                    ends.fold([9.0f32, -9.0], |[low, high], v| [low.min(v), high.max(v)]);
                assert!(
                    (low + high).abs() < 2e-3,
                    "{outline:?} {axis}: {low} to {high}"
                );
                assert!(
                    axis == 1 || (high - low - 2.0).abs() < 4e-3,
                    "{outline:?}: {low} to {high}"
                );
            }
        }
    }

    #[test]
    fn points_lie_on_the_outline_and_depth_is_a_distance() {
        for outline in all() {
            for point in outline.points() {
                assert!(outline.depth(point).abs() < 1e-4, "{outline:?} {point:?}");
                // Towards the middle by a little.
                let inner = point.map(|v| 0.98 * v);
                let way = 0.02 * length(point[0], point[1]);
                let depth = outline.depth(inner);
                assert!(
                    depth > 0.0 && depth <= way + 1e-5,
                    "{outline:?} {point:?}: {depth}"
                );
                assert!(outline.depth(point.map(|v| 1.02 * v)) < 0.0);
            }
        }
    }

    #[test]
    fn discs_have_the_depth_of_discs() {
        for point in [[0.0, 0.0], [0.3, -0.4], [0.0, 1.5], [-0.8, -0.6]] {
            let expected = 1.0 - length(point[0], point[1]);
            assert!((Outline::DISC.depth(point) - expected).abs() < 1e-6);
        }
    }
}
