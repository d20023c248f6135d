//! An annotation of COCO's: box, key points, and an outline or mask of one object.
//!
//! Boxes and outlines are in pixels from the upper left corner. Key points are numbers of pixels from 0 on, so that half
//! a pixel is added to have them where the middle of the first pixel is (0.5, 0.5).

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::carried::Move;
use crate::formats::coco::category::Category;
use crate::formats::coco::edits::{Edits, with_numbers};
use crate::formats::coco::segmentation::Segmentation;
use crate::objects::mask::no_outline;
use crate::objects::{KeyPoint, ObjectMask, decimal};
use simgan_base::{Error, Result};

/// From the number of a pixel to its middle.
const MIDDLE: f64 = 0.5;

/// An annotation, a part of the text of its table.
pub(super) struct Annotation<'a> {
    text: &'a str,
    raw: Raw<'a>,
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    image_id: &'a RawValue,
    #[serde(borrow)]
    category_id: Option<&'a RawValue>,
    #[serde(borrow)]
    bbox: Option<&'a RawValue>,
    #[serde(borrow)]
    keypoints: Option<&'a RawValue>,
    #[serde(borrow)]
    segmentation: Option<&'a RawValue>,
    #[serde(borrow)]
    area: Option<&'a RawValue>,
    #[serde(borrow)]
    iscrowd: Option<&'a RawValue>,
    segments_info: Option<IgnoredAny>,
}

impl<'a> Annotation<'a> {
    /// Finds the members of an annotation.
    ///
    /// # Errors
    /// It is no object, has no image, or is one of a panoptic table.
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        let raw: Raw = serde_json::from_str(text).map_err(|e| Error::data(e.to_string()))?;
        match raw.segments_info {
            Some(_) => Err(Error::data("it has `segments_info`, as panoptic tables do")
                .with_hint("of COCO's tables those of objects and of key points are read")),
            None => Ok(Self { text, raw }),
        }
    }

    /// Text of its image's id.
    pub(super) fn image(&self) -> &'a str {
        self.raw.image_id.get()
    }

    /// Text of its category's id.
    pub(super) fn category(&self) -> Option<&'a str> {
        self.raw.category_id.map(RawValue::get)
    }

    /// Whether it stands for many objects that nobody counted.
    pub(super) fn is_crowd(&self) -> Result<bool> {
        match self.raw.iscrowd.map(RawValue::get) {
            None | Some("0" | "false") => Ok(false),
            Some("1" | "true") => Ok(true),
            Some(other) => Err(Error::data(format!("its `iscrowd` is {other}, not 0 or 1"))),
        }
    }

    /// Left, top, width and height of its box.
    pub(super) fn rectangle(&self) -> Result<Option<[f64; 4]>> {
        let read = |json: &RawValue| {
            let sides: [f64; 4] = value(json, "bbox", "[left, top, width, height]")?;
            match sides[2] >= 0.0 && sides[3] >= 0.0 {
                true => Ok(sides),
                false => Err(Error::data("its `bbox` has a negative width or height")),
            }
        };
        self.raw.bbox.map(read).transpose()
    }

    /// Its key points, of which its category has `count`; none where it has none.
    pub(super) fn points(&self, count: usize) -> Result<Vec<KeyPoint>> {
        let triples = self.triples(count)?;
        let point = |[x, y, visibility]: [f64; 3]| KeyPoint {
            place: (visibility > 0.0).then_some([x + MIDDLE, y + MIDDLE]),
            visibility: Some(visibility as u8),
        };
        Ok(triples.into_iter().map(point).collect())
    }

    /// `x, y, visibility` of each key point.
    fn triples(&self, count: usize) -> Result<Vec<[f64; 3]>> {
        let Some(json) = self.raw.keypoints else {
            return Ok(vec![]);
        };
        let values: Vec<f64> = value(json, "keypoints", "a list of numbers")?;
        if values.is_empty() {
            return Ok(vec![]);
        }
        if values.len() != 3 * count {
            return Err(Error::data(format!(
                "it has {} numbers of key points, but its category has {count} points",
                values.len()
            ))
            .with_hint(
                "`keypoints` has x, y and visibility of each name in the category's `keypoints`",
            ));
        }
        let (triples, _) = values.as_chunks();
        match triples
            .iter()
            .find(|[_, _, v]| ![0.0, 1.0, 2.0].contains(v))
        {
            Some([_, _, v]) => Err(Error::data(format!(
                "it has a key point of visibility {v}, but there are 0, 1 and 2 alone"
            ))),
            None => Ok(triples.to_vec()),
        }
    }

    /// It as JSON, moved; what is not known stays as it is.
    ///
    /// # Errors
    /// A member that is malformed, or a mask of another size than its image.
    pub(super) fn moved(&self, moving: &Move, category: Option<&Category>) -> Result<String> {
        let mut edits = Edits::of(self.text);
        if let (Some(json), Some(sides)) = (self.raw.bbox, self.rectangle()?) {
            edits.replace(
                json.get(),
                with_numbers(json.get(), &moving.map.rectangle(sides)),
            );
        }
        if let Some(json) = self.raw.keypoints {
            let names = category.map_or(&[][..], |category| &category.point_names);
            let points = self.moved_points(moving, names)?;
            edits.replace(json.get(), with_numbers(json.get(), points.as_flattened()));
        }
        let mut pixels = None;
        if let Some(json) = self.raw.segmentation {
            let moved = Segmentation::parse(json.get())?.moved(&moving.map)?;
            pixels = moved.pixels;
            edits.replace(json.get(), moved.text);
        }
        if let Some(json) = self.raw.area {
            let area: f64 = value(json, "area", "a number")?;
            let area = pixels.map_or(area * moving.map.area_scale(), |pixels| pixels as f64);
            edits.replace(json.get(), decimal(area));
        }
        Ok(edits.apply())
    }

    /// Its pixels, moved.
    ///
    /// # Errors
    /// It has no outline, or one that is malformed.
    pub(super) fn mask(&self, moving: &Move) -> Result<ObjectMask> {
        let json = self.raw.segmentation.map(RawValue::get);
        let json = json.filter(|json| !["null", "[]"].contains(json));
        let json = json.ok_or_else(|| no_outline("has no `segmentation`"))?;
        Segmentation::parse(json)?.mask(&moving.map)
    }

    fn moved_points(&self, moving: &Move, names: &[String]) -> Result<Vec<[f64; 3]>> {
        let triples = self.triples(names.len())?;
        let order = moving.swaps.order(names);
        let moved = |from: &usize| match triples[*from] {
            [x, y, 0.0] => [x, y, 0.0],
            [x, y, visibility] => {
                let [x, y] = moving.map.point([x + MIDDLE, y + MIDDLE]);
                [x - MIDDLE, y - MIDDLE, visibility]
            }
        };
        let order = order.iter().filter(|_| !triples.is_empty());
        Ok(order.map(moved).collect())
    }
}

/// A member as a number or list of finite numbers.
fn value<'a, T: Deserialize<'a>>(json: &'a RawValue, name: &str, what: &str) -> Result<T> {
    serde_json::from_str(json.get()).map_err(|_| Error::data(format!("its `{name}` is not {what}")))
}
