//! How far each joint of a hand bends.
//!
//! | joint | degrees | source |
//! |---|---|---|
//! | MCP flexion | -20 to 90 | 90: Lin, Wu and Huang, "Modeling the constraints of human hand motion", 2000; stretching beyond straight is our choice |
//! | PIP flexion | 0 to 110 | the same |
//! | DIP flexion | -5 to 90 | the same; below 0 our choice |
//! | spread of index, middle, ring and little finger | -18..25, -15..15, -18..15, -32..15 | our choice: they let all fingers lean aside together, and neighbours be 17.2, 14.3 and 32.1 apart, the largest angles in Chatzioglou, Pinar and Govsa 2024, Anat. Cell Biol. 57:172 |
//! | thumb, radial and palmar abduction | 0 to 65, -5 to 60 | radial: 65.2 in the same study; palmar: our choice |
//! | thumb, MCP and IP flexion | -10 to 60, -20 to 80 | our choice |
//! | wrist, flexion and deviation | -45 to 45, -20 to 25 | our choice, well within what wrists do |

use crate::hand::pose::{Finger, Pose};

/// Least and most of the four angles of a finger, in degrees.
const fn degrees(finger: Finger) -> [[f32; 2]; 4] {
    let spread = match finger {
        Finger::Thumb => return [[0.0, 65.0], [-5.0, 60.0], [-10.0, 60.0], [-20.0, 80.0]],
        Finger::Index => [-18.0, 25.0],
        Finger::Middle => [-15.0, 15.0],
        Finger::Ring => [-18.0, 15.0],
        Finger::Little => [-32.0, 15.0],
    };
    [spread, [-20.0, 90.0], [0.0, 110.0], [-5.0, 90.0]]
}

/// Least and most of flexion and deviation of the wrist, in degrees.
const WRIST: [[f32; 2]; 2] = [[-45.0, 45.0], [-20.0, 25.0]];

/// Least and most of the four angles of a finger, in radians.
#[cfg(test)]
pub(super) fn of_finger(finger: Finger) -> [[f32; 2]; 4] {
    degrees(finger).map(|range| range.map(f32::to_radians))
}

/// The angle within its limits.
pub(super) fn clamped(finger: Finger, angle: usize, value: f32) -> f32 {
    let [least, most] = degrees(finger)[angle].map(f32::to_radians);
    value.clamp(least, most)
}

/// The pose with every angle within its limits.
pub(super) fn within(mut pose: Pose) -> Pose {
    for finger in Finger::ALL {
        let angles = &mut pose.fingers[finger as usize];
        for (angle, value) in angles.iter_mut().enumerate() {
            *value = clamped(finger, angle, *value);
        }
    }
    for (value, range) in pose.wrist.iter_mut().zip(WRIST) {
        let [least, most] = range.map(f32::to_radians);
        *value = value.clamp(least, most);
    }
    pose
}
