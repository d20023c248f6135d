//! What goes with images into a refined set: masks, and labels in files of their own, moved as the pixels are.

use std::io::BufReader;

use rayon::prelude::*;

use super::Dataset;
use crate::carried::{CarriedFile, LabelFiles, Move};
use crate::pixel_map::PixelMap;
use crate::{decode, png_mask};
use simgan_base::files::limits;
use simgan_base::files::sha256::Hashing;
use simgan_base::{Error, Result};

impl Dataset {
    /// Whether labels lie in files of their own, as COCO's and YOLO's do, and the [table](Self::labels) is made of them.
    pub fn has_label_files(&self) -> bool {
        self.images.label_files.is_some()
    }

    /// Number of [`files_beside`](Self::files_beside) an image.
    pub fn count_files_beside(&self, index: usize) -> usize {
        let label_files = self.label_files_of(index);
        self.masks(index).len() + usize::from(label_files.is_some())
    }

    /// The files of an image alone, its masks and YOLO's text, moved as preprocessing moves its pixels; byte for byte where
    /// none moves. They follow each other as [`masks`](Self::masks) do, the text last.
    ///
    /// # Errors
    /// Of kind [`Data`](simgan_base::ErrorKind::Data): a file that is malformed or cannot be read, a mask of another size than
    /// its image, or one that is no PNG file where pixels move.
    pub fn files_beside(&self, index: usize) -> Result<Vec<CarriedFile>> {
        if self.count_files_beside(index) == 0 {
            return Ok(vec![]);
        }
        let moving = self.moving(index)?;
        let mask = |name: &String| {
            let bytes = png_mask::moved(self.read_mask(name)?, &moving);
            let bytes = bytes.map_err(|e| self.about(name, &e))?;
            let name = name.clone();
            Ok(CarriedFile { name, bytes })
        };
        let masks = self.masks(index).iter().map(mask);
        let mut files: Vec<CarriedFile> = masks.collect::<Result<_>>()?;
        if let Some(label_files) = self.label_files_of(index) {
            files.extend(label_files.own_file(&self.name(index), &moving)?);
        }
        Ok(files)
    }

    /// The files about all images, COCO's table and YOLO's names: with the labels of these images alone, moved, in the order
    /// and the text that they had.
    ///
    /// # Errors
    /// Of kind [`Data`](simgan_base::ErrorKind::Data): they are malformed or cannot be read.
    pub fn label_files(&self) -> Result<Vec<CarriedFile>> {
        let Some(label_files) = &self.images.label_files else {
            return Ok(vec![]);
        };
        let image = |index| Ok((self.name(index), self.moving(index)?));
        let images: Vec<_> = (0..self.len())
            .into_par_iter()
            .map(image)
            .collect::<Result<_>>()?;
        label_files.shared_files(&images)
    }

    /// The labels of an image's objects, moved, as members of a JSON object: names, and values in JSON. Empty where they
    /// lie in no COCO table.
    ///
    /// # Errors
    /// Those of [`label_files`](Self::label_files).
    pub fn label_members(&self, index: usize) -> Result<Vec<(String, String)>> {
        let Some(label_files) = &self.images.label_files else {
            return Ok(vec![]);
        };
        let moving = self.moving(index)?;
        label_files.members(&self.name(index), &moving)
    }

    /// Where an image shows each of `classes`, row by row, moved as preprocessing moves the image's pixels: by its masks, or
    /// where it has none by the outlines of its objects in COCO's and YOLO's labels.
    ///
    /// # Errors
    /// Those of [`files_beside`](Self::files_beside), a mask that has colours in place of a number a pixel, and an object of such
    /// a class that has no outline.
    pub fn class_areas(&self, index: usize, classes: &[u16]) -> Result<Vec<Vec<bool>>> {
        let moving = self.moving(index)?;
        let masks = self.masks(index);
        if let ([], Some(labels)) = (masks, &self.images.label_files) {
            let name = self.name(index);
            let area = |&class| Ok(labels.mask(&name, &moving, class)?.into_pixels());
            return classes.iter().map(area).collect();
        }
        let shown = |name: &String| {
            let classes = png_mask::classes(&self.read_mask(name)?, &moving);
            classes.map_err(|e| self.unusable(name, "held", &e))
        };
        let masks: Vec<Vec<u16>> = masks.iter().map(shown).collect::<Result<_>>()?;
        let [_, height, width] = self.image_shape();
        let area = |class: &u16| {
            let is_shown = |pixel: usize| masks.iter().any(|mask| mask[pixel] == *class);
            (0..width * height).map(is_shown).collect()
        };
        Ok(classes.iter().map(area).collect())
    }

    /// SHA-256 of all labels in files of their own.
    pub(super) fn label_files_fingerprint(&self) -> Result<String> {
        let mut hashing = Hashing::new(std::io::sink());
        let mut add = |file: &CarriedFile| -> Result<()> {
            std::io::Write::write_all(&mut hashing, file.name.as_bytes())?;
            Ok(std::io::Write::write_all(&mut hashing, &file.bytes)?)
        };
        self.label_files()?.iter().try_for_each(&mut add)?;
        for index in 0..self.len() {
            if self.label_files_of(index).is_some() {
                self.files_beside(index)?.iter().try_for_each(&mut add)?;
            }
        }
        Ok(hashing.finish().1.sha256)
    }

    /// The label files, if one is of this image alone.
    fn label_files_of(&self, index: usize) -> Option<&dyn LabelFiles> {
        let label_files = self.images.label_files.as_deref()?;
        label_files
            .has_own_file(&self.name(index))
            .then_some(label_files)
    }

    /// Where preprocessing moves the pixels of an image.
    fn moving(&self, index: usize) -> Result<Move> {
        let [_, height, width] = self.image_shape().map(|side| side as u32);
        let (Some(chain), Some(root)) = (&self.images.chain, self.root()) else {
            return Ok(Move::of(PixelMap::identity([width, height])));
        };
        let name = self.name(index);
        let file = limits::open(&root.join(&name), limits::IMAGE)?;
        let turn = decode::turning(BufReader::new(file)).map_err(|e| self.about(&name, &e))?;
        Ok(Move::of_turned(turn, PixelMap::of(chain, turn.behind())?))
    }

    fn about(&self, name: &str, error: &Error) -> Error {
        self.unusable(name, "carried along", error)
    }

    fn unusable(&self, name: &str, use_of_it: &str, error: &Error) -> Error {
        let path = self
            .root()
            .map(|root| root.join(name).display().to_string());
        let path = path.unwrap_or_else(|| name.to_owned());
        let about = Error::data(format!("{path} cannot be {use_of_it}: {error}"));
        match error.hint() {
            Some(hint) => about.with_hint(hint.to_owned()),
            None => about,
        }
    }
}
