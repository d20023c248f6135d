//! One preprocessing chain for every side: crop, grey, resize, histogram equalisation.

use image::DynamicImage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Framing;
use crate::eight_bits::{interleaved, ranged};
use crate::part::Part;
use simgan_base::imaging::equalize::equalize;
use simgan_base::imaging::resize::{Pixels, resize};
use simgan_base::{Error, Result};

/// Largest width and height of a preprocessed image.
pub const MAX_SIDE: usize = 4096;
/// Most pixels of a window that leaves its image.
const MAX_WINDOW: f64 = 67_108_864.0;

/// The chain, part of the configuration and stored with every run and model.
///
/// The steps come in this order: crop, grey (or RGB), resize, histogram equalisation;
/// [`Dataset::batch`](super::Dataset::batch) then scales 0..=255 to [-1, 1].
/// The paper does not describe its preprocessing; histogram equalisation is what MPIIGaze's
/// normalised images have had, so synthetic images need it too before the two are mixed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Preprocessing {
    /// Width of the result in pixels, 1..=4096.
    pub width: usize,
    /// Height of the result in pixels, 1..=4096.
    pub height: usize,
    /// 1 (grey) or 3 (RGB).
    pub channels: usize,
    /// Histogram equalisation, as in MPIIGaze's normalised images.
    pub equalize: bool,
    /// Accept images of different sizes in one folder: all are resized.
    /// Otherwise the odd ones are bad images, since they often betray a mistake.
    pub allow_mixed_sizes: bool,
    /// Part of each image to keep.
    pub crop: Crop,
    /// Levels of the files, `[low, high]`, that become 0 and 255, before they are rounded to 8 bits: millimetres of a depth
    /// camera, for example. `None`: all that the files could hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[u16; 2]>,
    /// Points in the labels that move with the pixels, beside the [known](crate::points) ones: `NAME` has the columns
    /// `NAME_x` and `NAME_y`, or `NAME_u` and `NAME_v`; `A,B` are two columns themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub point_columns: Vec<String>,
    /// Another window than the crop's. It belongs to a data set, as part of its `DIR` argument, and not to the
    /// configuration, which both sides share.
    #[serde(skip)]
    pub framing: Framing,
}

impl Default for Preprocessing {
    fn default() -> Self {
        Self {
            width: 55,
            height: 35,
            channels: 1,
            equalize: true,
            allow_mixed_sizes: false,
            crop: Crop::default(),
            range: None,
            point_columns: vec![],
            framing: Framing::default(),
        }
    }
}

/// Part of each image that is kept, before it is resized.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Crop {
    /// Where the part lies.
    pub kind: CropKind,
    /// Unit of the numbers below.
    pub unit: CropUnit,
    /// Left edge of a box, from the left of the image.
    pub left: f64,
    /// Upper edge of a box, from the top of the image.
    pub top: f64,
    /// Width of the part.
    pub width: f64,
    /// Height of the part.
    pub height: f64,
}

impl Default for Crop {
    fn default() -> Self {
        Self {
            kind: CropKind::None,
            unit: CropUnit::Fraction,
            left: 0.0,
            top: 0.0,
            width: 1.0,
            height: 1.0,
        }
    }
}

/// Where the part that is kept lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CropKind {
    /// The whole image is kept.
    None,
    /// `width` x `height` in the middle.
    #[serde(alias = "center")]
    Centre,
    /// `width` x `height` at `left`, `top`.
    Box,
    /// The largest part in the middle with the proportions of the result, so that resizing keeps circles round.
    Aspect,
    /// The whole image, and beside or above and below it its outermost pixels repeated, up to the proportions of the
    /// result: circles stay round and nothing is cut off.
    Pad,
    /// Parts of the result's size, neither scaled nor squeezed, at places drawn at random: to train at full resolution.
    /// They have no labels. `refine` keeps whole images.
    Random,
}

impl CropKind {
    /// Whether the crop's size follows from image and result, so that `width`, `height`, `left` and `top` count for nothing.
    pub(crate) fn is_sized_by_result(self) -> bool {
        matches!(self, Self::None | Self::Aspect | Self::Pad | Self::Random)
    }
}

/// Unit of a crop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CropUnit {
    /// Fractions of the image's width and height, 0..=1.
    Fraction,
    /// Pixels of the image.
    Pixels,
}

impl Preprocessing {
    /// Checks every value.
    ///
    /// # Errors
    /// Names the key (below `preprocessing.`) and the values it may have.
    pub fn validate(&self) -> Result<()> {
        for (key, value) in [("width", self.width), ("height", self.height)] {
            if !(1..=MAX_SIDE).contains(&value) {
                return Err(Error::config(format!(
                    "preprocessing.{key} is {value}, but must be 1 to {MAX_SIDE} pixels"
                ))
                .with_hint("the paper's eyes are 55 wide and 35 high, its hands 224 x 224"));
            }
        }
        if !matches!(self.channels, 1 | 3) {
            return Err(Error::config(format!(
                "preprocessing.channels is {}, but must be 1 or 3",
                self.channels
            ))
            .with_hint("1 is grey, 3 is RGB"));
        }
        if let Some([low, high]) = self.range.filter(|[low, high]| low >= high) {
            return Err(Error::config(format!(
                "preprocessing.range is [{low}, {high}], but the first level must be below the second"
            ))
            .with_hint("for example [400, 1500] of a depth camera's millimetres"));
        }
        self.crop.validate()
    }

    /// `[channels, height, width]` of the result.
    pub fn image_shape(&self) -> [usize; 3] {
        [self.channels, self.height, self.width]
    }

    /// The chain with the window of a data set.
    #[must_use]
    pub fn framed(&self, framing: Framing) -> Self {
        Self {
            framing,
            ..self.clone()
        }
    }

    /// The chain without crop and resizing, on images of that width and height.
    #[must_use]
    pub fn whole(&self, [width, height]: [usize; 2]) -> Self {
        Self {
            width,
            height,
            crop: Crop::default(),
            ..self.clone()
        }
    }

    /// The part that is kept of an image of `size` (width and height). It may leave the image where a crop pads or a
    /// [framing](Self::framing) is given.
    ///
    /// # Errors
    /// A crop that leaves the image names both sizes; a window of more than 67 megapixels.
    pub fn kept_part(&self, size: [u32; 2]) -> Result<Part> {
        let size = size.map(f64::from);
        let crop = self.crop.part(size, [self.width, self.height])?;
        let part = self.framing.window(crop);
        if part.leaves(size) && part.size[0] * part.size[1] > MAX_WINDOW {
            return Err(Error::data(format!(
                "a window of {}x{} pixels on an image of {}x{} is too large",
                part.size[0], part.size[1], size[0], size[1]
            )));
        }
        Ok(part)
    }

    /// The whole chain on one image: `[channels, height, width]`, row by row, 0..=255.
    ///
    /// # Errors
    /// Those of a crop that leaves the image, and of a window that is too large.
    pub fn apply(&self, image: DynamicImage) -> Result<Vec<u8>> {
        let size = [image.width(), image.height()];
        let part = self.kept_part(size)?;
        let inside = part.within(size.map(f64::from));
        let image = match inside == Part::whole(size.map(f64::from)) {
            true => image,
            false => inside.of(&image),
        };
        let pixels = Pixels {
            size: inside.size.map(|side| side as usize),
            values: self.eight_bits(image),
            channels: self.channels,
        };
        let pixels = pixels.padded(inside.border(&part), part.size.map(|side| side as usize));
        let pixels = resize(pixels, self.width, self.height)?;
        Ok(self.finish(pixels))
    }

    /// The chain on an image that needs neither crop nor resizing, because it was made at this size.
    pub(crate) fn apply_to_rendered(&self, image: DynamicImage) -> Vec<u8> {
        self.finish(self.eight_bits(image))
    }

    /// Grey or RGB pixels, pixel by pixel, of the levels in [`range`](Self::range).
    fn eight_bits(&self, image: DynamicImage) -> Vec<u8> {
        let image = match self.range {
            Some(range) => ranged(image, range),
            None => image,
        };
        interleaved(image, self.channels)
    }

    /// The last steps, on pixels that lie pixel by pixel.
    fn finish(&self, pixels: Vec<u8>) -> Vec<u8> {
        let pixels = if self.equalize {
            equalize(pixels, self.channels)
        } else {
            pixels
        };
        planes(pixels, self.channels)
    }

    /// Pixels of an image that has been through the chain before: decoded and checked, not changed.
    pub(crate) fn keep(&self, image: DynamicImage) -> Result<Vec<u8>> {
        let size = (image.width() as usize, image.height() as usize);
        if size != (self.width, self.height) {
            return Err(Error::data(format!(
                "it is {}x{}, not {}x{}",
                size.0, size.1, self.width, self.height
            )));
        }
        Ok(planes(interleaved(image, self.channels), self.channels))
    }

    /// `key: here / there` for every key in which two chains differ.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let keys = |p: &Self| match toml::Value::try_from(p) {
            Ok(toml::Value::Table(table)) => table,
            _ => toml::Table::new(),
        };
        let (here, there) = (keys(self), keys(other));
        let differ = here
            .iter()
            .filter(|&(key, value)| there.get(key) != Some(value));
        differ
            .map(|(key, value)| {
                let other = there.get(key).map(ToString::to_string).unwrap_or_default();
                format!("{key}: {value} / {other}")
            })
            .collect()
    }
}

/// From pixel by pixel to channel by channel.
fn planes(pixels: Vec<u8>, channels: usize) -> Vec<u8> {
    if channels == 1 {
        return pixels;
    }
    let channel = |c: usize| pixels.iter().skip(c).step_by(channels).copied();
    (0..channels).flat_map(channel).collect()
}

impl Crop {
    fn validate(&self) -> Result<()> {
        if self.kind.is_sized_by_result() {
            return Ok(());
        }
        let wrong = |key: &str, value: f64, must: &str| {
            Err(Error::config(format!(
                "preprocessing.crop.{key} is {value}, but must be {must}"
            ))
            .with_hint("preprocessing.crop.unit = \"fraction\" counts in widths and heights of the image, \"pixels\" in pixels"))
        };
        let limit = match self.unit {
            CropUnit::Fraction => 1.0,
            CropUnit::Pixels => f64::from(u16::MAX),
        };
        for (key, value) in [("width", self.width), ("height", self.height)] {
            if !(value > 0.0 && value <= limit) {
                return wrong(key, value, &format!("above 0 and at most {limit}"));
            }
        }
        for (key, value) in [("left", self.left), ("top", self.top)] {
            if !(0.0..=limit).contains(&value) {
                return wrong(key, value, &format!("0 to {limit}"));
            }
        }
        Ok(())
    }

    /// The part of an image of that width and height, in whole pixels; `result` is the size it will be resized to.
    fn part(&self, [image_width, image_height]: [f64; 2], result: [usize; 2]) -> Result<Part> {
        match self.kind {
            CropKind::None => return Ok(Part::whole([image_width, image_height])),
            CropKind::Random => {
                let message = "preprocessing.crop.kind is random: a training draws parts, nobody says which part a single image is";
                return Err(Error::config(message).with_hint(
                    "`simgan refine` keeps such images whole; elsewhere set another crop.kind",
                ));
            }
            _ => {}
        }
        let (unit_x, unit_y) = match self.unit {
            CropUnit::Fraction => (image_width, image_height),
            CropUnit::Pixels => (1.0, 1.0),
        };
        let scales = [
            image_width / result[0] as f64,
            image_height / result[1] as f64,
        ];
        let proportioned = |scale: f64| (result[0] as f64 * scale, result[1] as f64 * scale);
        let (width, height) = match self.kind {
            CropKind::Aspect => proportioned(scales[0].min(scales[1])),
            CropKind::Pad => proportioned(scales[0].max(scales[1])),
            _ => (self.width * unit_x, self.height * unit_y),
        };
        let (width, height) = (width.round().max(1.0), height.round().max(1.0));
        let (left, top) = match self.kind {
            CropKind::Centre | CropKind::Aspect | CropKind::Pad => {
                ((image_width - width) / 2.0, (image_height - height) / 2.0)
            }
            _ => (self.left * unit_x, self.top * unit_y),
        };
        let (left, top) = (left.round(), top.round());
        let part = Part {
            start: [left, top],
            size: [width, height],
        };
        if self.kind != CropKind::Pad && part.leaves([image_width, image_height]) {
            return Err(Error::data(format!(
                "the crop ({width}x{height} at {left}, {top}) leaves the image, which is {image_width}x{image_height}"
            )));
        }
        Ok(part)
    }
}

#[cfg(test)]
mod tests;
