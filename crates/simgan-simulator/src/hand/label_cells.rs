//! Labels of rendered hands as cells of a `labels.csv`.
//!
//! | columns | meaning |
//! |---|---|
//! | `NAME_u, NAME_v` | where a joint appears, in pixels of the image; the names are those of [`JOINTS`] |
//! | `NAME_d` | its depth from the camera in millimetres |
//! | `NAME_x_mm, NAME_y_mm, NAME_z_mm` | where it is in the camera frame (x right, y down, z forward: again the depth), in millimetres |
//! | `NAME_visible` | 1 where nothing is before it but the flesh round it, else 0 |
//! | `FINGER_spread, FINGER_mcp_flexion, FINGER_pip_flexion, FINGER_dip_flexion` | angles of index, middle, ring and little finger in radians: spread towards the thumb, then flexions |
//! | `thumb_radial, thumb_palmar, thumb_mcp_flexion, thumb_ip_flexion` | angles of the thumb in radians: abduction of its metacarpal in the palm's plane and out of it, then flexions |
//! | `wrist_flexion, wrist_deviation` | of the hand on the forearm in radians: towards the palm, towards the thumb |
//! | `roll, pitch, spin` | turn of the hand in the camera frame in radians |
//! | `centre_u, centre_v, centre_d` | centre of the cube: pixels of the camera's frame, millimetres |
//! | `hand_size` | beside a hand of middle size |
//! | `pose` | `open`, `half_closed`, `fist`, `pinch`, `pointing` or `random` |
//! | `left` | 1 for a left hand, else 0 |
//! | `person` | which person, from 0 |
//!
//! Pixels are counted from the upper left corner, whose first pixel has its middle at (0.5, 0.5).

use crate::hand::joints::JOINTS;
use crate::hand::labels::HandLabels;
use crate::hand::pose::Finger;

/// Endings of the columns of a joint.
const OF_JOINT: [&str; 7] = ["u", "v", "d", "x_mm", "y_mm", "z_mm", "visible"];
/// Endings of the columns of the thumb, and of any other finger.
const OF_THUMB: [&str; 4] = ["radial", "palmar", "mcp_flexion", "ip_flexion"];
const OF_FINGER: [&str; 4] = ["spread", "mcp_flexion", "pip_flexion", "dip_flexion"];
/// The columns behind those of joints and fingers.
const LAST: [&str; 12] = [
    "wrist_flexion",
    "wrist_deviation",
    "roll",
    "pitch",
    "spin",
    "centre_u",
    "centre_v",
    "centre_d",
    "hand_size",
    "pose",
    "left",
    "person",
];

/// Names of the columns.
pub(crate) fn columns() -> Vec<String> {
    let joints = JOINTS
        .iter()
        .flat_map(|joint| OF_JOINT.map(|ending| format!("{}_{ending}", joint.name)));
    let fingers = Finger::ALL.into_iter().flat_map(|finger| {
        let endings = match finger {
            Finger::Thumb => OF_THUMB,
            _ => OF_FINGER,
        };
        endings.map(|ending| format!("{}_{ending}", finger.name()))
    });
    joints
        .chain(fingers)
        .chain(LAST.map(str::to_owned))
        .collect()
}

/// The cells of an image, one a column.
pub(crate) fn row(labels: &HandLabels) -> Vec<String> {
    let length = |value: f32| format!("{value:.3}");
    let angle = |value: f32| format!("{value:.6}");
    let flag = |value: bool| u8::from(value).to_string();
    let mut cells = Vec::with_capacity(OF_JOINT.len() * JOINTS.len() + 32);
    for joint in &labels.joints {
        let [x, y, z] = joint.position;
        cells.extend([joint.pixel[0], joint.pixel[1], z, x, y, z].map(length));
        cells.push(flag(joint.visible));
    }
    let angles = labels.pose.fingers.as_flattened().iter();
    let angles = angles.chain(&labels.pose.wrist).chain(&labels.turn);
    cells.extend(angles.map(|&value| angle(value)));
    cells.extend(labels.centre.map(length));
    cells.push(format!("{:.4}", labels.size));
    cells.push(labels.kind.name().to_owned());
    cells.push(flag(labels.left));
    cells.push(labels.person.to_string());
    cells
}
