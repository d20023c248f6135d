//! What every simulator can do, and how one is made from settings.

use std::fmt::Debug;

use serde::Serialize;
use serde_json::Value;

use crate::simulated_image::{PixelForm, SimulatedImage};
use simgan_base::Result;
use simgan_base::settings::Layers;

/// Makes labelled images: image `index` is a pure function of kind, configuration, seed and index.
///
/// A new simulator is a folder or file with this trait and a line of [`KINDS`](crate::KINDS).
pub trait Simulator: Debug + Send + Sync {
    /// All that the images follow from, beside their indices.
    fn description(&self) -> Description<'_>;

    /// Names of the label columns, without that of the file.
    fn columns(&self) -> Vec<String>;

    /// Labels of image `index`, one cell a column, without rendering it.
    fn row(&self, index: u64) -> Vec<String>;

    /// What the pixels of all its images are.
    fn form(&self) -> PixelForm {
        PixelForm::Colour
    }

    /// Image `index`, of this [`form`](Self::form).
    fn render(&self, index: u64) -> SimulatedImage;

    /// Image `index` with its labels: where both come from one scene, this is set up once.
    fn sample(&self, index: u64) -> (SimulatedImage, Vec<String>) {
        (self.render(index), self.row(index))
    }

    /// What UnityEyes' own export says of image `index`; `None` of all images where these are none of a rendered eye.
    fn unity_eyes(&self, _index: u64) -> Option<Value> {
        None
    }
}

/// All that the images of a [`Simulator`] follow from, beside their indices.
#[derive(Clone, Copy, Serialize)]
pub struct Description<'a> {
    /// Version of this crate.
    pub version: &'static str,
    /// Name of the [`Kind`].
    pub kind: &'static str,
    /// The seed.
    pub seed: u64,
    /// The complete configuration.
    pub config: &'a dyn erased_serde::Serialize,
}

impl<'a> Description<'a> {
    /// Of a simulator of this version.
    pub fn new(kind: &'static str, seed: u64, config: &'a dyn erased_serde::Serialize) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            kind,
            seed,
            config,
        }
    }
}

/// A kind of simulator.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The name as users write it: `eyes` in `sim:eyes`.
    pub name: &'static str,
    /// Stands before the keys of the scene (`width`, `height`, ...) in the configuration: nothing, or `eyes.`.
    pub key_prefix: &'static str,
    /// Whether its images stand in for real photographs, and so belong on the real side.
    pub stands_in_for_real: bool,
    /// Makes one with a seed.
    ///
    /// # Errors
    /// Of kind [`Config`](simgan_base::ErrorKind::Config): a wrong key or value.
    pub load: fn(&Layers, u64) -> Result<Box<dyn Simulator>>,
}

impl Kind {
    /// Where the configuration holds a key of the scene: `width`, or `eyes.width`.
    pub fn key(&self, name: &str) -> String {
        format!("{}{name}", self.key_prefix)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
