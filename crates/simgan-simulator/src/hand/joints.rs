//! Which points of a hand are labelled.

use crate::hand::pose::Finger;

/// A labelled point of a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joint {
    /// Name, which begins its columns.
    pub name: &'static str,
    /// What it is.
    pub(super) place: Place,
}

/// Where a labelled point lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Node 0..=3 of a finger: its base (CMC of the thumb, MCP of the others), two joints, the tip
    /// of the bone.
    Node(Finger, usize),
    /// On the thumb's metacarpal, where NYU's labels have the thumb's base.
    ThumbBase,
    /// Between radius and carpus.
    Wrist,
    /// The two points across the forearm's end in NYU's labels: on the little finger's and on the
    /// thumb's side.
    WristSide(Side),
    /// Middle of the palm.
    Palm,
}

/// A side of the wrist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Little,
    Thumb,
}

const fn node(name: &'static str, finger: Finger, node: usize) -> Joint {
    Joint {
        name,
        place: Place::Node(finger, node),
    }
}

/// All labelled points: the 14 that the paper scores on NYU come first, in NYU's order (joints 0, 3,
/// 6, 9, 12, 15, 18, 21, 24, 25, 27, 30, 31 and 32 of its 36), then all others.
///
/// What NYU's labels call the middle of a finger lies two bones from the tip (their distance tells,
/// see `docs/hands.md`): the PIP joint; of the thumb, one bone: the IP joint.
pub const JOINTS: [Joint; 25] = [
    node("little_tip", Finger::Little, 3),
    node("little_pip", Finger::Little, 1),
    node("ring_tip", Finger::Ring, 3),
    node("ring_pip", Finger::Ring, 1),
    node("middle_tip", Finger::Middle, 3),
    node("middle_pip", Finger::Middle, 1),
    node("index_tip", Finger::Index, 3),
    node("index_pip", Finger::Index, 1),
    node("thumb_tip", Finger::Thumb, 3),
    node("thumb_ip", Finger::Thumb, 2),
    Joint {
        name: "thumb_base",
        place: Place::ThumbBase,
    },
    Joint {
        name: "wrist_little",
        place: Place::WristSide(Side::Little),
    },
    Joint {
        name: "wrist_thumb",
        place: Place::WristSide(Side::Thumb),
    },
    Joint {
        name: "palm",
        place: Place::Palm,
    },
    Joint {
        name: "wrist",
        place: Place::Wrist,
    },
    node("thumb_cmc", Finger::Thumb, 0),
    node("thumb_mcp", Finger::Thumb, 1),
    node("index_mcp", Finger::Index, 0),
    node("index_dip", Finger::Index, 2),
    node("middle_mcp", Finger::Middle, 0),
    node("middle_dip", Finger::Middle, 2),
    node("ring_mcp", Finger::Ring, 0),
    node("ring_dip", Finger::Ring, 2),
    node("little_mcp", Finger::Little, 0),
    node("little_dip", Finger::Little, 2),
];

/// How many of [`JOINTS`] the paper scores: the first ones.
pub const EVALUATION: usize = 14;
