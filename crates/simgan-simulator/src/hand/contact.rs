//! No finger passes through another one or through the palm.

use glam::Vec3A;

use crate::hand::flesh::Flesh;
use crate::hand::pose::Finger;
use crate::hand::round_cone::RoundCone;

/// How far flesh may be pressed in, in millimetres: our choice.
pub(super) const SOFT: f32 = 2.0;
/// Share of a proximal phalanx from which on it must keep clear: nearer to the palm, neighbours grow
/// out of the same flesh.
const ROOT: f32 = 0.5;
/// Parts of the palm that a thumb must keep clear of, and not the parts that it grows out of: the
/// metacarpals.
const BEFORE_THUMB: usize = 4;

/// How far any two parts that must keep clear are within each other, in millimetres; 0 if none are.
pub(super) fn depth(flesh: &Flesh) -> f32 {
    let fingers = Finger::ALL.into_iter();
    fingers
        .map(|finger| depth_of(flesh, finger, finger as usize + 1))
        .fold(0.0, f32::max)
}

/// How far one finger is within the palm, or within a finger from number `from` on.
pub(super) fn depth_of(flesh: &Flesh, finger: Finger, from: usize) -> f32 {
    let own = clear(flesh, finger);
    let palm = match finger {
        Finger::Thumb => &flesh.palm[..BEFORE_THUMB],
        _ => &flesh.palm[..],
    };
    // A proximal phalanx cannot reach the palm.
    let outer = &own[1..];
    let with_palm = palm
        .iter()
        .flat_map(|part| outer.iter().map(move |bone| overlap(bone, part)));
    let others = Finger::ALL
        .into_iter()
        .skip(from)
        .filter(|&other| other != finger);
    let with_others = others.flat_map(|other| {
        let bones = clear(flesh, other);
        own.into_iter()
            .flat_map(move |bone| bones.map(|part| overlap(&bone, &part)))
    });
    with_palm.chain(with_others).fold(0.0, f32::max)
}

/// The capsules of a finger that keep clear of others.
fn clear(flesh: &Flesh, finger: Finger) -> [RoundCone; 3] {
    let [first, second, third] = flesh.fingers[finger as usize];
    let radius = first.radii[0] + (first.radii[1] - first.radii[0]) * ROOT;
    let root = first.start.lerp(first.end, ROOT);
    [
        RoundCone::new(root, first.end, [radius, first.radii[1]]),
        second,
        third,
    ]
}

/// How far two capsules are within each other where their axes are nearest.
pub(super) fn overlap(a: &RoundCone, b: &RoundCone) -> f32 {
    let [s, t] = nearest(a, b);
    let apart = (a.start.lerp(a.end, s) - b.start.lerp(b.end, t)).length();
    let radius =
        |cone: &RoundCone, share: f32| cone.radii[0] + (cone.radii[1] - cone.radii[0]) * share;
    (radius(a, s) + radius(b, t) - apart).max(0.0)
}

/// Where the axes of two capsules are nearest, as shares of their lengths.
fn nearest(a: &RoundCone, b: &RoundCone) -> [f32; 2] {
    let (along_a, along_b, between): (Vec3A, Vec3A, Vec3A) =
        (a.end - a.start, b.end - b.start, a.start - b.start);
    let (aa, bb, ab) = (
        along_a.length_squared(),
        along_b.length_squared(),
        along_a.dot(along_b),
    );
    let (ac, bc) = (along_a.dot(between), along_b.dot(between));
    let determinant = aa * bb - ab * ab;
    let free = match determinant > 1e-3 {
        true => ((ab * bc - ac * bb) / determinant).clamp(0.0, 1.0),
        // Parallel: any point will do, the clamps below correct it.
        false => 0.5,
    };
    let t = ((ab * free + bc) / bb).clamp(0.0, 1.0);
    [((ab * t - ac) / aa).clamp(0.0, 1.0), t]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cone() -> impl Strategy<Value = RoundCone> {
        let place = || [-40.0f32..40.0, -40.0..40.0, -40.0..40.0].prop_map(Vec3A::from_array);
        (place(), place(), 4.0f32..12.0).prop_map(|(start, end, radius)| {
            RoundCone::new(start, end + Vec3A::splat(1.0), [radius; 2])
        })
    }

    proptest! {
        #[test]
        fn the_nearest_points_of_axes_are_found(a in cone(), b in cone()) {
            let apart = a.radii[0] + b.radii[0] - overlap(&a, &b);
            for (s, t) in (0..=10).flat_map(|s| (0..=10).map(move |t| (s as f32 / 10.0, t as f32 / 10.0))) {
                let here = (a.start.lerp(a.end, s) - b.start.lerp(b.end, t)).length();
                prop_assert!(apart <= here + 0.01 || overlap(&a, &b) == 0.0);
            }
        }
    }
}
