//! How poses are drawn: a mixture of kinds, each of them ranges of angles that we chose.
//!
//! | kind | fingers | thumb |
//! |---|---|---|
//! | open | stretched, spread or closed | beside them |
//! | half closed | MCP, PIP and DIP bent by a common share (10 to 70 %) of a full bend | before the palm |
//! | fist | rolled in | laid before index and middle finger, or beside the index finger |
//! | pinch | tip of one finger on the thumb's; the others stretched or bent | found by a search |
//! | pointing | one to three stretched, the others rolled in | stretched or laid before them |
//! | random | every joint for itself, DIP near two thirds of PIP | anywhere |
//!
//! Spreading is lost as a finger bends. What would pass through something else is drawn again; a pose that
//! still would is brought towards an open one until it does not.

use rand::{Rng, RngExt};

use crate::hand::contact;
use crate::hand::flesh::Flesh;
use crate::hand::limits;
use crate::hand::person::Person;
use crate::hand::pose::{Finger, Pose, PoseKind};
use crate::hand::reach;
use crate::hand::skeleton::Skeleton;
use crate::range::uniform;

/// How often a pose is drawn before it is brought towards an open one.
const DRAWS: usize = 8;
/// Steps on that way.
const STEPS: usize = 8;
/// Spread of index, middle, ring and little finger that makes an open hand, in degrees; and the fan in
/// which they lie when closed.
const SPREAD: [f32; 4] = [13.0, 2.0, -8.0, -17.0];
const FAN: [f32; 4] = [1.0, 0.0, -2.0, -4.0];
/// How far all fingers lean to one side together, in degrees.
const SWAY: f32 = 12.0;
/// DIP joints bend by about this share of PIP joints (Lin, Wu and Huang 2000).
const DIP_OF_PIP: f32 = 2.0 / 3.0;

/// A pose of a kind in which nothing passes through anything else.
pub(super) fn draw(rng: &mut impl Rng, person: &Person, kind: PoseKind) -> Pose {
    let mut pose = candidate(rng, person, kind);
    for _ in 1..DRAWS {
        if is_clear(person, &pose) {
            return pose;
        }
        pose = candidate(rng, person, kind);
    }
    let rest = resting();
    let nearer = |step: usize| pose.towards(&rest, step as f32 / STEPS as f32);
    let clear = (0..STEPS).map(nearer).find(|pose| is_clear(person, pose));
    clear.unwrap_or(Pose {
        wrist: pose.wrist,
        ..rest
    })
}

/// Whether no part is deeper in another one than flesh gives way.
pub(super) fn is_clear(person: &Person, pose: &Pose) -> bool {
    let skeleton = Skeleton::new(person, pose);
    contact::depth(&Flesh::new(person, &skeleton)) <= contact::SOFT
}

/// Open and a little spread: nobody's fingers touch.
fn resting() -> Pose {
    let finger = |i: usize| [FAN[i] + 0.6 * SPREAD[i], 8.0, 8.0, 5.0];
    let fingers = [
        [42.0, 22.0, 8.0, 8.0],
        finger(0),
        finger(1),
        finger(2),
        finger(3),
    ];
    in_radians(fingers, [0.0; 2])
}

/// A pose within the limits of all joints.
fn candidate(rng: &mut impl Rng, person: &Person, kind: PoseKind) -> Pose {
    let wrist = [uniform(rng, [-25.0, 35.0]), uniform(rng, [-14.0, 18.0])];
    let sway = uniform(rng, [-SWAY, SWAY]);
    let (mut fingers, goal) = match kind {
        PoseKind::Open => (open(rng), Goal::None),
        PoseKind::HalfClosed => (half_closed(rng), Goal::None),
        PoseKind::Fist => fist(rng),
        PoseKind::Pinch => pinch(rng),
        PoseKind::Pointing => pointing(rng),
        PoseKind::Random => (random(rng), Goal::None),
    };
    fingers[1..].iter_mut().for_each(|finger| finger[0] += sway);
    let pose = limits::within(in_radians(fingers, wrist));
    match goal {
        Goal::None => pose,
        Goal::BeforeFist(share) => reach::thumb_before_fist(person, pose, share),
        Goal::Touch(finger) => reach::pinch(person, pose, finger),
    }
}

/// What is left to a search.
enum Goal {
    None,
    /// The thumb before a fist.
    BeforeFist(f32),
    /// The thumb's tip on that of a finger.
    Touch(Finger),
}

/// Angles of all joints in degrees.
type Degrees = [[f32; 4]; 5];

fn in_radians(fingers: Degrees, wrist: [f32; 2]) -> Pose {
    let mut fingers = fingers.map(|angles| angles.map(f32::to_radians));
    for [spread, mcp, ..] in &mut fingers[1..] {
        *spread *= mcp.max(0.0).cos();
    }
    Pose {
        fingers,
        wrist: wrist.map(f32::to_radians),
    }
}

fn open(rng: &mut impl Rng) -> Degrees {
    let spread = uniform(rng, [0.0, 1.3]);
    let (mcp, pip) = (uniform(rng, [-14.0, 18.0]), uniform(rng, [0.0, 14.0]));
    let finger = |rng: &mut _, i: usize| {
        let own = pip + uniform(rng, [0.0, 12.0]);
        [
            FAN[i] + SPREAD[i] * spread + uniform(rng, [-3.0, 3.0]),
            mcp + uniform(rng, [-6.0, 6.0]),
            own,
            own * uniform(rng, [0.2, 0.7]),
        ]
    };
    let thumb = [
        uniform(rng, [12.0, 62.0]),
        uniform(rng, [0.0, 36.0]),
        uniform(rng, [-8.0, 24.0]),
        uniform(rng, [-15.0, 25.0]),
    ];
    [
        thumb,
        finger(rng, 0),
        finger(rng, 1),
        finger(rng, 2),
        finger(rng, 3),
    ]
}

fn half_closed(rng: &mut impl Rng) -> Degrees {
    let (curl, spread) = (uniform(rng, [0.1, 0.7]), uniform(rng, [0.0, 1.1]));
    let finger = |rng: &mut _, i: usize| {
        let pip = 100.0 * curl + uniform(rng, [-12.0, 12.0]);
        [
            FAN[i] + SPREAD[i] * spread,
            75.0 * curl + uniform(rng, [-12.0, 12.0]),
            pip,
            pip * DIP_OF_PIP + uniform(rng, [-8.0, 8.0]),
        ]
    };
    let thumb = [
        uniform(rng, [18.0, 55.0]),
        uniform(rng, [15.0, 55.0]),
        uniform(rng, [0.0, 35.0]),
        uniform(rng, [0.0, 40.0]),
    ];
    [
        thumb,
        finger(rng, 0),
        finger(rng, 1),
        finger(rng, 2),
        finger(rng, 3),
    ]
}

/// A finger in a fist.
fn rolled(rng: &mut impl Rng, finger: usize) -> [f32; 4] {
    [
        FAN[finger],
        uniform(rng, [62.0, 88.0]),
        uniform(rng, [88.0, 109.0]),
        uniform(rng, [40.0, 72.0]),
    ]
}

/// A finger of an open hand.
fn stretched(rng: &mut impl Rng, finger: usize, spread: f32) -> [f32; 4] {
    let pip = uniform(rng, [0.0, 18.0]);
    [
        FAN[finger] + SPREAD[finger] * spread,
        uniform(rng, [-12.0, 22.0]),
        pip,
        pip * 0.5,
    ]
}

fn fist(rng: &mut impl Rng) -> (Degrees, Goal) {
    let fingers = [0, 1, 2, 3].map(|finger| rolled(rng, finger));
    let before = rng.random::<f32>() < 0.7;
    let share = uniform(rng, [0.0, 1.0]);
    let thumb = match before {
        true => [25.0, 40.0, 30.0, 40.0],
        false => [
            uniform(rng, [8.0, 25.0]),
            uniform(rng, [5.0, 35.0]),
            uniform(rng, [0.0, 25.0]),
            uniform(rng, [-5.0, 30.0]),
        ],
    };
    let goal = if before {
        Goal::BeforeFist(share)
    } else {
        Goal::None
    };
    let [index, middle, ring, little] = fingers;
    ([thumb, index, middle, ring, little], goal)
}

fn pinch(rng: &mut impl Rng) -> (Degrees, Goal) {
    // The index finger in two of three.
    let touching = [0, 0, 0, 0, 0, 0, 1, 1, 2][rng.random_range(0..9)];
    let (bent, spread) = (rng.random::<f32>() < 0.4, uniform(rng, [0.1, 0.9]));
    let fingers = [0, 1, 2, 3].map(|finger| {
        let pip = uniform(rng, [35.0, 70.0]);
        match finger == touching {
            true => [FAN[finger], uniform(rng, [30.0, 60.0]), pip, pip * 0.5],
            false if bent => [
                FAN[finger],
                uniform(rng, [30.0, 75.0]),
                pip + 15.0,
                pip * DIP_OF_PIP,
            ],
            false => stretched(rng, finger, spread),
        }
    });
    let thumb = [35.0, 42.0, 12.0, 20.0];
    let [index, middle, ring, little] = fingers;
    let goal = Goal::Touch(Finger::ALL[touching + 1]);
    ([thumb, index, middle, ring, little], goal)
}

/// Which fingers are stretched when pointing or showing something, from index to little finger.
const SHOWN: [[bool; 4]; 8] = [
    [true, false, false, false],
    [true, false, false, false],
    [true, false, false, false],
    [true, true, false, false],
    [true, true, false, false],
    [true, true, true, false],
    [true, false, false, true],
    [false, false, false, true],
];

fn pointing(rng: &mut impl Rng) -> (Degrees, Goal) {
    let shown = SHOWN[rng.random_range(0..SHOWN.len())];
    let spread = uniform(rng, [0.0, 1.0]);
    let fingers = [0, 1, 2, 3].map(|finger| match shown[finger] {
        true => stretched(rng, finger, spread),
        false => rolled(rng, finger),
    });
    let out = rng.random::<f32>() < 0.5;
    let share = uniform(rng, [0.3, 1.2]);
    let thumb = match out {
        true => [
            uniform(rng, [25.0, 62.0]),
            uniform(rng, [0.0, 40.0]),
            uniform(rng, [-8.0, 15.0]),
            uniform(rng, [-15.0, 20.0]),
        ],
        false => [25.0, 42.0, 30.0, 40.0],
    };
    // Before a stretched index finger there is nothing to lie on.
    let goal = match out {
        true => Goal::None,
        false => Goal::BeforeFist(if shown[0] { share.max(1.0) } else { share }),
    };
    let [index, middle, ring, little] = fingers;
    ([thumb, index, middle, ring, little], goal)
}

fn random(rng: &mut impl Rng) -> Degrees {
    let finger = |rng: &mut _, i: usize| {
        // Small bends are more frequent than large ones.
        let pip = 105.0 * uniform(rng, [0.0, 1.0]).powf(1.5);
        [
            FAN[i] + SPREAD[i] * uniform(rng, [-0.4, 1.2]),
            uniform(rng, [-15.0, 75.0]),
            pip,
            pip * DIP_OF_PIP + uniform(rng, [-15.0, 15.0]),
        ]
    };
    let thumb = [
        uniform(rng, [5.0, 65.0]),
        uniform(rng, [0.0, 58.0]),
        uniform(rng, [-8.0, 40.0]),
        uniform(rng, [-15.0, 50.0]),
    ];
    [
        thumb,
        finger(rng, 0),
        finger(rng, 1),
        finger(rng, 2),
        finger(rng, 3),
    ]
}
