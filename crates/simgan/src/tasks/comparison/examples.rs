//! Images of a comparison to look at: `RUN/examples/NAME.json`, written by `simgan compare`, shown by `simgan report`.

use serde::{Deserialize, Serialize};
use simgan_base::formats::shape::Shape;

/// Bins of grey levels.
pub const BINS: usize = 64;

/// A few images of every side, small enough for a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Examples {
    /// Grey levels of the three sides.
    pub levels: Levels,
    /// Synthetic images with their refined versions.
    pub pairs: Vec<Pair>,
    /// Test images: those answered worst, then those answered best, by the estimators of refined images.
    pub scored: Vec<ScoredImage>,
}

impl Examples {
    /// What they are as JSON.
    pub const SHAPE: Shape = Shape::new("examples", 1);
}

/// How often pixels have a grey level: counts in [`BINS`] equal bins of 0..=255, all channels together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// Of synthetic images.
    pub synthetic: Vec<u64>,
    /// Of the same images refined.
    pub refined: Vec<u64>,
    /// Of real images.
    pub real: Vec<u64>,
}

/// Why a pair is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// One of several spread over the data set.
    Spread,
    /// Refining changed it most.
    MostChanged,
    /// Refining changed it least.
    LeastChanged,
}

/// An image before and after refining.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Name in the data set.
    pub name: String,
    /// Why it is shown.
    pub choice: Choice,
    /// Mean absolute difference of both versions, grey levels of 255.
    pub change: f32,
    /// PNG files in Base64.
    pub synthetic: String,
    /// The same image, refined.
    pub refined: String,
    /// What its labels say, which refining leaves as they are.
    pub marks: Marks,
}

/// Labels that can be drawn over an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Marks {
    /// Pitch and yaw of the gaze, radians.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gaze: Option<[f32; 2]>,
    /// Names of points, and x and y as fractions of width and height.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<(String, [f32; 2])>,
    /// Boxes by name, `[left, top, width, height]` in parts of the image's width and height.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub boxes: Vec<(String, [f32; 4])>,
    /// The image's mask as a PNG file in Base64, each value a colour that shines through; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
}

/// A test image with what was answered to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoredImage {
    /// Name in the data set.
    pub name: String,
    /// PNG file in Base64.
    pub image: String,
    /// Its label, in the coordinates and unit of [`Answers`](super::Answers).
    pub label: Vec<f32>,
    /// Answers of the first seed's estimators of raw and of refined images.
    pub answers: [Vec<f32>; 2],
    /// Their errors, means over seeds.
    pub errors: [f32; 2],
}
