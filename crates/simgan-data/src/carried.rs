//! Labels in files of their own that go with images into a refined set, moved as the pixels are.

use std::fmt;

use crate::objects::{ObjectMask, Swaps};
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
    /// Where pixels of the upright image go.
    pub(crate) map: PixelMap,
    /// Where those of the image as its sensor saw it go, if that lay on its side.
    turned: Option<PixelMap>,
    /// Points that change places; empty where no image is mirrored.
    pub(crate) swaps: Swaps,
}

impl Move {
    /// The move of an image that is stored upright, and not mirrored.
    pub fn of(map: PixelMap) -> Self {
        Self {
            map,
            turned: None,
            swaps: Swaps::default(),
        }
    }

    /// The same move, and these points change places.
    #[must_use]
    pub fn swapping(self, swaps: Swaps) -> Self {
        Self { swaps, ..self }
    }

    /// The move of an image that is turned upright by `turn` first.
    pub(crate) fn of_turned(turn: PixelMap, map: PixelMap) -> Self {
        let lay_on_its_side = turn.before() != turn.behind();
        Self {
            turned: lay_on_its_side.then(|| turn.then(map)),
            ..Self::of(map)
        }
    }

    /// The move of labels that say of their image that it has this size: that of the upright one, or of the one that lay on
    /// its side.
    pub(crate) fn of_labels(&self, size: Option<[u32; 2]>) -> Self {
        let turned = self.turned.filter(|map| size == Some(map.before()));
        Self {
            map: turned.unwrap_or(self.map),
            turned: None,
            swaps: self.swaps.clone(),
        }
    }

    /// Whether left and right change places.
    pub(crate) fn is_mirrored(&self) -> bool {
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

    /// The pixels of all objects of a class in an image, moved; the number of the class is the labels' own.
    ///
    /// # Errors
    /// An object of the class has no outline; they cannot be read, or are malformed.
    fn mask(&self, image: &str, moving: &Move, class: u16) -> Result<ObjectMask>;
}
