//! A capsule whose ends have different radii: what fingers and palm are made of.

use glam::Vec3A;

/// The convex hull of two spheres; lengths in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RoundCone {
    pub(super) start: Vec3A,
    pub(super) end: Vec3A,
    /// Radii of the spheres at start and end.
    pub(super) radii: [f32; 2],
}

/// A [`RoundCone`] prepared for many distances.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prepared {
    start: Vec3A,
    axis: Vec3A,
    length: f32,
    /// Radius at the start.
    radius: f32,
    /// Sine of half the angle between the sides, by which the radius shrinks, and its tangent.
    sine: f32,
    tangent: f32,
}

impl RoundCone {
    pub(super) fn new(start: Vec3A, end: Vec3A, radii: [f32; 2]) -> Self {
        Self { start, end, radii }
    }

    pub(super) fn prepared(&self) -> Prepared {
        let along = self.end - self.start;
        let length = along.length().max(1e-3);
        // A sphere within the other one would have no tangents; no finger is so short.
        let sine = ((self.radii[0] - self.radii[1]) / length).clamp(-0.99, 0.99);
        Prepared {
            start: self.start,
            axis: along / length,
            length,
            radius: self.radii[0],
            sine,
            tangent: sine / (1.0 - sine * sine).sqrt(),
        }
    }
}

impl Prepared {
    /// Distance to the surface of every point, negative within; points are given by coordinate, so
    /// that several are computed at once.
    ///
    /// The cone is all balls round points of its axis whose radius changes evenly. The nearest of
    /// them lies where the distance to its middle changes as fast as its radius.
    #[inline]
    pub(super) fn distances<const N: usize>(&self, [x, y, z]: &[[f32; N]; 3]) -> [f32; N] {
        let [from_x, from_y, from_z] = self.start.to_array();
        let [axis_x, axis_y, axis_z] = self.axis.to_array();
        let mut out = [0.0; N];
        for i in 0..N {
            let (px, py, pz) = (x[i] - from_x, y[i] - from_y, z[i] - from_z);
            let along = px * axis_x + py * axis_y + pz * axis_z;
            let aside = (px * px + py * py + pz * pz - along * along)
                .max(0.0)
                .sqrt();
            // The middle of the nearest ball.
            let foot = (along - aside * self.tangent).clamp(0.0, self.length);
            let (beside, radius) = (along - foot, self.radius - self.sine * foot);
            out[i] = (beside * beside + aside * aside).sqrt() - radius;
        }
        out
    }

    /// Distance of one point, as [`distances`](Self::distances).
    #[cfg(test)]
    pub(super) fn distance(&self, point: Vec3A) -> f32 {
        self.distances(&point.to_array().map(|v| [v]))[0]
    }
}
