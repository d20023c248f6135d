//! What belongs to a person: the shape of the eye region, skin, iris, lashes.

use glam::Vec3A;
use rand::{Rng, RngExt};

use crate::range::uniform;

/// One person. Lengths in millimetres, colours in linear light.
///
/// Ranges are those of adults: palpebral fissure 24 to 31 wide and 8 to 11 high, visible iris 11.2 to 12.6 in
/// diameter, eyeball 11.5 to 12.6 in radius, cornea 7.5 to 8.1 in radius of curvature; the other shapes are our choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub(super) eyeball_radius: f32,
    pub(super) cornea_radius: f32,
    pub(super) iris_radius: f32,
    pub(super) fissure: Fissure,
    pub(super) face: FaceShape,
    pub(super) skin: Skin,
    pub(super) iris: Iris,
    pub(super) sclera: Sclera,
    pub(super) lashes: Lashes,
}

/// The opening between the lids at rest.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fissure {
    /// Distance between the corners.
    pub(super) width: f32,
    /// How far its middle lies towards the temple from the eyeball's.
    pub(super) offset: f32,
    /// How much higher the outer corner lies than the inner.
    pub(super) tilt: f32,
    /// Height of the upper lid's edge above the pupil in straight gaze.
    pub(super) above: f32,
    /// Depth of the lower lid's edge below the pupil in straight gaze.
    pub(super) below: f32,
    /// Exponents of the upper lid's profile towards the inner and the outer corner; smaller is rounder.
    pub(super) upper: [f32; 2],
    /// Those of the lower lid.
    pub(super) lower: [f32; 2],
}

/// The face round the eye.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FaceShape {
    /// How far the brow bone stands out.
    pub(super) brow: f32,
    /// Height of the brow above the eyeball's middle.
    pub(super) brow_height: f32,
    pub(super) nose: f32,
    pub(super) cheek: f32,
    /// How far the temple falls back.
    pub(super) temple: f32,
    /// How far the face lies before the eyeball's middle where nothing stands out.
    pub(super) depth: f32,
    /// Distance of the crease from the upper lid's edge.
    pub(super) crease: f32,
    pub(super) crease_depth: f32,
    /// How far the fold above the crease hangs over it.
    pub(super) fold: f32,
    /// Depth of the furrow below the lower lid.
    pub(super) furrow: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Skin {
    pub(super) colour: Vec3A,
    /// Darkening round the eye, 0..1.
    pub(super) rings: f32,
    /// Strength of spots and pores.
    pub(super) mottling: f32,
    pub(super) gloss: f32,
    /// Where in the random fields this person's skin lies.
    pub(super) place: [f32; 2],
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Iris {
    /// Colour near the pupil and near the limbus.
    pub(super) inner: Vec3A,
    pub(super) outer: Vec3A,
    /// Contrast of the fibres.
    pub(super) fibres: f32,
    /// Darkness of the limbal ring, 0..1.
    pub(super) ring: f32,
    pub(super) place: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sclera {
    pub(super) colour: Vec3A,
    pub(super) veins: f32,
    pub(super) place: [f32; 2],
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lashes {
    pub(super) count: f32,
    pub(super) length: f32,
    /// Direction at the root in radians above straight ahead; negative hangs before the eye.
    pub(super) lift: f32,
    pub(super) curl: f32,
    pub(super) colour: Vec3A,
    /// Density of the brow's hair.
    pub(super) brow: f32,
    /// Darkness of the line at their roots, 0..1.
    pub(super) line: f32,
}

impl Person {
    /// A person drawn by `rng`.
    pub(super) fn random(rng: &mut impl Rng) -> Self {
        let skin = Skin::random(rng);
        Self {
            eyeball_radius: uniform(rng, [11.5, 12.6]),
            cornea_radius: uniform(rng, [7.5, 8.1]),
            iris_radius: uniform(rng, [5.6, 6.3]),
            fissure: Fissure::random(rng),
            face: FaceShape::random(rng),
            iris: Iris::random(rng),
            sclera: Sclera::random(rng),
            lashes: Lashes::random(rng, &skin),
            skin,
        }
    }
}

impl Fissure {
    fn random(rng: &mut impl Rng) -> Self {
        Self {
            width: uniform(rng, [24.0, 31.0]),
            offset: uniform(rng, [-0.8, 1.6]),
            tilt: uniform(rng, [-0.8, 3.0]),
            above: uniform(rng, [3.0, 5.0]),
            below: uniform(rng, [4.6, 6.0]),
            upper: [uniform(rng, [0.7, 1.0]), uniform(rng, [0.7, 1.05])],
            lower: [uniform(rng, [0.9, 1.3]), uniform(rng, [0.7, 1.0])],
        }
    }
}

impl FaceShape {
    fn random(rng: &mut impl Rng) -> Self {
        Self {
            brow: uniform(rng, [5.0, 13.0]),
            brow_height: uniform(rng, [17.0, 24.0]),
            nose: uniform(rng, [8.0, 18.0]),
            cheek: uniform(rng, [1.0, 6.0]),
            temple: uniform(rng, [5.0, 12.0]),
            depth: uniform(rng, [7.5, 10.5]),
            crease: uniform(rng, [1.5, 6.0]),
            crease_depth: uniform(rng, [0.3, 1.3]),
            fold: uniform(rng, [0.0, 2.2]),
            furrow: uniform(rng, [0.0, 0.5]),
        }
    }
}

/// Colours between which skins lie: fair, tanned, dark.
const SKINS: [[f32; 3]; 3] = [[0.78, 0.53, 0.41], [0.46, 0.26, 0.17], [0.13, 0.065, 0.04]];

impl Skin {
    fn random(rng: &mut impl Rng) -> Self {
        let tone = 2.0 * rng.random::<f32>().powf(1.4);
        let (pair, t) = (tone.min(1.999) as usize, tone.fract());
        let [fair, dark] = [SKINS[pair], SKINS[pair + 1]].map(Vec3A::from_array);
        let flush = Vec3A::new(1.0, uniform(rng, [0.88, 1.04]), uniform(rng, [0.85, 1.05]));
        Self {
            // Pigment absorbs, so tones mix as products.
            colour: fair.powf(1.0 - t) * dark.powf(t) * flush,
            rings: uniform(rng, [0.0, 0.45]),
            mottling: uniform(rng, [0.3, 1.0]),
            gloss: uniform(rng, [0.02, 0.14]),
            place: [uniform(rng, [0.0, 200.0]), uniform(rng, [0.0, 200.0])],
        }
    }
}

/// Irises from near the pupil to near the limbus: dark brown, brown, hazel, green, blue, grey.
const IRISES: [[[f32; 3]; 2]; 6] = [
    [[0.035, 0.016, 0.008], [0.022, 0.011, 0.007]],
    [[0.11, 0.048, 0.018], [0.06, 0.028, 0.013]],
    [[0.17, 0.085, 0.03], [0.10, 0.085, 0.035]],
    [[0.17, 0.13, 0.05], [0.10, 0.14, 0.085]],
    [[0.18, 0.22, 0.24], [0.10, 0.19, 0.32]],
    [[0.22, 0.24, 0.25], [0.17, 0.21, 0.25]],
];

impl Iris {
    fn random(rng: &mut impl Rng) -> Self {
        // Dark irises are the most frequent in the world.
        let kind = (6.0 * rng.random::<f32>().powf(1.3)).min(5.0) as usize;
        let gain = uniform(rng, [0.7, 1.4]);
        let [inner, outer] = IRISES[kind].map(|c| Vec3A::from_array(c) * gain);
        Self {
            inner,
            outer,
            fibres: uniform(rng, [0.25, 0.8]),
            ring: uniform(rng, [0.2, 0.85]),
            place: uniform(rng, [0.0, 200.0]),
        }
    }
}

impl Sclera {
    fn random(rng: &mut impl Rng) -> Self {
        let white = uniform(rng, [0.36, 0.68]);
        let tint = Vec3A::new(1.0, uniform(rng, [0.88, 0.97]), uniform(rng, [0.78, 0.97]));
        Self {
            colour: tint * white,
            veins: uniform(rng, [0.1, 1.0]),
            place: [uniform(rng, [0.0, 200.0]), uniform(rng, [0.0, 200.0])],
        }
    }
}

impl Lashes {
    fn random(rng: &mut impl Rng, skin: &Skin) -> Self {
        let fairness = skin.colour.max_element();
        let lightness = uniform(rng, [0.0, 0.12]) * fairness;
        Self {
            count: uniform(rng, [50.0, 110.0]),
            length: uniform(rng, [5.0, 10.0]),
            lift: uniform(rng, [-0.75, 0.25]),
            curl: uniform(rng, [0.3, 1.2]),
            colour: Vec3A::new(0.012, 0.009, 0.008) + Vec3A::new(1.0, 0.7, 0.45) * lightness,
            brow: uniform(rng, [0.3, 1.0]),
            line: uniform(rng, [0.1, 0.8]),
        }
    }
}
