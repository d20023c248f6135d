//! What can be simulated: one interface over all simulators.

use std::str::FromStr;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::eye::{EyeConfig, EyeLabels, EyeSimulator};
use crate::stand_in::{StandIn, StandInConfig};
use simgan_base::settings::Layers;
use simgan_base::{Error, Result};

/// Which simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SceneKind {
    /// Ray-cast eye regions.
    Eyes,
    /// A stand-in for real photographs of eyes.
    Camera,
}

impl SceneKind {
    /// All simulators.
    pub const ALL: [Self; 2] = [Self::Eyes, Self::Camera];

    /// The name as users write it: `eyes` in `sim:eyes`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eyes => "eyes",
            Self::Camera => "camera",
        }
    }

    /// Where the configuration holds a key of [`EyeConfig`]: `width`, or `eyes.width`.
    pub fn eye_key(self, key: &str) -> String {
        match self {
            Self::Eyes => key.to_owned(),
            Self::Camera => format!("eyes.{key}"),
        }
    }
}

impl FromStr for SceneKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::config(format!("there is no simulator `{name}`"))
                .with_hint(format!("simulators: {names}"))
        })
    }
}

/// A configured simulator: image `index` is a pure function of kind, configuration, seed and index.
#[derive(Clone, Debug)]
pub enum Scene {
    /// Ray-cast eye regions.
    Eyes(EyeSimulator),
    /// A stand-in for real photographs of eyes.
    Camera(Box<StandIn>),
}

/// The complete configuration of a [`Scene`]; serialized as the configuration itself.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum SceneConfig<'a> {
    /// Of [`Scene::Eyes`].
    Eyes(&'a EyeConfig),
    /// Of [`Scene::Camera`].
    Camera(&'a StandInConfig),
}

/// All that the images of a [`Scene`] follow from, beside their indices.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Description<'a> {
    /// Version of this crate.
    pub version: &'static str,
    /// Which simulator.
    pub kind: SceneKind,
    /// The seed.
    pub seed: u64,
    /// The complete configuration.
    pub config: SceneConfig<'a>,
}

impl Scene {
    /// The simulator `kind` with the configuration that `layers` give.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): a wrong key or value.
    pub fn load(kind: SceneKind, layers: &Layers, seed: u64) -> Result<Self> {
        match kind {
            SceneKind::Eyes => EyeSimulator::new(layers.load()?, seed).map(Self::Eyes),
            SceneKind::Camera => {
                StandIn::new(layers.load()?, seed).map(|stand_in| Self::Camera(Box::new(stand_in)))
            }
        }
    }

    /// All that the images follow from.
    pub fn description(&self) -> Description<'_> {
        let (kind, seed, config) = match self {
            Self::Eyes(eyes) => (
                SceneKind::Eyes,
                eyes.seed(),
                SceneConfig::Eyes(eyes.config()),
            ),
            Self::Camera(stand_in) => (
                SceneKind::Camera,
                stand_in.seed(),
                SceneConfig::Camera(stand_in.config()),
            ),
        };
        Description {
            version: env!("CARGO_PKG_VERSION"),
            kind,
            seed,
            config,
        }
    }

    /// Image `index` as 8-bit sRGB, with its labels.
    pub fn sample(&self, index: u64) -> (RgbImage, EyeLabels) {
        match self {
            Self::Eyes(eyes) => {
                let sample = eyes.render(index);
                (sample.picture.to_srgb(), sample.labels)
            }
            Self::Camera(stand_in) => stand_in.sample(index),
        }
    }

    /// Image `index` as 8-bit sRGB.
    pub fn render(&self, index: u64) -> RgbImage {
        self.sample(index).0
    }

    /// Labels of image `index`, without rendering it.
    pub fn labels(&self, index: u64) -> EyeLabels {
        match self {
            Self::Eyes(eyes) => eyes.labels(index),
            Self::Camera(stand_in) => stand_in.labels(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_refused() {
        for kind in SceneKind::ALL {
            assert_eq!(kind.name().parse::<SceneKind>().unwrap(), kind);
        }
        let error = "hands".parse::<SceneKind>().unwrap_err();
        assert_eq!(error.to_string(), "there is no simulator `hands`");
        assert!(error.hint().is_some_and(|hint| hint.contains("eyes")));
    }

    #[test]
    fn the_description_has_the_complete_configuration() {
        let layers = Layers {
            file: None,
            overrides: &["persons=7".to_owned()],
            origin: "test",
        };
        let scene = Scene::load(SceneKind::Eyes, &layers, 3).unwrap();
        let text = serde_json::to_value(scene.description()).unwrap();
        assert_eq!((&text["kind"], &text["seed"]), (&"eyes".into(), &3.into()));
        assert_eq!(text["config"]["persons"], 7);
        assert!(text["config"]["width"].is_number());
    }
}
