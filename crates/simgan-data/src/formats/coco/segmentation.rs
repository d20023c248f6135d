//! The outline or the mask of an object: polygons, or run lengths as numbers or as a compressed string.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::decode::MAX_FILE_SIDE;
use crate::formats::coco::edits::{Edits, with_numbers};
use crate::objects::{ObjectMask, rle};
use crate::pixel_map::PixelMap;
use simgan_base::{Error, Result};

/// A segmentation, a part of the text of its annotation.
pub(super) enum Segmentation<'a> {
    Polygons {
        text: &'a str,
        polygons: Vec<Vec<f64>>,
    },
    Runs {
        text: &'a str,
        raw: Runs<'a>,
    },
}

/// Run lengths; others of their members stay as they are.
#[derive(Deserialize)]
pub(super) struct Runs<'a> {
    #[serde(borrow)]
    size: &'a RawValue,
    #[serde(borrow)]
    counts: &'a RawValue,
}

/// A segmentation that has moved.
pub(super) struct MovedSegmentation {
    pub(super) text: String,
    /// Pixels of a mask.
    pub(super) pixels: Option<usize>,
}

impl<'a> Segmentation<'a> {
    /// Finds its parts.
    ///
    /// # Errors
    /// It is neither a list of polygons nor run lengths.
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        let malformed = |e| Error::data(format!("its `segmentation` is malformed: {e}"));
        if text.starts_with('{') {
            let raw = serde_json::from_str(text).map_err(malformed)?;
            return Ok(Self::Runs { text, raw });
        }
        let polygons: Vec<Vec<f64>> = serde_json::from_str(text).map_err(malformed)?;
        match polygons.iter().find(|polygon| polygon.len() % 2 == 1) {
            Some(polygon) => Err(Error::data(format!(
                "its `segmentation` has a polygon of {} numbers, not of pairs",
                polygon.len()
            ))),
            None => Ok(Self::Polygons { text, polygons }),
        }
    }

    /// It as JSON, moved.
    ///
    /// # Errors
    /// Run lengths that are malformed, or of an image of another size.
    pub(super) fn moved(&self, map: &PixelMap) -> Result<MovedSegmentation> {
        match self {
            Self::Polygons { text, polygons } => {
                let moved = polygons.iter().flat_map(|polygon| corners(polygon, map));
                Ok(MovedSegmentation {
                    text: with_numbers(text, moved.collect::<Vec<_>>().as_flattened()),
                    pixels: None,
                })
            }
            Self::Runs { text, raw } => raw.moved(text, map),
        }
    }

    /// Its pixels, moved.
    ///
    /// # Errors
    /// Those of [`moved`](Self::moved).
    pub(super) fn mask(&self, map: &PixelMap) -> Result<ObjectMask> {
        match self {
            Self::Polygons { polygons, .. } => {
                let mut mask = ObjectMask::empty(map.behind());
                for polygon in polygons {
                    mask.fill(&corners(polygon, map).collect::<Vec<_>>());
                }
                Ok(mask)
            }
            Self::Runs { raw, .. } => raw.mask(map),
        }
    }
}

/// The corners of a polygon, moved.
fn corners(polygon: &[f64], map: &PixelMap) -> impl Iterator<Item = [f64; 2]> {
    let (corners, _) = polygon.as_chunks();
    corners.iter().map(|&corner| map.point(corner))
}

impl<'a> Runs<'a> {
    fn moved(&self, text: &'a str, map: &PixelMap) -> Result<MovedSegmentation> {
        let mask = self.mask(map)?;
        let runs = rle::runs_in(&mask);
        let counts = match self.is_compressed() {
            true => serde_json::Value::from(rle::text_of(&runs)).to_string(),
            false => {
                let comma = if self.counts.get().contains(", ") {
                    ", "
                } else {
                    ","
                };
                let runs: Vec<String> = runs.iter().map(u64::to_string).collect();
                format!("[{}]", runs.join(comma))
            }
        };
        let mut edits = Edits::of(text);
        let [width, height] = map.behind().map(f64::from);
        let sides = with_numbers(self.size.get(), &[height, width]);
        edits.replace(self.size.get(), sides);
        edits.replace(self.counts.get(), counts);
        Ok(MovedSegmentation {
            text: edits.apply(),
            pixels: Some(mask.area()),
        })
    }

    /// Its pixels, moved.
    fn mask(&self, map: &PixelMap) -> Result<ObjectMask> {
        let size = self.size()?;
        if size != map.before() {
            let [wide, high] = size;
            let [width, height] = map.before();
            return Err(Error::data(format!(
                "its mask is {wide}x{high}, but its image is {width}x{height}"
            )));
        }
        Ok(rle::mask_of(&self.runs()?, size)?.moved(map))
    }

    /// Width and height; the file has them the other way round.
    fn size(&self) -> Result<[u32; 2]> {
        let size: Option<[u32; 2]> = serde_json::from_str(self.size.get()).ok();
        let size = size.filter(|size| size.iter().all(|side| (1..=MAX_FILE_SIDE).contains(side)));
        let [height, width] = size.ok_or_else(|| {
            Error::data(format!(
                "the size of its mask is {}, not [height, width]",
                self.size
            ))
        })?;
        Ok([width, height])
    }

    fn is_compressed(&self) -> bool {
        self.counts.get().starts_with('"')
    }

    fn runs(&self) -> Result<Vec<u64>> {
        let malformed = |e| Error::data(format!("its run lengths are malformed: {e}"));
        match self.is_compressed() {
            true => {
                let text: String = serde_json::from_str(self.counts.get()).map_err(malformed)?;
                rle::runs_of(&text)
            }
            false => serde_json::from_str(self.counts.get()).map_err(malformed),
        }
    }
}
