//! The angles of a hand's joints.

/// A finger, in the order of arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finger {
    /// The thumb.
    Thumb,
    /// The index finger.
    Index,
    /// The middle finger.
    Middle,
    /// The ring finger.
    Ring,
    /// The little finger.
    Little,
}

impl Finger {
    /// All fingers, in the order of arrays.
    pub const ALL: [Self; 5] = [
        Self::Thumb,
        Self::Index,
        Self::Middle,
        Self::Ring,
        Self::Little,
    ];

    /// The name in columns.
    pub fn name(self) -> &'static str {
        ["thumb", "index", "middle", "ring", "little"][self as usize]
    }
}

/// Where a pose comes from; the mixture of a configuration says how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoseKind {
    /// Fingers stretched, more or less spread.
    Open,
    /// All fingers bent alike, as round a ball or at rest.
    HalfClosed,
    /// Fingers rolled in, the thumb before them.
    Fist,
    /// Tip of the thumb on that of a finger.
    Pinch,
    /// One or several fingers stretched, the others rolled in.
    Pointing,
    /// Every finger for itself.
    Random,
}

impl PoseKind {
    /// All kinds, in the order of the configuration.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::HalfClosed,
        Self::Fist,
        Self::Pinch,
        Self::Pointing,
        Self::Random,
    ];

    /// The name in labels.
    pub fn name(self) -> &'static str {
        ["open", "half_closed", "fist", "pinch", "pointing", "random"][self as usize]
    }
}

/// Angles of all joints in radians; limits are in the table of `limits.rs`.
///
/// Of a finger: spread (towards the thumb's side), then flexion of MCP, PIP and DIP joint. Of the
/// thumb: radial abduction (away from the index finger, in the plane of the palm) and palmar
/// abduction (out of this plane) of its metacarpal, then flexion of MCP and IP joint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Four angles of each finger, in the order of [`Finger::ALL`].
    pub fingers: [[f32; 4]; 5],
    /// Flexion (towards the palm) and deviation (towards the thumb) of the hand on the forearm.
    pub wrist: [f32; 2],
}

impl Pose {
    /// The pose at `share` (0..=1) of the way to `other`.
    #[must_use]
    pub(super) fn towards(&self, other: &Self, share: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * share;
        let mut mixed = *self;
        for (finger, target) in mixed.fingers.iter_mut().zip(other.fingers) {
            (0..4).for_each(|angle| finger[angle] = mix(finger[angle], target[angle]));
        }
        mixed
    }
}
