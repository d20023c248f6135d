//! Poses that are told by a place and not by angles: a thumb on a fingertip, or before a fist.

use glam::Vec3A;

use crate::hand::contact;
use crate::hand::flesh::Flesh;
use crate::hand::limits;
use crate::hand::person::Person;
use crate::hand::pose::{Finger, Pose};
use crate::hand::skeleton::Skeleton;

/// First step of the search in radians; it is halved so often.
const STEP: f32 = 0.24;
const HALVINGS: usize = 6;
/// Rounds of every step.
const ROUNDS: usize = 2;
/// What a square millimetre of flesh within flesh counts beside one of distance to the goal.
const CONTACT: f32 = 4.0;

/// Moves thumb and finger until their tips touch, as near as joints let them.
pub(super) fn pinch(person: &Person, pose: Pose, finger: Finger) -> Pose {
    let touching = person.radii[0][3] + person.radii[finger as usize][3] - contact::SOFT / 2.0;
    let goal = |flesh: &Flesh| {
        let [thumb, tip] = [Finger::Thumb, finger].map(|f| flesh.fingers[f as usize][2].end);
        ((thumb - tip).length() - touching).powi(2)
    };
    let free = [
        (Finger::Thumb, 0),
        (Finger::Thumb, 1),
        (Finger::Thumb, 2),
        (Finger::Thumb, 3),
        (finger, 1),
        (finger, 2),
        (finger, 3),
    ];
    search(person, pose, &free, goal)
}

/// Lays the thumb before the middle phalanges of rolled-in fingers; `share` is how far it reaches from
/// the index finger (0) to the middle finger (1).
pub(super) fn thumb_before_fist(person: &Person, pose: Pose, share: f32) -> Pose {
    let goal = |flesh: &Flesh| {
        let thumb = flesh.fingers[Finger::Thumb as usize][2];
        let [index, middle] = [Finger::Index, Finger::Middle].map(|finger| {
            let bone = flesh.fingers[finger as usize][1];
            let radius = bone.radii[0].max(bone.radii[1]);
            bone.start.lerp(bone.end, 0.5) + Vec3A::Z * (radius + thumb.radii[1] - contact::SOFT)
        });
        (thumb.end - index.lerp(middle, share)).length_squared()
    };
    let free = [0, 1, 2, 3].map(|angle| (Finger::Thumb, angle));
    search(person, pose, &free, goal)
}

/// Changes the free angles, one after the other, as long as it helps: steps both ways that grow smaller.
fn search(
    person: &Person,
    mut pose: Pose,
    free: &[(Finger, usize)],
    goal: impl Fn(&Flesh) -> f32,
) -> Pose {
    let mut skeleton = Skeleton::new(person, &pose);
    let mut flesh = Flesh::new(person, &skeleton);
    let cost = |flesh: &Flesh, finger: Finger| {
        goal(flesh) + CONTACT * contact::depth_of(flesh, finger, 0).powi(2)
    };
    for round in 0..HALVINGS * ROUNDS {
        let step = STEP / (1 << (round / ROUNDS)) as f32;
        for &(finger, angle) in free {
            // What one finger costs is what changes.
            let mut best = cost(&flesh, finger);
            for sign in [-1.0, 1.0] {
                let mut angles = pose.fingers[finger as usize];
                angles[angle] = limits::clamped(finger, angle, angles[angle] + sign * step);
                let moved = skeleton.with_finger(person, finger, angles);
                let other = flesh.with_finger(person, &moved, finger);
                let found = cost(&other, finger);
                if found < best {
                    (best, skeleton, flesh) = (found, moved, other);
                    pose.fingers[finger as usize] = angles;
                }
            }
        }
    }
    pose
}
