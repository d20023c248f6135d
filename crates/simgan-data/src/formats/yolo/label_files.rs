//! YOLO's texts in a refined set.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::carried::{CarriedFile, LabelFiles, Move};
use crate::formats::yolo::line::{Line, PointShape};
use crate::formats::yolo::text::{numbered, parsed};
use crate::objects::ObjectMask;
use simgan_base::Result;
use simgan_base::files::limits;

/// The texts of a set, read when they are asked for.
#[derive(Debug)]
pub(super) struct YoloFiles {
    pub(super) root: PathBuf,
    /// Text of each image that has one.
    pub(super) texts: HashMap<String, String>,
    /// Names of the files that describe classes.
    pub(super) descriptions: Vec<String>,
    pub(super) shape: Option<PointShape>,
    pub(super) flipped: Option<Vec<usize>>,
}

impl YoloFiles {
    fn read(&self, name: &str) -> Result<CarriedFile> {
        Ok(CarriedFile {
            name: name.to_owned(),
            bytes: limits::read(&self.root.join(name), limits::DESCRIPTION)?,
        })
    }

    /// From where each key point comes.
    fn order(&self, moving: &Move) -> Vec<usize> {
        let count = self.shape.map_or(0, |[count, _]| count);
        let names: Vec<String> = (0..count).map(|at| format!("point_{at}")).collect();
        match &self.flipped {
            Some(flipped) if moving.is_mirrored() => flipped.clone(),
            _ => moving.swaps.order(&names),
        }
    }
}

impl LabelFiles for YoloFiles {
    fn has_own_file(&self, image: &str) -> bool {
        self.texts.contains_key(image)
    }

    fn own_file(&self, image: &str, moving: &Move) -> Result<Option<CarriedFile>> {
        let Some(name) = self.texts.get(image) else {
            return Ok(None);
        };
        let mut file = self.read(name)?;
        if !moving.map.keeps_fractions() {
            let place = self.root.join(name).display().to_string();
            let order = self.order(moving);
            file.bytes =
                moved(&file.bytes, self.shape, moving, &order).map_err(|e| e.at(&place))?;
        }
        Ok(Some(file))
    }

    fn shared_files(&self, _: &[(String, Move)]) -> Result<Vec<CarriedFile>> {
        self.descriptions
            .iter()
            .map(|name| self.read(name))
            .collect()
    }

    fn members(&self, _: &str, _: &Move) -> Result<Vec<(String, String)>> {
        Ok(vec![])
    }

    fn mask(&self, image: &str, moving: &Move, class: u16) -> Result<ObjectMask> {
        let empty = ObjectMask::empty(moving.map.behind());
        let Some(name) = self.texts.get(image) else {
            return Ok(empty);
        };
        let place = self.root.join(name).display().to_string();
        let mask = mask(&self.read(name)?.bytes, self.shape, moving, class, empty);
        mask.map_err(|e| e.at(&place))
    }
}

/// The objects of a class in a text, added to `mask`.
fn mask(
    bytes: &[u8],
    shape: Option<PointShape>,
    moving: &Move,
    class: u16,
    mut mask: ObjectMask,
) -> Result<ObjectMask> {
    for (at, line) in numbered(bytes, shape)? {
        if line.class == usize::from(class) {
            let filled = line.fill(&mut mask, moving);
            filled.map_err(|e| e.at(&format!("line {at}")))?;
        }
    }
    Ok(mask)
}

/// A text whose lines are moved; spaces, line ends and empty lines stay.
pub(super) fn moved(
    bytes: &[u8],
    shape: Option<PointShape>,
    moving: &Move,
    order: &[usize],
) -> Result<Vec<u8>> {
    // Every line is checked, and named by its number, before one is changed.
    parsed(bytes, shape)?;
    let text = String::from_utf8_lossy(bytes);
    let mut moved = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.trim().is_empty() {
            true => moved += line,
            false => moved += &Line::parse(line, shape)?.moved(moving, order),
        }
    }
    Ok(moved.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixel_map::PixelMap;

    #[test]
    fn outlines_of_a_class_are_pixels() {
        let text = b"1 0 0 0.5 0 0.5 0.5 0 0.5\n0 0.5 0.5 0.2 0.2\n1 0.75 0 1 0 1 1\n";
        let moving = Move::of(PixelMap::mirrored([4, 2]));
        let of = |class| mask(text, None, &moving, class, ObjectMask::empty([4, 2]));
        let pixels = of(1).unwrap().into_pixels();
        assert_eq!(
            pixels,
            [true, false, true, true, false, false, false, false]
        );
        assert_eq!(of(2).unwrap(), ObjectMask::empty([4, 2]));
        let error = of(0).unwrap_err().to_string();
        assert!(error.starts_with("line 2: it is a box"), "{error}");
    }

    #[test]
    fn lines_and_spaces_stay_where_they_are() {
        let text = b"0 0.25 0.5 0.1 0.2\r\n\n 1  0.5 0.5 0.5 0.75 0.75 0.5 \n";
        let moving = Move::of(PixelMap::mirrored([10, 10]));
        let said = "0 0.75 0.5 0.1 0.2\r\n\n 1  0.5 0.5 0.5 0.75 0.25 0.5 \n";
        let bytes = moved(text, None, &moving, &[]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), said);
        let error = moved(b"\n0 1 2", None, &moving, &[]).unwrap_err();
        assert!(
            error.to_string().starts_with("line 2: it has 3 numbers"),
            "{error}"
        );
    }
}
