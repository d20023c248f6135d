//! What is labelled in images: objects with a class, a box, key points and an outline, any number an image.
//!
//! Places are in pixels of the image, as those of [points](crate::points).

mod decimal;
pub(crate) mod mask;
pub(crate) mod rle;
mod swaps;
pub(crate) mod table;

use crate::pixel_map::PixelMap;
pub(crate) use decimal::decimal;
pub(crate) use mask::ObjectMask;
pub use swaps::Swaps;

/// A labelled object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object {
    /// Name of its class, or its number where classes have no names.
    pub(crate) class: String,
    /// Left, top, width and height; `None` where there is no box.
    pub(crate) rectangle: Option<[f64; 4]>,
    /// Its key points by index.
    pub(crate) points: Vec<KeyPoint>,
}

impl Object {
    /// The object where `map` moves its pixels.
    pub(crate) fn moved(self, map: &PixelMap) -> Self {
        let point = |point: KeyPoint| KeyPoint {
            place: point.place.map(|place| map.point(place)),
            ..point
        };
        Self {
            class: self.class,
            rectangle: self.rectangle.map(|sides| map.rectangle(sides)),
            points: self.points.into_iter().map(point).collect(),
        }
    }
}

/// A key point that is not labelled.
pub(crate) const UNLABELLED: KeyPoint = KeyPoint {
    place: None,
    visibility: Some(0),
};

/// A key point of an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct KeyPoint {
    /// `None` where it is not labelled.
    pub(crate) place: Option<[f64; 2]>,
    /// 0 not labelled, 1 labelled and hidden, 2 visible; `None` where nothing is said.
    pub(crate) visibility: Option<u8>,
}
