//! The flesh round a skeleton: tapered capsules.

use glam::{Mat3A, Vec3A};

use crate::hand::joints::{Joint, Place};
use crate::hand::person::Person;
use crate::hand::pose::Finger;
use crate::hand::round_cone::RoundCone;
use crate::hand::skeleton::Skeleton;

/// How far the skin of a fingertip lies beyond its bone, in millimetres.
const PAD: f32 = 4.0;
/// Capsules of palm and forearm, without the thumb's metacarpal.
pub(super) const PALM_PARTS: usize = 9;

/// Radius of palm and wrist, blends included.
const TRUNK: f32 = 20.0;

/// All capsules of a hand; lengths in millimetres. Places and thicknesses are our choice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Flesh {
    /// Four metacarpals, ball of the thumb, heel of the hand, web of the thumb, two of the forearm.
    pub(super) palm: [RoundCone; PALM_PARTS],
    /// Three bones of each finger; the thumb's first one is part of the palm.
    pub(super) fingers: [[RoundCone; 3]; 5],
}

impl Flesh {
    pub(super) fn new(person: &Person, skeleton: &Skeleton) -> Self {
        Self {
            palm: palm(person, skeleton),
            fingers: Finger::ALL.map(|finger| bones(person, skeleton, finger)),
        }
    }

    /// The same with one finger in another place.
    #[must_use]
    pub(super) fn with_finger(
        mut self,
        person: &Person,
        skeleton: &Skeleton,
        finger: Finger,
    ) -> Self {
        self.fingers[finger as usize] = bones(person, skeleton, finger);
        self
    }

    /// The flesh turned, then moved.
    #[must_use]
    pub(super) fn placed(&self, turn: Mat3A, shift: Vec3A) -> Self {
        let placed = |cone: RoundCone| {
            RoundCone::new(
                turn * cone.start + shift,
                turn * cone.end + shift,
                cone.radii,
            )
        };
        Self {
            palm: self.palm.map(placed),
            fingers: self.fingers.map(|bones| bones.map(placed)),
        }
    }
}

/// How thick the flesh before a labelled point is, at least where it is seen square to the bone.
pub(super) fn thickness(person: &Person, joint: &Joint) -> f32 {
    let thumb = person.radii[Finger::Thumb as usize];
    match joint.place {
        Place::Node(finger, node) => person.radii[finger as usize][node],
        Place::ThumbBase => thumb[0].max(thumb[1]),
        Place::Wrist | Place::WristSide(_) | Place::Palm => TRUNK * person.girth,
    }
}

/// The capsules of a finger. The last one ends in the round of the fingertip.
fn bones(person: &Person, skeleton: &Skeleton, finger: Finger) -> [RoundCone; 3] {
    let nodes = skeleton.nodes[finger as usize];
    let radii = person.radii[finger as usize];
    let round = nodes[3] + skeleton.ends[finger as usize] * (PAD * person.size - radii[3]);
    [
        RoundCone::new(nodes[0], nodes[1], [radii[0], radii[1]]),
        RoundCone::new(nodes[1], nodes[2], [radii[1], radii[2]]),
        RoundCone::new(nodes[2], round, [radii[2], radii[3]]),
    ]
}

fn palm(person: &Person, skeleton: &Skeleton) -> [RoundCone; PALM_PARTS] {
    let at = |x: f32, y: f32, z: f32| Vec3A::new(x, y, z) * person.size;
    let thick = |[start, end]: [f32; 2]| [start * person.girth, end * person.girth];
    let metacarpal = |finger: Finger| {
        let base = skeleton.nodes[finger as usize][0];
        let carpus = Vec3A::new(0.5 * base.x, 11.0 * person.size, 0.0);
        let [inner, _] = thick([13.0, 0.0]);
        RoundCone::new(carpus, base, [inner, person.radii[finger as usize][0]])
    };
    let [_, index, middle, ring, little] = Finger::ALL;
    let [thumb_base, thumb_knuckle, ..] = skeleton.nodes[Finger::Thumb as usize];
    let index_bone = metacarpal(index);
    let forearm = |side: f32| {
        let place = |x: f32, y: f32| skeleton.forearm * at(side * x, y, 0.0);
        RoundCone::new(place(11.0, -4.0), place(19.0, -270.0), thick([16.0, 27.0]))
    };
    [
        index_bone,
        metacarpal(middle),
        metacarpal(ring),
        metacarpal(little),
        RoundCone::new(
            at(9.0, 14.0, 7.0),
            thumb_base.lerp(thumb_knuckle, 0.7) + at(-4.0, 0.0, 1.0),
            thick([12.0, 11.0]),
        ),
        RoundCone::new(
            at(-15.0, 13.0, 5.0),
            at(-28.0, 56.0, 5.0),
            thick([12.5, 11.5]),
        ),
        RoundCone::new(
            index_bone.start.lerp(index_bone.end, 0.55),
            thumb_base.lerp(thumb_knuckle, 0.7),
            thick([8.0, 7.0]),
        ),
        forearm(-1.0),
        forearm(1.0),
    ]
}
