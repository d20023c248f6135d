//! Areas of an image that a refiner must not change freely: inside boxes, inside classes of a mask.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Dataset;
use simgan_base::{Error, Result};

/// What may change in an area.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Allowed {
    /// Everything.
    #[default]
    All,
    /// Light and contrast: the synthetic area takes the mean and standard deviation of the refined one.
    Light,
    /// Nothing: the pixels stay those of the preprocessed image.
    Nothing,
}

/// Section `[hold]`: what may change inside boxes and masks when the refiner is applied.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HoldConfig {
    /// What may change inside the box of every image (`box_x`, `box_y`, `box_w`, `box_h`): `all`, `light` or `nothing`.
    pub boxes: Allowed,
    /// The same for classes of masks: the numbers that pixels have. Of COCO and YOLO without masks: ids of categories, inside outlines.
    pub masks: MaskClasses,
}

/// Classes of masks in which not everything may change: the numbers that their pixels have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MaskClasses {
    /// Classes in which only light and contrast may change, each on its own.
    pub light: Vec<u16>,
    /// Classes in which nothing may change.
    pub nothing: Vec<u16>,
}

impl MaskClasses {
    /// All that are named, those in which light may change first.
    fn all(&self) -> Vec<u16> {
        [&self.light[..], &self.nothing].concat()
    }
}

impl HoldConfig {
    /// Whether any area is held.
    pub fn is_on(&self) -> bool {
        self.boxes != Allowed::All || self.names_classes()
    }

    /// Whether none is.
    pub(crate) fn is_off(&self) -> bool {
        !self.is_on()
    }

    /// Checks that no class is named twice.
    ///
    /// # Errors
    /// Names the key and the class.
    pub fn validate(&self) -> Result<()> {
        let mut classes = self.masks.all();
        classes.sort_unstable();
        match classes.windows(2).find(|pair| pair[0] == pair[1]) {
            None => Ok(()),
            Some(pair) => Err(Error::config(format!(
                "the class {} is named twice in `hold.masks`",
                pair[0]
            ))
            .with_hint("name it once, in hold.masks.light or in hold.masks.nothing")),
        }
    }

    fn names_classes(&self) -> bool {
        !self.masks.all().is_empty()
    }
}

/// An area of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldArea {
    /// What may change in it.
    pub allowed: Allowed,
    /// Whether a pixel belongs to it, row by row.
    pub pixels: Vec<bool>,
}

/// The areas of a data set's images.
pub struct HeldAreas<'a> {
    data: &'a Dataset,
    config: &'a HoldConfig,
    /// `[left, top, width, height]` of every image, where boxes are held.
    boxes: Option<Vec<[f32; 4]>>,
}

impl<'a> HeldAreas<'a> {
    /// Those that `config` asks for.
    ///
    /// # Errors
    /// Boxes are held and a label lacks one; classes are held, and an image has neither a mask nor outlines.
    pub fn of(data: &'a Dataset, config: &'a HoldConfig) -> Result<Self> {
        let boxes = (config.boxes != Allowed::All).then(|| data.boxes());
        let boxes = boxes.transpose().map_err(|e| e.at("hold.boxes"))?;
        if config.names_classes() {
            check_classes(data, config)?;
        }
        Ok(Self {
            data,
            config,
            boxes,
        })
    }

    /// The areas of an image, those in which nothing may change last.
    ///
    /// # Errors
    /// A mask cannot be read, or has colours in place of a number a pixel.
    pub fn of_image(&self, index: usize) -> Result<Vec<HeldArea>> {
        let [_, height, width] = self.data.image_shape();
        let mut areas = Vec::new();
        if let Some(boxes) = &self.boxes {
            areas.push(HeldArea {
                allowed: self.config.boxes,
                pixels: inside(boxes[index], [width, height]),
            });
        }
        if self.config.names_classes() {
            let classes = self.config.masks.all();
            let shown = self.data.class_areas(index, &classes)?;
            let MaskClasses { light, nothing } = &self.config.masks;
            let light = light.iter().map(|_| Allowed::Light);
            let allowed = light.chain(nothing.iter().map(|_| Allowed::Nothing));
            let area = |(allowed, pixels)| HeldArea { allowed, pixels };
            areas.extend(allowed.zip(shown).map(area));
        }
        areas.sort_by_key(|area| area.allowed);
        Ok(areas)
    }
}

/// Checks that every image says where it shows the classes: by masks, or by the outlines of its objects.
fn check_classes(data: &Dataset, config: &HoldConfig) -> Result<()> {
    let unmasked = (0..data.len())
        .into_par_iter()
        .filter(|&index| data.masks(index).is_empty());
    let classes = config.masks.all();
    let check = |index| match data.has_label_files() {
        true => data.class_areas(index, &classes).map(drop),
        false => Err(Error::data(format!(
            "`hold.masks` names classes, but {} of {} has no mask",
            data.name(index),
            data.source()
        ))
        .with_hint("masks lie beside their images, in a folder `masks` of the same names")),
    };
    // The first image that is wrong is told, not the first that was looked at.
    let checked: Vec<Result<()>> = unmasked.map(check).collect();
    checked.into_iter().collect()
}

/// The pixels whose middle lies in the box `[left, top, width, height]`.
fn inside([left, top, wide, high]: [f32; 4], [width, height]: [usize; 2]) -> Vec<bool> {
    let within =
        |at: usize, start: f32, length: f32| (start..start + length).contains(&(at as f32 + 0.5));
    let pixels = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
    let is_inside = |(row, column)| within(column, left, wide) && within(row, top, high);
    pixels.map(is_inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    #[test]
    fn a_box_holds_the_pixels_whose_middle_it_covers() {
        let text = "file,box_x,box_y,box_w,box_h\na,3,2.6,2,1\n";
        let labels = Labels::parse(text.into(), "labels.csv").unwrap();
        let data = Dataset::from_memory(vec!["a".into()], [1, 4, 6], vec![0; 24], Some(labels));
        let data = data.unwrap();
        let config = HoldConfig {
            boxes: Allowed::Nothing,
            ..HoldConfig::default()
        };
        let areas = HeldAreas::of(&data, &config).unwrap().of_image(0).unwrap();
        let held: Vec<usize> = (0..24).filter(|&pixel| areas[0].pixels[pixel]).collect();
        assert_eq!((areas.len(), held), (1, vec![21, 22]));
    }

    #[test]
    fn images_without_what_is_held_are_refused() {
        let data = Dataset::from_memory(vec!["a".into()], [1, 3, 4], vec![0; 12], None).unwrap();
        let mut config = HoldConfig::default();
        assert!(!config.is_on() && HeldAreas::of(&data, &config).is_ok());
        config.masks.light = vec![1];
        let error = HeldAreas::of(&data, &config).err().unwrap().to_string();
        assert!(
            error.contains("a of") && error.contains("no mask"),
            "{error}"
        );
        config = HoldConfig {
            boxes: Allowed::Light,
            ..HoldConfig::default()
        };
        let error = HeldAreas::of(&data, &config).err().unwrap().to_string();
        assert!(error.contains("hold.boxes"), "{error}");
    }

    #[test]
    fn a_class_is_named_once() {
        let mut config = HoldConfig::default();
        config.masks.light = vec![1, 2];
        config.validate().unwrap();
        config.masks.nothing = vec![2];
        let error = config.validate().unwrap_err().to_string();
        assert!(error.contains("the class 2"), "{error}");
    }
}
