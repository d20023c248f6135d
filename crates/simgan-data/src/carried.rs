//! Labels in files of their own that go with images into a refined set, moved as the pixels are.

use std::fmt;

use crate::objects::Swaps;
use crate::pixel_map::PixelMap;
use simgan_base::Result;

/// A file that goes with images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedFile {
    /// Its path below the data set, with `/`.
    pub name: String,
    /// What it holds: the bytes that it had where nothing moved.
    pub bytes: Vec<u8>,
}

/// How labels move: with pixels, and points that change places in a mirrored image.
#[derive(Clone, Debug)]
pub struct Move {
    /// Where pixels go.
    pub map: PixelMap,
    /// Points that change places; empty where no image is mirrored.
    pub swaps: Swaps,
}

impl Move {
    /// The move of pixels that are not mirrored.
    pub fn of(map: PixelMap) -> Self {
        let swaps = Swaps::default();
        Self { map, swaps }
    }

    /// Whether left and right change places.
    pub fn is_mirrored(&self) -> bool {
        self.map.is_mirrored()
    }
}

/// The label files of a data set: objects, any number an image.
pub(crate) trait LabelFiles: fmt::Debug + Send + Sync {
    /// Whether the image called `image` has a file of its own.
    fn has_own_file(&self, image: &str) -> bool;

    /// The file of the image called `image` alone, moved.
    ///
    /// # Errors
    /// It cannot be read, or is malformed.
    fn own_file(&self, image: &str, moving: &Move) -> Result<Option<CarriedFile>>;

    /// The files about all images, with the labels of these images alone, moved.
    ///
    /// # Errors
    /// They cannot be read, or are malformed.
    fn shared_files(&self, images: &[(String, Move)]) -> Result<Vec<CarriedFile>>;

    /// Labels of one image as members of a JSON object: names, and values in JSON.
    ///
    /// # Errors
    /// They cannot be read, or are malformed.
    fn members(&self, image: &str, moving: &Move) -> Result<Vec<(String, String)>>;
}
