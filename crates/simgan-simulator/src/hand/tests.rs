//! Properties of whole hands.

use glam::Vec3A;

use crate::Simulator;
use crate::hand::contact;
use crate::hand::flesh::{self, Flesh};
use crate::hand::limits;
use crate::hand::round_cone::RoundCone;
use crate::hand::scene::Scene;
use crate::hand::skeleton::Skeleton;
use crate::hand::*;

fn simulator(change: impl FnOnce(&mut HandConfig)) -> HandSimulator {
    let mut config = HandConfig {
        width: 96,
        height: 96,
        ..HandConfig::default()
    };
    change(&mut config);
    HandSimulator::new(config, 7).unwrap()
}

/// Hands that all show one kind of pose.
fn only(kind: PoseKind) -> HandSimulator {
    simulator(|config| {
        let weights = [
            &mut config.open,
            &mut config.half_closed,
            &mut config.fist,
            &mut config.pinch,
            &mut config.pointing,
            &mut config.random,
        ];
        for (weight, other) in weights.into_iter().zip(PoseKind::ALL) {
            *weight = f32::from(u8::from(other == kind));
        }
    })
}

fn flesh(parameters: &HandParameters) -> Flesh {
    let skeleton = Skeleton::new(&parameters.anatomy, &parameters.pose);
    Flesh::new(&parameters.anatomy, &skeleton)
}

fn position(labels: &HandLabels, name: &str) -> Vec3A {
    let place = JOINTS.iter().position(|joint| joint.name == name);
    Vec3A::from_array(labels.joints[place.unwrap()].position)
}

#[test]
fn an_image_follows_from_seed_and_index() {
    let hands = simulator(|_| ());
    let first = hands.sample(3);
    assert_eq!(first, simulator(|_| ()).sample(3));
    assert_ne!(first.0, hands.render(4));
    let other = HandSimulator::new(hands.config().clone(), 8).unwrap();
    assert_ne!(first.0, other.render(3));
}

#[test]
fn every_kind_of_pose_keeps_the_limits_of_joints() {
    for kind in PoseKind::ALL {
        let hands = only(kind);
        for index in 0..60 {
            let parameters = hands.parameters(index);
            assert_eq!(parameters.kind, kind);
            let pose = parameters.pose;
            assert_eq!(pose, limits::within(pose), "{kind:?} {index}");
            for finger in Finger::ALL {
                let angles = pose.fingers[finger as usize].into_iter();
                for (angle, [least, most]) in angles.zip(limits::of_finger(finger)) {
                    assert!(
                        least <= angle && angle <= most,
                        "{kind:?} {finger:?} {angle}"
                    );
                }
            }
        }
    }
}

/// How deep points on the axis of one capsule, with its flesh, lie in another one: found otherwise than
/// [`contact`] finds it.
fn depth_within(cone: &RoundCone, other: &RoundCone, from: f32) -> f32 {
    let prepared = other.prepared();
    let depths = (0..=20).map(|step| {
        let share = from + (1.0 - from) * step as f32 / 20.0;
        let radius = cone.radii[0] + (cone.radii[1] - cone.radii[0]) * share;
        radius - prepared.distance(cone.start.lerp(cone.end, share))
    });
    depths.fold(0.0, f32::max)
}

#[test]
fn no_finger_passes_through_another_one_or_the_palm() {
    for kind in PoseKind::ALL {
        let hands = only(kind);
        for index in 0..60 {
            let flesh = flesh(&hands.parameters(index));
            for (number, finger) in flesh.fingers.iter().enumerate() {
                let bones = finger.iter().zip([0.5, 0.0, 0.0]);
                for (bone, from) in bones.skip(usize::from(number == 0)) {
                    let others = flesh.fingers[number + 1..].iter().flat_map(|f| &f[1..]);
                    for other in others {
                        let depth = depth_within(bone, other, from);
                        assert!(depth < contact::SOFT + 0.5, "{kind:?} {index}: {depth}");
                    }
                }
                // Metacarpals, which neither thumb nor fingers may enter.
                for (bone, part) in finger[1..]
                    .iter()
                    .flat_map(|b| flesh.palm[..4].iter().map(move |p| (b, p)))
                {
                    let depth = depth_within(bone, part, 0.0);
                    assert!(
                        depth < contact::SOFT + 0.5,
                        "{kind:?} {index}: palm {depth}"
                    );
                }
            }
        }
    }
}

#[test]
fn bones_are_as_long_in_every_pose_of_a_person_and_differ_between_people() {
    let hands = simulator(|config| config.persons = 3);
    let mut known = [None; 3];
    for index in 0..60 {
        let parameters = hands.parameters(index);
        let labels = hands.labels(&parameters);
        let bones = [
            ("thumb_cmc", "thumb_mcp"),
            ("index_mcp", "index_pip"),
            ("middle_pip", "middle_dip"),
            ("little_dip", "little_tip"),
            ("wrist", "ring_mcp"),
            ("wrist_little", "wrist_thumb"),
        ];
        let lengths = bones.map(|(a, b)| (position(&labels, a) - position(&labels, b)).length());
        let known = known[parameters.person as usize].get_or_insert(lengths);
        for (length, known) in lengths.iter().zip(*known) {
            assert!((length - known).abs() < 0.01, "{lengths:?} {known:?}");
        }
        let expected = parameters.anatomy.bones[Finger::Index as usize][0];
        assert!((lengths[1] - expected).abs() < 0.01);
    }
    let [a, b, c] = known.map(|lengths| lengths.unwrap()[1]);
    assert!(a != b && b != c);
}

#[test]
fn visible_joints_lie_a_fingers_radius_behind_the_surface_and_hidden_ones_deeper() {
    let hands = simulator(|_| ());
    let [mut visible, mut hidden] = [0; 2];
    for index in 0..80 {
        let parameters = hands.parameters(index);
        let sample = hands.render_parameters(&parameters);
        assert_eq!(sample.labels, hands.labels(&parameters));
        for (joint, label) in JOINTS.iter().zip(&sample.labels.joints) {
            let [x, y] = label.pixel.map(|v| v.floor());
            let holds = |v: &f32| (1.0..95.0).contains(v);
            if !holds(&x) || !holds(&y) {
                continue;
            }
            // The ray of a pixel is not that of the joint, and may pass beside a finger.
            let around = (0..9).map(|i| {
                let [x, y] = [x as u32 + i % 3 - 1, y as u32 + i / 3 - 1];
                label.position[2] - f32::from(sample.image.get_pixel(x, y).0[0])
            });
            let flesh = flesh::thickness(&parameters.anatomy, joint);
            let is_on = |behind: f32| (-2.0..flesh + 8.0).contains(&behind);
            let name = joint.name;
            if label.visible {
                visible += 1;
                assert!(
                    around.clone().any(is_on),
                    "{index} {name}: {flesh} {:?}",
                    around.collect::<Vec<_>>()
                );
            } else {
                hidden += 1;
                // A depth of 0 is one beyond the cube.
                let is_deeper = |behind: f32| behind > flesh;
                assert!(
                    around.clone().any(is_deeper),
                    "{index} {name}: {flesh} {:?}",
                    around.collect::<Vec<_>>()
                );
            }
        }
    }
    assert!(visible > 800 && hidden > 200, "{visible} {hidden}");
}

#[test]
fn what_is_hidden_is_labelled_so() {
    // A fist seen from the back of the hand: its fingertips are behind the palm.
    let mut hands = only(PoseKind::Fist).config().clone();
    (hands.spin, hands.roll, hands.pitch) = ([170.0, 180.0], [0.0; 2], [0.0; 2]);
    let hands = HandSimulator::new(hands, 1).unwrap();
    for index in 0..10 {
        let labels = hands.labels(&hands.parameters(index));
        let tip = JOINTS
            .iter()
            .position(|joint| joint.name == "ring_tip")
            .unwrap();
        assert!(!labels.joints[tip].visible);
    }
}

#[test]
fn tiles_find_what_single_rays_find() {
    let hands = simulator(|_| ());
    let [mut met, mut other, mut apart] = [0; 3];
    for index in 0..12 {
        let parameters = hands.parameters(index);
        let scene = Scene::new(hands.config(), &parameters);
        let depths = scene.depths(&scene.view);
        for row in 0..96 {
            let rays: [Vec3A; 16] = std::array::from_fn(|i| {
                let slope = |axis, pixel: usize| scene.view.slope(axis, pixel as f32 + 0.5);
                Vec3A::new(slope(0, i * 6), slope(1, row), 1.0)
            });
            let single = scene.depths_towards(&rays);
            for (i, single) in single.into_iter().enumerate() {
                let tile = depths.at(i * 6, row);
                met += usize::from(single.is_finite());
                other += usize::from(single.is_finite() != tile.is_finite());
                apart += usize::from((tile - single).abs() > 0.6);
            }
        }
    }
    // They stop at other places where they graze a surface.
    assert!(
        met > 2000 && other * 200 < met && apart * 100 < met,
        "{met} {other} {apart}"
    );
}

#[test]
fn a_left_hand_is_the_mirror_image() {
    let hands = simulator(|_| ());
    for index in 0..4 {
        let right = hands.parameters(index);
        let (right, left) = (
            hands.render_parameters(&right),
            hands.render_parameters(&right.mirrored()),
        );
        assert_eq!(image::imageops::flip_horizontal(&right.image), left.image);
        for (a, b) in right.labels.joints.iter().zip(&left.labels.joints) {
            assert_eq!([96.0 - a.pixel[0], a.pixel[1]], b.pixel);
            assert_eq!([-a.position[0], a.position[1], a.position[2]], b.position);
        }
        assert_eq!(right.labels.pose, left.labels.pose);
        assert!(left.labels.left && !right.labels.left);
    }
}

#[test]
fn tips_touch_when_pinching() {
    let hands = only(PoseKind::Pinch);
    let touching = (0..100).filter(|&index| {
        let flesh = flesh(&hands.parameters(index));
        let [thumb, fingers @ ..] = flesh.fingers.map(|finger| finger[2]);
        fingers.into_iter().any(|finger| {
            let gap = (thumb.end - finger.end).length() - thumb.radii[1] - finger.radii[1];
            gap < 2.0
        })
    });
    let count = touching.count();
    assert!(count >= 85, "{count} of 100");
}

#[test]
fn depths_are_those_of_the_cube_and_the_forearm_leaves_it() {
    let camera = simulator(|config| config.centre_error = [0.0; 2]);
    let cube = simulator(|config| {
        config.centre_error = [0.0; 2];
        config.depth_from = DepthOrigin::Cube;
    });
    let mut cut = 0;
    for index in 0..40 {
        let parameters = camera.parameters(index);
        let (sample, relative) = (
            camera.render_parameters(&parameters),
            cube.render_parameters(&parameters).image,
        );
        let front = sample.labels.centre[2] - 150.0;
        for (depth, relative) in sample.image.iter().zip(relative.iter()) {
            assert_eq!(*depth == 0, *relative == 0);
            if *depth > 0 {
                assert!((f32::from(*depth) - front - f32::from(*relative) + 1.0).abs() <= 1.0);
                assert!((1..=301).contains(relative));
            }
        }
        let border = sample
            .image
            .enumerate_pixels()
            .filter(|(x, y, _)| [x, y].into_iter().any(|v| [0, 95].contains(v)));
        let at_border = border.filter(|(_, _, depth)| depth.0[0] > 0).count();
        let at_back = relative.iter().filter(|&&depth| depth >= 299).count();
        cut += usize::from(at_border + at_back > 0);
    }
    assert!(cut > 36, "{cut} of 40");
}

#[test]
fn the_nearest_of_two_balls_and_of_the_tangent_between_them_counts() {
    let cone = RoundCone::new(Vec3A::ZERO, Vec3A::X * 30.0, [10.0, 5.0]).prepared();
    let near = |point: [f32; 3], expected: f32| {
        let found = cone.distance(Vec3A::from_array(point));
        assert!((found - expected).abs() < 1e-3, "{point:?}: {found}");
    };
    near([-15.0, 0.0, 0.0], 5.0);
    near([40.0, 0.0, 0.0], 5.0);
    near([0.0, 0.0, 0.0], -10.0);
    // The tangent leans by a sine of 1/6: its distance from the origin is 10, square to it.
    let (sine, cosine) = (5.0f32 / 30.0, (1.0f32 - 1.0 / 36.0).sqrt());
    let on = |along: f32, out: f32| {
        let foot = [10.0 * sine + along * cosine, 10.0 * cosine - along * sine];
        [foot[0] + out * sine, 0.0, foot[1] + out * cosine]
    };
    near(on(12.0, 0.0), 0.0);
    near(on(20.0, 7.0), 7.0);
}
