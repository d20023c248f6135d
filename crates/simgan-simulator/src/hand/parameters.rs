//! Everything about one image that chance decides.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::hand::config::{HandConfig, Side};
use crate::hand::person::Person;
use crate::hand::pose::{Pose, PoseKind};
use crate::hand::pose_mixture;
use crate::range::uniform;

/// All that an image is rendered from. Angles in radians, lengths in millimetres.
#[derive(Clone, Debug, PartialEq)]
pub struct HandParameters {
    /// Whether it is a left hand: the mirror image of the right one that all else describes.
    pub left: bool,
    /// Which person, 0..persons.
    pub person: u32,
    /// That person's hand.
    pub anatomy: Person,
    /// Which kind of pose.
    pub kind: PoseKind,
    /// Angles of all joints.
    pub pose: Pose,
    /// Roll, pitch and spin of the hand, see [`HandConfig`].
    pub turn: [f32; 3],
    /// Where the hand's centre is: right, down and forward from the camera.
    pub place: [f32; 3],
    /// Where the cube's centre is, beside the hand's.
    pub centre_error: [f32; 3],
}

/// What the streams of a seed are for: images take the even ones, people the odd ones.
fn stream(seed: u64, index: u64, person: bool) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(index.wrapping_mul(2).wrapping_add(u64::from(person)));
    rng
}

impl HandParameters {
    /// Parameters of image `index`: a pure function of the arguments.
    pub fn draw(config: &HandConfig, seed: u64, index: u64) -> Self {
        let rng = &mut stream(seed, index, false);
        let person = rng.random_range(0..config.persons);
        // Every number is drawn in any case, so that changing one range leaves the others' draws alone; a
        // pose takes as many as it needs, and so comes last.
        let coin = rng.random::<bool>();
        let kind = kind(config, rng.random());
        let anatomy = Person::random(&mut stream(seed, u64::from(person), true));
        let turn = [config.roll, config.pitch, config.spin];
        let place = [config.right, config.down, config.distance];
        Self {
            left: match config.side {
                Side::Left => true,
                Side::Right => false,
                Side::Both => coin,
            },
            person,
            kind,
            turn: turn.map(|range| uniform(rng, range).to_radians()),
            place: place.map(|range| uniform(rng, range)),
            centre_error: [0; 3].map(|_| uniform(rng, config.centre_error)),
            pose: pose_mixture::draw(rng, &anatomy, kind),
            anatomy,
        }
    }

    /// The same scene seen in a mirror: the person's other hand.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        Self {
            left: !self.left,
            ..self.clone()
        }
    }
}

/// The kind of pose at a share (0..1) of all weights.
fn kind(config: &HandConfig, share: f32) -> PoseKind {
    let weights = config.weights();
    let mut rest = share * weights.iter().sum::<f32>();
    let chosen = PoseKind::ALL.into_iter().zip(weights).find(|(_, weight)| {
        rest -= weight;
        rest < 0.0
    });
    // Rounding may leave nothing at the very end: the last kind that there is.
    let last = PoseKind::ALL
        .into_iter()
        .zip(weights)
        .rfind(|(_, weight)| *weight > 0.0);
    chosen.or(last).map_or(PoseKind::Random, |(kind, _)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_as_often_as_their_weights_say() {
        let config = HandConfig {
            open: 0.0,
            random: 3.0,
            ..HandConfig::default()
        };
        let total: f32 = config.weights().iter().sum();
        let count = 10_000;
        let mut found = [0; 6];
        for i in 0..count {
            found[kind(&config, i as f32 / count as f32) as usize] += 1;
        }
        for (found, weight) in found.into_iter().zip(config.weights()) {
            let share = found as f32 / count as f32;
            assert!((share - weight / total).abs() < 1e-3, "{share} {weight}");
        }
        assert_eq!(kind(&config, 1.0), PoseKind::Random);
    }
}
