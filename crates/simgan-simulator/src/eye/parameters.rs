//! Everything about one image that chance decides.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::eye::config::{EyeConfig, Side};
use crate::eye::light::Lighting;
use crate::eye::person::Person;
use crate::range::uniform;

/// All that an image is rendered from. Angles in radians, lengths in millimetres unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct EyeParameters {
    /// Gaze pitch and yaw in the camera frame.
    pub gaze: [f32; 2],
    /// Head pitch, yaw and roll in the camera frame.
    pub head: [f32; 3],
    /// Whether the eye is the person's right one.
    pub right_eye: bool,
    /// Which person, 0..persons.
    pub person: u32,
    pub(super) anatomy: Person,
    /// Width of the frontal eye over the image's.
    pub(super) eye_width: f32,
    /// Of the eye's middle, in image widths.
    pub(super) shift: [f32; 2],
    pub(super) camera_distance: f32,
    pub(super) lid_opening: f32,
    pub(super) pupil_radius: f32,
    pub(super) lid_shadow: f32,
    pub(super) lashes: f32,
    /// Standard deviation in pixels of an image 55 wide.
    pub(super) blur: f32,
    pub(super) exposure: f32,
    pub(super) lighting: Lighting,
    /// Of the lashes' directions.
    pub(super) hair_seed: u64,
}

/// What the streams of a seed are for: images take the even ones, people the odd ones.
fn stream(seed: u64, index: u64, person: bool) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(index.wrapping_mul(2).wrapping_add(u64::from(person)));
    rng
}

impl EyeParameters {
    /// Parameters of image `index`: a pure function of the arguments.
    pub fn draw(config: &EyeConfig, seed: u64, index: u64) -> Self {
        let rng = &mut stream(seed, index, false);
        let angle = |rng: &mut ChaCha8Rng, range| uniform(rng, range).to_radians();
        let person = rng.random_range(0..config.persons);
        // Every number is drawn in any case, so that changing one range leaves the others' draws alone.
        let coin = rng.random::<bool>();
        Self {
            gaze: [angle(rng, config.gaze_pitch), angle(rng, config.gaze_yaw)],
            head: [
                angle(rng, config.head_pitch),
                angle(rng, config.head_yaw),
                angle(rng, config.head_roll),
            ],
            right_eye: match config.side {
                Side::Left => false,
                Side::Right => true,
                Side::Both => coin,
            },
            person,
            anatomy: Person::random(&mut stream(seed, u64::from(person), true)),
            eye_width: uniform(rng, config.eye_width),
            shift: [uniform(rng, config.shift), uniform(rng, config.shift)],
            camera_distance: uniform(rng, config.camera_distance),
            lid_opening: uniform(rng, config.lid_opening),
            pupil_radius: uniform(rng, config.pupil_diameter) / 2.0,
            lid_shadow: uniform(rng, config.lid_shadow),
            lashes: uniform(rng, config.lashes),
            blur: uniform(rng, config.blur),
            exposure: uniform(rng, config.exposure),
            lighting: Lighting::random(rng, config),
            hair_seed: rng.next_u64(),
        }
    }

    /// The same scene seen in a mirror: the person's other eye, gaze, head and light turned over.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let [pitch, yaw] = self.gaze;
        let [head_pitch, head_yaw, head_roll] = self.head;
        Self {
            gaze: [pitch, -yaw],
            head: [head_pitch, -head_yaw, -head_roll],
            right_eye: !self.right_eye,
            shift: [-self.shift[0], self.shift[1]],
            lighting: self.lighting.mirrored(),
            ..self.clone()
        }
    }
}
