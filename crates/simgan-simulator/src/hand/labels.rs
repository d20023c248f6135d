//! What is known of a rendered hand. Pixels are counted from the image's upper left corner, so that the
//! middle of the first pixel is at (0.5, 0.5).

use crate::hand::joints::JOINTS;
use crate::hand::pose::{Pose, PoseKind};

/// The truth about a labelled point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointLabel {
    /// Where it appears in the image, in pixels (x to the right, y down).
    pub pixel: [f32; 2],
    /// Where it is in the camera frame, in millimetres: x to the right, y down, z forward, which is its
    /// depth.
    pub position: [f32; 3],
    /// Whether nothing is before it but the flesh round it, and it is within the image and the cube.
    pub visible: bool,
}

/// The truth about one image. Angles in radians, lengths in millimetres.
#[derive(Clone, Debug, PartialEq)]
pub struct HandLabels {
    /// One label for each of [`JOINTS`], in their order.
    pub joints: [JointLabel; JOINTS.len()],
    /// Angles of all joints; the same for both hands.
    pub pose: Pose,
    /// Which kind of pose.
    pub kind: PoseKind,
    /// Roll, pitch and spin of the hand in the camera frame; roll and spin of a left hand are those of
    /// the right one, negated.
    pub turn: [f32; 3],
    /// Centre of the cube: pixels of the camera's frame (not of the image), and millimetres.
    pub centre: [f32; 3],
    /// Size of the hand beside one of middle size.
    pub size: f32,
    /// Whether it is a left hand.
    pub left: bool,
    /// Which person, 0..persons.
    pub person: u32,
}

impl HandLabels {
    /// Labels of the mirror image, `width` pixels wide, of a camera whose optical axis meets its frame at
    /// pixel `principal` from the left.
    #[must_use]
    pub(super) fn mirrored(mut self, width: f32, principal: f32) -> Self {
        for joint in &mut self.joints {
            joint.pixel[0] = width - joint.pixel[0];
            joint.position[0] = -joint.position[0];
        }
        let [roll, pitch, spin] = self.turn;
        self.turn = [-roll, pitch, -spin];
        self.centre[0] = 2.0 * principal - self.centre[0];
        self
    }
}
