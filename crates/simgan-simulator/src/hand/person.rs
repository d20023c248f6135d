//! What belongs to a person: lengths of bones, and how thick the flesh is.

use glam::Vec3A;
use rand::Rng;

use crate::hand::pose::Finger;
use crate::range::uniform;

/// Lengths of a hand of middle size in millimetres, from the base of each finger outwards: of the
/// thumb metacarpal, proximal and distal phalanx, of the others the three phalanges. The last one
/// ends 4 short of the skin.
///
/// They are usual proportions of adults, chosen by us: with the skin, the middle finger is 92 long
/// and the hand 184.
const BONES: [[f32; 3]; 5] = [
    [46.0, 33.0, 23.0],
    [42.0, 25.0, 18.0],
    [45.0, 28.5, 19.0],
    [42.0, 27.0, 19.0],
    [33.0, 20.0, 17.5],
];

/// Where the bases of the fingers lie before the wrist: towards the thumb, towards the fingers, out of
/// the palm. Knuckles lie on an arch.
const BASES: [[f32; 3]; 5] = [
    [24.0, 20.0, 9.0],
    [25.5, 89.0, 1.0],
    [4.0, 91.0, -2.0],
    [-15.5, 84.0, -1.0],
    [-33.0, 75.0, 2.5],
];

/// Radii of the flesh at the four nodes of each finger, in millimetres.
const RADII: [[f32; 4]; 5] = [
    [15.5, 12.6, 11.0, 9.0],
    [11.4, 10.0, 8.8, 7.5],
    [11.4, 10.2, 9.0, 7.7],
    [10.8, 9.6, 8.5, 7.2],
    [9.8, 8.5, 7.5, 6.5],
];

/// A person's hand. Lengths in millimetres, in the frame of a right hand whose wrist is the origin:
/// x towards the thumb, y towards the fingers, z out of the palm.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Lengths of the bones of each finger, outwards.
    pub bones: [[f32; 3]; 5],
    /// Bases of the fingers.
    pub(super) bases: [Vec3A; 5],
    /// Radii of the flesh at the nodes of each finger.
    pub(super) radii: [[f32; 4]; 5],
    /// Size beside that of a hand of middle size.
    pub(super) size: f32,
    /// Thickness of palm and forearm beside that of a hand of middle size.
    pub(super) girth: f32,
}

impl Person {
    /// A person drawn by `rng`: hands of 162 to 217 mm, and what is on them a little longer or
    /// shorter, thicker or thinner. The ranges are our choice.
    pub(super) fn random(rng: &mut impl Rng) -> Self {
        let size = uniform(rng, [0.88, 1.18]);
        let fingers = size * uniform(rng, [0.95, 1.06]);
        let width = size * uniform(rng, [0.93, 1.05]);
        let girth = size * uniform(rng, [0.88, 1.1]);
        let thickness = size * uniform(rng, [0.86, 1.06]);
        let mut bones = BONES;
        for bone in bones.as_flattened_mut() {
            *bone *= fingers * uniform(rng, [0.96, 1.04]);
        }
        let bases = BASES.map(|[x, y, z]| Vec3A::new(x * width, y * size, z * size));
        let mut radii = RADII;
        for (finger, radii) in Finger::ALL.into_iter().zip(&mut radii) {
            let own = uniform(rng, [0.97, 1.03]);
            // Knuckles stay as wide as their places let them.
            let base = if finger == Finger::Thumb {
                girth
            } else {
                width
            };
            radii[0] *= base;
            radii[1..].iter_mut().for_each(|r| *r *= thickness * own);
        }
        Self {
            bones,
            bases,
            radii,
            size,
            girth,
        }
    }
}
