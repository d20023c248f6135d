//! COCO's table: images, annotations and categories, with the text of each.

use std::collections::HashMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::carried::Move;
use crate::formats::coco::annotation::Annotation;
use crate::formats::coco::category::{Category, categories};
use crate::formats::coco::edits::{Edits, place_in};
use crate::objects::{Object, ObjectMask};
use simgan_base::{Error, Result};

/// A table, all of it.
#[derive(Debug)]
pub(super) struct Document {
    text: String,
    pub(super) images: Vec<Image>,
    categories: HashMap<String, Category>,
    /// Place in the text, and index of the image.
    annotations: Vec<(Range<usize>, u32)>,
    /// Annotations of each image.
    of_image: Vec<Vec<u32>>,
    /// Names of all key points.
    pub(super) points: Vec<String>,
}

/// An image of a table.
#[derive(Debug)]
pub(super) struct Image {
    place: Range<usize>,
    pub(super) file_name: String,
    /// Width and height, if they are given.
    pub(super) size: Option<[u32; 2]>,
}

#[derive(Deserialize)]
struct RawDocument<'a> {
    #[serde(borrow)]
    images: Vec<&'a RawValue>,
    #[serde(borrow)]
    annotations: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    categories: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawImage<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    file_name: String,
    #[serde(borrow)]
    width: Option<&'a RawValue>,
    #[serde(borrow)]
    height: Option<&'a RawValue>,
}

impl Document {
    /// Reads a table.
    ///
    /// # Errors
    /// What is no table of COCO's, names the place in it: an id that comes twice or is not there, a box that is none. The
    /// sentence starts with "it" or the place.
    pub(super) fn parse(text: String) -> Result<Self> {
        let malformed = |e| Error::data(format!("it is no table of COCO's: {e}"));
        let raw: RawDocument = serde_json::from_str(&text).map_err(malformed)?;
        let (categories, points) = categories(&raw.categories)?;
        let (mut ids, mut images) = (HashMap::new(), vec![]);
        for (at, json) in raw.images.iter().enumerate() {
            let (id, image) = image(&text, json).map_err(|e| e.at(&format!("images[{at}]")))?;
            images.push(image);
            if ids.insert(id, at as u32).is_some() {
                return Err(Error::data(format!(
                    "images[{at}]: its id {id} comes twice"
                )));
            }
        }
        let mut of_image = vec![vec![]; images.len()];
        let mut annotations = vec![];
        for (at, json) in raw.annotations.iter().enumerate() {
            let place = format!("annotations[{at}]");
            let annotation = Annotation::parse(json.get()).map_err(|e| e.at(&place))?;
            let id = annotation.image();
            let image = *ids.get(id).ok_or_else(|| {
                Error::data(format!("{place}: there is no image with the id {id}"))
            })?;
            if let Some(id) = annotation
                .category()
                .filter(|id| !categories.contains_key(*id))
            {
                return Err(Error::data(format!(
                    "{place}: there is no category with the id {id}"
                )));
            }
            of_image[image as usize].push(at as u32);
            annotations.push((place_in(&text, json.get()), image));
        }
        drop(ids);
        Ok(Self {
            text,
            images,
            categories,
            annotations,
            of_image,
            points,
        })
    }

    /// The objects of an image, crowds left out.
    ///
    /// # Errors
    /// An annotation that is malformed. The sentence starts with its place.
    pub(super) fn objects(&self, image: usize) -> Result<Vec<Object>> {
        let mut objects = vec![];
        for &at in &self.of_image[image] {
            let object = self.object(at as usize);
            objects.extend(object.map_err(|e| e.at(&format!("annotations[{at}]")))?);
        }
        Ok(objects)
    }

    fn object(&self, at: usize) -> Result<Option<Object>> {
        let annotation = self.annotation(at)?;
        let category = self.category(&annotation);
        let mut points = vec![];
        if let Some(category) = category {
            points.resize(self.points.len(), crate::objects::UNLABELLED);
            let own = annotation.points(category.points.len())?;
            for (&index, point) in category.points.iter().zip(own) {
                points[index] = point;
            }
        }
        let is_object = !annotation.is_crowd()?;
        Ok(is_object.then_some(Object {
            class: category
                .map(|category| category.name.clone())
                .unwrap_or_default(),
            rectangle: annotation.rectangle()?,
            points,
        }))
    }

    fn annotation(&self, at: usize) -> Result<Annotation<'_>> {
        Annotation::parse(&self.text[self.annotations[at].0.clone()])
    }

    fn category(&self, annotation: &Annotation) -> Option<&Category> {
        self.categories.get(annotation.category()?)
    }

    /// An image as JSON, with the size that `moving` gives it.
    pub(super) fn moved_image(&self, image: usize, moving: &Move) -> Result<String> {
        let text = &self.text[self.images[image].place.clone()];
        let malformed = |e| Error::data(format!("images[{image}]: {e}"));
        let raw: RawImage = serde_json::from_str(text).map_err(malformed)?;
        let mut edits = Edits::of(text);
        let map = moving.of_labels(self.images[image].size).map;
        for (axis, side) in [raw.width, raw.height].into_iter().enumerate() {
            let [from, to] = [map.before(), map.behind()].map(|size| size[axis]);
            if let Some(side) = side.filter(|_| from != to) {
                edits.replace(side.get(), to.to_string());
            }
        }
        Ok(edits.apply())
    }

    /// The annotations of an image as JSON, moved.
    ///
    /// # Errors
    /// One that is malformed, or a mask of another size than its image. The sentence starts with its place.
    pub(super) fn moved_annotations(&self, image: usize, moving: &Move) -> Result<Vec<String>> {
        let annotations = self.of_image[image].iter();
        annotations
            .map(|&at| self.moved_annotation(at as usize, moving))
            .collect()
    }

    fn moved_annotation(&self, at: usize, moving: &Move) -> Result<String> {
        let (place, image) = self.annotations[at].clone();
        let text = &self.text[place];
        let moving = moving.of_labels(self.images[image as usize].size);
        if moving.map.is_identity() {
            return Ok(text.to_owned());
        }
        let moved = || {
            let annotation = Annotation::parse(text)?;
            annotation.moved(&moving, self.category(&annotation))
        };
        moved().map_err(|e: Error| e.at(&format!("annotations[{at}]")))
    }

    /// The pixels of all objects of a category in an image, moved.
    ///
    /// # Errors
    /// There is no such category; an object without an outline, or with a malformed one. The sentence starts with its place.
    pub(super) fn mask(&self, image: usize, moving: &Move, category: u16) -> Result<ObjectMask> {
        let id = category.to_string();
        if !self.categories.contains_key(&id) {
            return Err(Error::data(format!(
                "there is no category with the id {id}, but `hold.masks` names it"
            )));
        }
        let moving = moving.of_labels(self.images[image].size);
        let mut mask = ObjectMask::empty(moving.map.behind());
        for &at in &self.of_image[image] {
            let annotation = self.annotation(at as usize)?;
            if annotation.category() == Some(&id) {
                let object = annotation.mask(&moving);
                mask.add(&object.map_err(|e| e.at(&format!("annotations[{at}]")))?);
            }
        }
        Ok(mask)
    }

    /// The table of the images that have a move, moved: in its order, every other byte as it was.
    ///
    /// # Errors
    /// Those of [`moved_annotations`](Self::moved_annotations).
    pub(super) fn moved(&self, moves: &[Option<&Move>]) -> Result<String> {
        let mut edits = Edits::of(&self.text);
        let images = self.images.iter().enumerate().map(|(at, image)| {
            let moved = moves[at].map(|moving| self.moved_image(at, moving));
            Ok((&image.place, moved.transpose()?))
        });
        change_array(&mut edits, &images.collect::<Result<Vec<_>>>()?);
        let annotations = self
            .annotations
            .iter()
            .enumerate()
            .map(|(at, (place, image))| {
                let moved = moves[*image as usize].map(|moving| self.moved_annotation(at, moving));
                Ok((place, moved.transpose()?))
            });
        change_array(&mut edits, &annotations.collect::<Result<Vec<_>>>()?);
        Ok(edits.apply())
    }
}

/// Changes the elements of an array, and takes those out of which nothing is left, each with its comma.
fn change_array(edits: &mut Edits, elements: &[(&Range<usize>, Option<String>)]) {
    let mut is_one_kept = false;
    for (at, (place, new)) in elements.iter().enumerate() {
        match new {
            Some(new) => {
                edits.replace_at((*place).clone(), new.clone());
                is_one_kept = true;
            }
            None => {
                let out = match (is_one_kept, elements.get(at + 1)) {
                    (true, _) => elements[at - 1].0.end..place.end,
                    (false, Some((next, _))) => place.start..next.start,
                    (false, None) => (*place).clone(),
                };
                edits.replace_at(out, String::new());
            }
        }
    }
}

/// Id and description of an image.
fn image<'a>(text: &str, json: &'a RawValue) -> Result<(&'a str, Image)> {
    let malformed = |e: serde_json::Error| Error::data(e.to_string());
    let raw: RawImage = serde_json::from_str(json.get()).map_err(malformed)?;
    let side = |side: Option<&RawValue>| {
        side.map(|side| serde_json::from_str(side.get()))
            .transpose()
    };
    let size = (
        side(raw.width).map_err(malformed)?,
        side(raw.height).map_err(malformed)?,
    );
    let image = Image {
        place: place_in(text, json.get()),
        file_name: raw.file_name,
        size: size.0.zip(size.1).map(<[u32; 2]>::from),
    };
    Ok((raw.id.get(), image))
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
