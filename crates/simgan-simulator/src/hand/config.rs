//! What is varied from one hand to the next, and how far.

use serde::{Deserialize, Serialize};

use crate::hand::pose::PoseKind;
use crate::range;
use simgan_base::{Error, Result};

/// Which hand is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left hand.
    Left,
    /// The right hand, as in NYU, ICVL and MSRA.
    Right,
    /// Either, equally often.
    Both,
}

/// What the millimetres of an image are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepthOrigin {
    /// From the camera, as depth cameras deliver them.
    Camera,
    /// From the front face of the cube, and one more, so that 0 remains for nothing: hands at any
    /// distance share one scale. `preprocessing.range=[0,301]` spreads it over the grey levels.
    Cube,
}

/// What hands, poses and views are drawn from: ranges `[least, most]`, evenly.
///
/// Camera and cube are those of the NYU hand pose set, and distance, turn and place are drawn from
/// ranges that hold nine tenths of the hands in its test set (`docs/hands.md` has the table). All other
/// defaults are our choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HandConfig {
    /// Width of the image in pixels, 16..=1024.
    pub width: usize,
    /// Height of the image in pixels, 16..=1024.
    pub height: usize,
    /// Number of people, at least 1; another seed has other people.
    pub persons: u32,
    /// Which hand.
    pub side: Side,
    /// Edge of the cube that is cut out, in millimetres, 50..=1000. The image shows it from side to
    /// side, whatever the image's proportions; depths beyond it are 0.
    pub cube: f32,
    /// What depths are counted from.
    pub depth_from: DepthOrigin,
    /// Focal lengths of the camera across and down, in pixels of its frame, 50..=5000.
    pub focal: [f32; 2],
    /// Where its optical axis meets the frame, in pixels, 0..=5000.
    pub principal: [f32; 2],
    /// Distance of the hand's centre (mean of the evaluation joints) along the optical axis in
    /// millimetres, 550..=5000: nearer, a forearm might reach the camera.
    pub distance: [f32; 2],
    /// How far the centre lies to the right of the optical axis in millimetres, within -2000..=2000.
    pub right: [f32; 2],
    /// How far it lies below it, in the same way.
    pub down: [f32; 2],
    /// How far the cube's centre lies from the hand's, each way, in millimetres, within -100..=100: no
    /// detector finds a hand exactly.
    pub centre_error: [f32; 2],
    /// Turn in the image in degrees, positive clockwise, within -180..=180; at 0 fingers point up.
    pub roll: [f32; 2],
    /// Tilt of the fingers towards the camera in degrees, within -90..=90.
    pub pitch: [f32; 2],
    /// Turn about the forearm in degrees, within -180..=180; at 0 a right hand's palm faces the camera,
    /// at 180 its back; positive turns the palm to the image's left.
    pub spin: [f32; 2],
    /// How often an open hand is shown, beside the weights of the other kinds; 0 or more.
    pub open: f32,
    /// The same for a hand with all fingers bent alike.
    pub half_closed: f32,
    /// The same for a fist.
    pub fist: f32,
    /// The same for a finger's tip on the thumb's.
    pub pinch: f32,
    /// The same for some fingers stretched and others rolled in.
    pub pointing: f32,
    /// The same for fingers that bend each for itself.
    pub random: f32,
}

impl Default for HandConfig {
    fn default() -> Self {
        Self {
            width: 128,
            height: 128,
            persons: 1000,
            side: Side::Right,
            cube: 300.0,
            depth_from: DepthOrigin::Camera,
            focal: [588.03, 587.07],
            principal: [320.0, 240.0],
            distance: [650.0, 1080.0],
            right: [-190.0, 160.0],
            down: [-60.0, 175.0],
            centre_error: [-10.0, 10.0],
            roll: [-65.0, 115.0],
            pitch: [-10.0, 70.0],
            spin: [-155.0, 20.0],
            open: 0.28,
            half_closed: 0.24,
            fist: 0.06,
            pinch: 0.14,
            pointing: 0.1,
            random: 0.18,
        }
    }
}

impl HandConfig {
    /// Checks every value.
    ///
    /// # Errors
    /// Names the key and the values it may have.
    pub fn validate(&self) -> Result<()> {
        let wrong = |message: String, hint: &str| Err(Error::config(message).with_hint(hint));
        for (key, side) in [("width", self.width), ("height", self.height)] {
            if !(16..=1024).contains(&side) {
                return wrong(
                    format!("{key} is {side}, but must be 16 to 1024"),
                    "128 by 128 pixels are usual for hands; the paper's are 224 by 224",
                );
            }
        }
        if self.persons == 0 {
            return wrong(
                "persons is 0, but must be 1 or more".into(),
                "1000 is the default",
            );
        }
        for (key, value, least, most) in self.numbers() {
            // Written so that NaN fails.
            if !(least <= value && value <= most) {
                return wrong(
                    format!("{key} is {value}, but must be {least} to {most}"),
                    "the defaults are those of the NYU hand pose set",
                );
            }
        }
        for (key, range, least, most) in self.ranges() {
            range::check(key, range, least, most)?;
        }
        self.validate_kinds()
    }

    fn validate_kinds(&self) -> Result<()> {
        for (kind, weight) in PoseKind::ALL.into_iter().zip(self.weights()) {
            if !(weight >= 0.0 && weight.is_finite()) {
                let message = format!("{} is {weight}, but must be 0 or more", kind.name());
                return Err(Error::config(message)
                    .with_hint("it says how often this kind of pose is shown beside the others"));
            }
        }
        if self.weights().iter().sum::<f32>() > 0.0 {
            return Ok(());
        }
        let names = PoseKind::ALL.map(PoseKind::name).join(", ");
        Err(Error::config("every kind of pose is left out")
            .with_hint(format!("give one of these keys more than 0: {names}")))
    }

    /// How often each kind of pose is shown, in the order of [`PoseKind::ALL`].
    pub(super) fn weights(&self) -> [f32; 6] {
        [
            self.open,
            self.half_closed,
            self.fist,
            self.pinch,
            self.pointing,
            self.random,
        ]
    }

    /// Every number with its key, and the least and most that it may be.
    fn numbers(&self) -> [(&'static str, f32, f32, f32); 5] {
        let ([fx, fy], [cx, cy]) = (self.focal, self.principal);
        [
            ("cube", self.cube, 50.0, 1000.0),
            ("focal[0]", fx, 50.0, 5000.0),
            ("focal[1]", fy, 50.0, 5000.0),
            ("principal[0]", cx, 0.0, 5000.0),
            ("principal[1]", cy, 0.0, 5000.0),
        ]
    }

    /// Every range with its key, and the least and most that it may hold.
    fn ranges(&self) -> [(&'static str, [f32; 2], f32, f32); 7] {
        [
            ("distance", self.distance, 550.0, 5000.0),
            ("right", self.right, -2000.0, 2000.0),
            ("down", self.down, -2000.0, 2000.0),
            ("centre_error", self.centre_error, -100.0, 100.0),
            ("roll", self.roll, -180.0, 180.0),
            ("pitch", self.pitch, -90.0, 90.0),
            ("spin", self.spin, -180.0, 180.0),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(key: &str, value: impl Into<toml::Value>) -> Result<()> {
        let mut table = toml::Table::try_from(HandConfig::default()).unwrap();
        table.insert(key.into(), value.into());
        table.try_into::<HandConfig>().unwrap().validate()
    }

    #[test]
    fn the_default_is_valid_and_every_key_is_checked() {
        let config = HandConfig::default();
        config.validate().unwrap();
        let checked = config.ranges().len() + config.weights().len();
        // Size, persons, cube, focal, principal; side and origin are checked by their types.
        let table = toml::Table::try_from(config).unwrap();
        assert_eq!(table.len(), checked + 6 + 2);
    }

    #[test]
    fn every_wrong_range_is_named_with_its_bounds() {
        for (key, _, least, most) in HandConfig::default().ranges() {
            for wrong in [[least - 1.0, most], [most, least], [f32::NAN, most]] {
                let error = with(key, wrong.map(f64::from).to_vec()).unwrap_err();
                assert!(error.to_string().starts_with(key), "{error}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let numbers = |a: f64, b: f64| toml::Value::from(vec![a, b]);
        for (key, value, part) in [
            ("width", 15.into(), "width is 15, but must be 16 to 1024"),
            ("height", 2000.into(), "height is 2000"),
            ("persons", 0.into(), "persons is 0"),
            ("cube", 5.0.into(), "cube is 5, but must be 50 to 1000"),
            ("focal", numbers(588.0, 0.0), "focal[1] is 0"),
            ("principal", numbers(-1.0, 0.0), "principal[0] is -1"),
            ("fist", (-0.5).into(), "fist is -0.5"),
            ("fist", f64::NAN.into(), "fist is NaN"),
        ] {
            let error = with(key, value).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
            assert!(error.hint().is_some());
        }
        let none = HandConfig {
            open: 0.0,
            half_closed: 0.0,
            fist: 0.0,
            pinch: 0.0,
            pointing: 0.0,
            random: 0.0,
            ..HandConfig::default()
        };
        let error = none.validate().unwrap_err();
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("half_closed"))
        );
    }
}
