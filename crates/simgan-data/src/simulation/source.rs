//! What `sim:eyes?seed=3&gaze_yaw=[-20,20]` means: a simulator and its options.

use std::fmt;

use crate::Preprocessing;
use simgan_base::settings::Layers;
use simgan_base::{Error, Result};
use simgan_simulator::{Kind, Simulator, kinds};

/// What the text of such a source begins with.
pub const PREFIX: &str = "sim:";
/// Images of a source that does not say how many.
const DEFAULT_COUNT: usize = 100_000;
/// Most images of a source: the order of an epoch takes 8 bytes an image.
const MAX_COUNT: usize = 10_000_000;
/// An example for hints.
const EXAMPLE: &str = "for example sim:eyes?seed=1&count=20000&gaze_yaw=[-20,20]";

/// A simulator as a data set: which, from which seed, how many images, and keys of its configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationSource {
    kind: &'static Kind,
    seed: u64,
    count: usize,
    /// `key=value`, in the order given.
    settings: Vec<String>,
    /// As given.
    text: String,
}

impl SimulationSource {
    /// Reads `sim:NAME` or `sim:NAME?key=value&key=value`.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): no such simulator (names those there are), an option without
    /// value, a `seed` or `count` that is out of range.
    pub fn parse(text: &str) -> Result<Self> {
        let rest = text.strip_prefix(PREFIX).unwrap_or(text);
        let (name, options) = rest.split_once('?').unwrap_or((rest, ""));
        let mut source = Self {
            kind: kinds::find(name)?,
            seed: 0,
            count: DEFAULT_COUNT,
            settings: vec![],
            text: text.to_owned(),
        };
        for option in options.split('&').filter(|option| !option.is_empty()) {
            source
                .set(option)
                .map_err(|what| Error::config(format!("{text}: {what}")).with_hint(EXAMPLE))?;
        }
        Ok(source)
    }

    fn set(&mut self, option: &str) -> Result<(), String> {
        let Some((key, value)) = option.split_once('=') else {
            return Err(format!("`{option}` is not key=value"));
        };
        match key.trim() {
            "seed" => {
                self.seed = value
                    .trim()
                    .parse()
                    .map_err(|_| format!("the seed is `{value}`, not a whole number"))?;
            }
            "count" => {
                let count = value.trim().parse().ok();
                self.count = count
                    .filter(|count| (1..=MAX_COUNT).contains(count))
                    .ok_or(format!("count is `{value}`, but must be 1 to {MAX_COUNT}"))?;
            }
            _ => self.settings.push(option.to_owned()),
        }
        Ok(())
    }

    /// What it simulates.
    pub(crate) fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// Number of images.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The name without options, `sim:eyes`: what errors call it.
    pub fn name(&self) -> String {
        format!("{PREFIX}{}", self.kind.name)
    }

    /// The simulator, set up to render at the size of `preprocessing`.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): an unknown key or wrong value, a size given twice, a crop.
    pub(crate) fn simulator(&self, preprocessing: &Preprocessing) -> Result<Box<dyn Simulator>> {
        preprocessing.validate()?;
        self.refuse_crop(preprocessing)?;
        let mut overrides = self.settings.clone();
        for (key, side) in [
            ("width", preprocessing.width),
            ("height", preprocessing.height),
        ] {
            let key = self.kind.key(key);
            self.refuse_size(&key, side)?;
            overrides.push(format!("{key}={side}"));
        }
        let origin = self.name();
        let layers = Layers {
            file: None,
            overrides: &overrides,
            origin: &origin,
        };
        (self.kind.load)(&layers, self.seed)
    }

    fn refuse_crop(&self, preprocessing: &Preprocessing) -> Result<()> {
        // A rendered image has the proportions of the result already.
        if preprocessing.crop.kind.is_sized_by_result() {
            return Ok(());
        }
        let message = format!(
            "{} renders images of the size asked for, and the preprocessing crops them",
            self.name()
        );
        Err(Error::config(message).with_hint(
            "set preprocessing.crop.kind=none, or write the images with `simgan simulate` and give that folder",
        ))
    }

    /// The size is the preprocessing's.
    fn refuse_size(&self, key: &str, side: usize) -> Result<()> {
        let is_set = |text: &String| text.split('=').next().map(str::trim) == Some(key);
        if !self.settings.iter().any(is_set) {
            return Ok(());
        }
        let message = format!(
            "{}: `{key}` comes from the preprocessing ({side} pixels)",
            self.name()
        );
        Err(Error::config(message).with_hint(format!("leave it out, or set preprocessing.{key}")))
    }
}

impl fmt::Display for SimulationSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preprocessing::{Crop, CropKind};
    use serde_json::json;
    use simgan_base::ErrorKind;
    use simgan_simulator::stand_in::StandInConfig;

    fn simulator(text: &str, preprocessing: &Preprocessing) -> Result<Box<dyn Simulator>> {
        SimulationSource::parse(text)?.simulator(preprocessing)
    }

    /// The configuration that `text` leads to.
    fn config(text: &str) -> serde_json::Value {
        let simulator = simulator(text, &Preprocessing::default()).unwrap();
        serde_json::to_value(simulator.description().config).unwrap()
    }

    #[test]
    fn options_set_seed_count_and_keys() {
        let text = "sim:eyes?seed=3&count=20&gaze_yaw=[-2, 2]&persons=5";
        let source = SimulationSource::parse(text).unwrap();
        assert_eq!((source.seed, source.count()), (3, 20));
        let config = config(text);
        assert_eq!(config["gaze_yaw"], json!([-2.0, 2.0]));
        assert_eq!(
            [&config["persons"], &config["width"], &config["height"]],
            [5, 55, 35]
        );
        let plain = SimulationSource::parse("sim:eyes").unwrap();
        assert_eq!((plain.seed, plain.count()), (0, DEFAULT_COUNT));
    }

    #[test]
    fn a_stand_in_keeps_the_defaults_of_what_is_not_set() {
        let text = "sim:camera?eyes.gaze_yaw=[-2,2]&camera.defocus=[1,2]";
        let mut expected = StandInConfig::default();
        let size = Preprocessing::default();
        (expected.eyes.width, expected.eyes.height) = (size.width, size.height);
        expected.eyes.gaze_yaw = [-2.0, 2.0];
        expected.camera.defocus = [1.0, 2.0];
        assert_eq!(config(text), serde_json::to_value(expected).unwrap());
    }

    #[test]
    fn what_is_wrong_is_said_with_a_hint() {
        for (text, part) in [
            ("sim:eye", "no simulator `eye`"),
            ("sim:eyes?seed", "`seed` is not key=value"),
            ("sim:eyes?seed=-1", "the seed is `-1`"),
            ("sim:eyes?count=0", "must be 1 to 10000000"),
            ("sim:eyes?count=99999999", "must be 1 to 10000000"),
            ("sim:eyes?gaze_yw=[-2,2]", "sim:eyes: unknown key `gaze_yw`"),
            ("sim:eyes?gaze_yaw=wide", "sim:eyes: "),
            ("sim:eyes?width=60", "`width` comes from the preprocessing"),
        ] {
            let error = simulator(text, &Preprocessing::default()).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
            assert_eq!(error.kind(), ErrorKind::Config, "{error}");
            assert!(error.hint().is_some(), "{error}");
        }
    }

    #[test]
    fn crops_are_refused() {
        let preprocessing = Preprocessing {
            crop: Crop {
                kind: CropKind::Centre,
                ..Default::default()
            },
            ..Default::default()
        };
        let error = simulator("sim:eyes", &preprocessing).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.hint().is_some_and(|hint| hint.contains("crop.kind")));
    }
}
