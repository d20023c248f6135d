//! A data set: images as `u8` in a memory-mapped cache, their names and their labels.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::datasets::{Labels, OnBadImage, Preprocessing, Quarantine};

/// How to open a data set.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// What to do with an image that cannot be used.
    pub on_bad_image: OnBadImage,
    /// Where the pixel cache lies; `None` is the user's cache folder.
    pub cache_dir: Option<PathBuf>,
}

/// A data set, preprocessed and ready to be drawn from.
#[derive(Clone, Debug)]
pub struct Dataset {}

impl Dataset {
    /// Opens the data set that `source` names (a folder, with an optional slice: see [`super::Source`]).
    pub fn open(
        _source: &str,
        _preprocessing: &Preprocessing,
        _options: &OpenOptions,
    ) -> Result<Self> {
        todo!()
    }
    /// As [`open`](Self::open), telling `progress(done, total)` (called from several threads).
    pub fn open_with_progress(
        _source: &str,
        _preprocessing: &Preprocessing,
        _options: &OpenOptions,
        _progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Self> {
        todo!()
    }
    /// A data set held in memory: `pixels` is `[n, channels, height, width]`, row by row. For tests and embedded data.
    pub fn from_memory(
        _names: Vec<String>,
        _image_shape: [usize; 3],
        _pixels: Vec<u8>,
        _labels: Option<Labels>,
    ) -> Result<Self> {
        todo!()
    }
    /// Number of usable images.
    pub fn len(&self) -> usize {
        todo!()
    }
    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// `[channels, height, width]` of every image.
    pub fn image_shape(&self) -> [usize; 3] {
        todo!()
    }
    /// Folder or file this set was read from; `None` in memory.
    pub fn root(&self) -> Option<&Path> {
        todo!()
    }
    /// Name of an image: its path below [`root`](Self::root) with `/`, unique (`day01/left/00003` inside `.mat` files).
    pub fn name(&self, _index: usize) -> String {
        todo!()
    }
    /// Preprocessed pixels, `[channels, height, width]`, 0..=255.
    pub fn pixels(&self, _index: usize) -> &[u8] {
        todo!()
    }
    /// Images at `indices` as `[indices.len(), channels, height, width]`, values in [-1, 1].
    pub fn batch(&self, _indices: &[usize]) -> Vec<f32> {
        todo!()
    }
    /// Labels, one row an image, in the order of the images.
    pub fn labels(&self) -> Option<&Labels> {
        todo!()
    }
    /// Values of a numeric label column.
    pub fn column(&self, _name: &str) -> Result<Vec<f32>> {
        todo!()
    }
    /// Unit gaze vectors, from `gaze_pitch, gaze_yaw` (radians) or `gaze_x, gaze_y, gaze_z`.
    pub fn gaze(&self) -> Result<Vec<[f32; 3]>> {
        todo!()
    }
    /// Points looked at on the screen in pixels, from `screen_x, screen_y`.
    pub fn screen_points(&self) -> Result<Vec<[f32; 2]>> {
        todo!()
    }
    /// The images at `indices`, in that order, sharing this set's pixels.
    pub fn subset(&self, _indices: &[usize]) -> Self {
        todo!()
    }
    /// What was left out, and why.
    pub fn quarantine(&self) -> &Quarantine {
        todo!()
    }
    /// SHA-256 of names and pixels, as hexadecimal: the identity of the data in manifests.
    pub fn fingerprint(&self) -> String {
        todo!()
    }
}
