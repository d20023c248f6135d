//! A procedural environment: sky and ground, a key light, windows.

use glam::{Mat3A, Vec3A};
use rand::{Rng, RngExt};

use crate::eye::config::EyeConfig;
use crate::noise::smooth_step;
use crate::range::uniform;
use crate::raycast::direction;

/// Light that falls on the face. Directions point to the light, in the camera frame or, behind
/// [`turned`](Lighting::turned), in the head's.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lighting {
    /// Mean radiance of the surroundings.
    ambient: Vec3A,
    /// How the surroundings' light grows along each axis.
    slope: Vec3A,
    pub(super) key: Vec3A,
    key_colour: Vec3A,
    /// Cosine of the key light's angular radius.
    key_edge: f32,
    windows: [Window; 2],
    highlights: f32,
}

/// A rectangle of light far away: a window or a screen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    towards: Vec3A,
    /// Along its sides, length 1.
    across: Vec3A,
    up: Vec3A,
    /// Half of width and height in tangents.
    half: [f32; 2],
    radiance: f32,
    /// Whether a bar divides it.
    barred: bool,
}

impl Lighting {
    pub(super) fn random(rng: &mut impl Rng, config: &EyeConfig) -> Self {
        let warmth = uniform(rng, [-0.15, 0.15]);
        let tint = |w: f32| Vec3A::new(1.0 + w, 1.0, 1.0 - w);
        let key = direction(uniform(rng, [-0.35, 1.1]), uniform(rng, [-1.2, 1.2]));
        Self {
            ambient: tint(warmth) * uniform(rng, [0.4, 0.7]),
            slope: Vec3A::new(
                uniform(rng, [-0.4, 0.4]),
                uniform(rng, [-0.5, 0.1]),
                uniform(rng, [-0.3, 0.1]),
            ),
            key,
            key_colour: tint(uniform(rng, [-0.15, 0.15])) * uniform(rng, config.key_light),
            key_edge: uniform(rng, [0.03, 0.16]).cos(),
            windows: [Window::random(rng), Window::random(rng)],
            highlights: uniform(rng, config.highlights),
        }
    }

    /// The same light in a frame whose axes are the columns of `axes`.
    pub(super) fn turned(&self, axes: Mat3A) -> Self {
        let to_frame = axes.transpose();
        self.mapped(|v| to_frame * v)
    }

    /// The same light seen in a mirror that swaps left and right.
    pub(super) fn mirrored(&self) -> Self {
        self.mapped(|v| Vec3A::new(-v.x, v.y, v.z))
    }

    fn mapped(&self, map: impl Fn(Vec3A) -> Vec3A) -> Self {
        Self {
            slope: map(self.slope),
            key: map(self.key),
            windows: self.windows.map(|w| Window {
                towards: map(w.towards),
                across: map(w.across),
                up: map(w.up),
                ..w
            }),
            ..*self
        }
    }

    /// Light on a matt surface of this normal; `key_share` is the part of the key light that reaches it and
    /// `wrap` softens the edge between light and shadow, as light that wanders below the skin does.
    pub(super) fn irradiance(&self, normal: Vec3A, key_share: f32, wrap: f32) -> Vec3A {
        let soft = |towards: Vec3A| ((normal.dot(towards) + wrap) / (1.0 + wrap)).max(0.0);
        let mut light = self.ambient * (1.0 + self.slope.dot(normal));
        for window in self.windows.iter().filter(|window| window.radiance > 0.0) {
            light += Vec3A::splat(window.power() * soft(window.towards));
        }
        light + self.key_colour * (key_share * soft(self.key))
    }

    /// Light of the key light that a glossy surface throws to `view` (pointing away from the surface).
    pub(super) fn gloss(&self, normal: Vec3A, view: Vec3A) -> Vec3A {
        let half = (self.key + view).normalize_or_zero();
        let lobe = normal.dot(half).max(0.0);
        let (lobe2, lobe4) = (lobe * lobe, lobe.powi(4));
        self.key_colour * (lobe4 * lobe4 * lobe4 * lobe2)
    }

    /// What a mirror sees that looks in direction `d`.
    pub(super) fn radiance(&self, d: Vec3A) -> Vec3A {
        let around = self.ambient * (0.6 * (1.0 + self.slope.dot(d)).max(0.0));
        if self.highlights == 0.0 {
            return around;
        }
        // As bright as the disc must be to light the face as it does, cut where sensors are long white.
        let disc = smooth_step(
            self.key_edge - 0.004,
            self.key_edge + 0.004,
            d.dot(self.key),
        );
        let power = self.key_colour * (30.0 * disc);
        let windows: f32 = self.windows.iter().map(|w| w.seen(d)).sum();
        around + (power + Vec3A::splat(windows)) * self.highlights
    }
}

impl Window {
    fn random(rng: &mut impl Rng) -> Self {
        let towards = direction(uniform(rng, [-0.5, 0.8]), uniform(rng, [-0.9, 0.9]));
        let across = towards.cross(Vec3A::Y).normalize_or_zero();
        let half = [uniform(rng, [0.08, 0.35]), uniform(rng, [0.08, 0.35])];
        // Every other window is dark, so that images have none to two.
        let lit = rng.random::<bool>();
        Self {
            towards,
            across,
            up: across.cross(towards),
            half,
            radiance: if lit { uniform(rng, [2.0, 14.0]) } else { 0.0 },
            barred: rng.random::<bool>(),
        }
    }

    /// Light on a surface that faces it.
    fn power(&self) -> f32 {
        // Solid angle over pi.
        self.radiance * 4.0 * self.half[0] * self.half[1] / std::f32::consts::PI
    }

    fn seen(&self, d: Vec3A) -> f32 {
        let ahead = d.dot(self.towards);
        if self.radiance == 0.0 || ahead < 0.3 {
            return 0.0;
        }
        let (x, y) = (d.dot(self.across) / ahead, d.dot(self.up) / ahead);
        let inside = |t: f32, half: f32| smooth_step(half + 0.015, half - 0.015, t.abs());
        let bar = if self.barred {
            smooth_step(0.008, 0.024, x.abs())
        } else {
            1.0
        };
        self.radiance * inside(x, self.half[0]) * inside(y, self.half[1]) * bar
    }
}
