//! Forward kinematics: where the joints of a pose are.

use glam::{Mat3A, Vec3A};

use crate::hand::joints::{Joint, Place, Side};
use crate::hand::person::Person;
use crate::hand::pose::{Finger, Pose};

/// Share of the thumb's metacarpal, from its outer end, at which NYU's labels have the thumb's base.
/// Their distance to the IP joint tells: about twice the distal bone's length.
const THUMB_BASE: f32 = 0.2;
/// Where NYU's labels have the middle of the palm, as a share of the way from the wrist to the middle
/// finger's base.
const PALM: f32 = 0.7;
/// Where NYU's labels have the two points of the wrist, beside a hand of middle size: this far from
/// the middle, and this far behind the wrist.
const WRIST_SIDES: [f32; 2] = [15.5, -6.0];

/// Nodes of all fingers in the frame of the hand (see [`Person`]), in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Skeleton {
    /// Base, two joints and tip of each finger.
    pub(super) nodes: [[Vec3A; 4]; 5],
    /// Direction of each finger's last bone.
    pub(super) ends: [Vec3A; 5],
    /// Axes of the forearm, as those of the hand.
    pub(super) forearm: Mat3A,
}

impl Skeleton {
    pub(super) fn new(person: &Person, pose: &Pose) -> Self {
        let chains = Finger::ALL.map(|finger| chain(person, finger, pose.fingers[finger as usize]));
        let [flexion, deviation] = pose.wrist;
        Self {
            nodes: chains.map(|(nodes, _)| nodes),
            ends: chains.map(|(_, end)| end),
            // The hand bends one way, seen from the forearm, and so the forearm the other way.
            forearm: Mat3A::from_rotation_x(-flexion) * Mat3A::from_rotation_z(deviation),
        }
    }

    /// The same with one finger in another place.
    #[must_use]
    pub(super) fn with_finger(mut self, person: &Person, finger: Finger, angles: [f32; 4]) -> Self {
        let (nodes, end) = chain(person, finger, angles);
        self.nodes[finger as usize] = nodes;
        self.ends[finger as usize] = end;
        self
    }

    /// Where a labelled point is.
    pub(super) fn joint(&self, person: &Person, joint: &Joint) -> Vec3A {
        match joint.place {
            Place::Node(finger, node) => self.nodes[finger as usize][node],
            Place::ThumbBase => {
                let [inner, outer, ..] = self.nodes[Finger::Thumb as usize];
                outer.lerp(inner, THUMB_BASE)
            }
            Place::Wrist => Vec3A::ZERO,
            Place::WristSide(side) => {
                let [aside, behind] = WRIST_SIDES.map(|length| length * person.size);
                let sign = if side == Side::Thumb { 1.0 } else { -1.0 };
                self.forearm * Vec3A::new(sign * aside, behind, 0.0)
            }
            Place::Palm => self.nodes[Finger::Middle as usize][0] * PALM,
        }
    }
}

/// Nodes of a finger, and the direction of its last bone.
fn chain(person: &Person, finger: Finger, angles: [f32; 4]) -> ([Vec3A; 4], Vec3A) {
    let base = person.bases[finger as usize];
    let bones = person.bones[finger as usize];
    let (mut direction, pad, bends) = match finger {
        Finger::Thumb => thumb(angles),
        _ => straight(angles),
    };
    let mut pad = pad;
    let mut nodes = [base; 4];
    for bone in 0..3 {
        let (sine, cosine) = bends[bone].sin_cos();
        (direction, pad) = (
            direction * cosine + pad * sine,
            pad * cosine - direction * sine,
        );
        nodes[bone + 1] = nodes[bone] + direction * bones[bone];
    }
    (nodes, direction)
}

/// Direction of a stretched finger, the side to which it bends, and how far each bone bends.
fn straight([spread, mcp, pip, dip]: [f32; 4]) -> (Vec3A, Vec3A, [f32; 3]) {
    let direction = Vec3A::new(spread.sin(), spread.cos(), 0.0);
    (direction, Vec3A::Z, [mcp, pip, dip])
}

/// The thumb's metacarpal is led by two angles; the thumb turns its pad towards the fingers as it
/// comes out of the palm's plane.
fn thumb([radial, palmar, mcp, ip]: [f32; 4]) -> (Vec3A, Vec3A, [f32; 3]) {
    let direction = Vec3A::new(
        radial.sin() * palmar.cos(),
        radial.cos() * palmar.cos(),
        palmar.sin(),
    );
    // In the palm's plane the pad looks along it, turned a little out of it; before the palm it looks
    // back at the fingers.
    let turn = 0.5 - 0.9 * palmar;
    let side = Vec3A::new(-turn.cos(), 0.0, turn.sin());
    let pad = (side - direction * side.dot(direction)).normalize();
    (direction, pad, [0.0, mcp, ip])
}
