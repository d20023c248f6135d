//! YOLO's text: a file an image with an object a line, in `labels/` for `images/` or beside the image.

mod description;
#[cfg(any(test, feature = "testing"))]
mod fuzzing;
mod label_files;
mod layout;
mod line;
mod text;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::Quarantine;
use crate::decode::is_image_name;
use crate::formats::image_folder::{ImageFolder, images};
use crate::formats::yolo::description::Description;
use crate::formats::yolo::label_files::YoloFiles;
use crate::formats::yolo::layout::{Descriptions, is_text_name, pairs};
use crate::formats::yolo::line::Line;
use crate::formats::yolo::text::{lines, parsed};
use crate::formats::{Candidate, Files, Format, Plan, Planning, Request};
use crate::listing::Listing;
use crate::masks::{ALONE, Masks};
use crate::objects::Object;
use crate::objects::table::{ObjectTable, known_points};
use crate::reader::Reader;
use simgan_base::files::limits;
use simgan_base::{Error, Result};

/// Texts that are looked into to know the format, spread over all.
const LOOKED_INTO: usize = 16;

pub(super) const FORMAT: Format = Format {
    name: "YOLO",
    options: &[],
    detect,
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[
        ("yolo", fuzzing::text, fuzzing::texts),
        ("yolo_names", fuzzing::description, fuzzing::descriptions),
    ],
};

/// Whether images have texts that are YOLO's: at least one of those that are looked into, but for empty ones.
fn detect(candidate: &Candidate, _: &Request) -> Result<bool> {
    let listing = candidate.listing()?;
    let texts: Vec<u32> = pairs(listing)
        .into_iter()
        .filter_map(|(_, text)| text)
        .collect();
    let step = texts.len().div_ceil(LOOKED_INTO).max(1);
    let shape = read_description(listing)
        .ok()
        .and_then(|description| description.points);
    let is_yolo = |&text: &u32| {
        let bytes = listing.read(text as usize, limits::DESCRIPTION);
        let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        text.is_some_and(|text| {
            let mut lines = lines(&text)
                .map(|(_, line)| Line::parse(line, shape))
                .peekable();
            lines.peek().is_some() && lines.all(|line| line.is_ok())
        })
    };
    Ok(texts.iter().step_by(step).any(is_yolo))
}

fn open(candidate: Candidate, _: &Request) -> Result<Files> {
    let root = candidate.path().to_owned();
    let listing = candidate.listing()?;
    let descriptions = Descriptions::of(listing)?;
    let description = read_description(listing)?;
    let texts: HashMap<String, String> = pairs(listing)
        .into_iter()
        .filter_map(|(image, text)| {
            let name = |at: u32| listing.names.get(at as usize).to_owned();
            Some((name(image), name(text?)))
        })
        .collect();
    let own: HashSet<&str> = texts.values().map(String::as_str).collect();
    let is_text = |name: &str| own.contains(name) || is_text_name(name) && is_among_labels(name);
    let is_beside = |name: &str| is_text(name) || descriptions.iter().any(|known| known == name);
    let listing = candidate.into_listing(is_image_name, is_beside)?;
    let masks = Masks::among(listing.names.iter());
    let points = description.point_names();
    let notes = without_text(&listing, &masks, &texts).into_iter().collect();
    let label_files = YoloFiles {
        root: root.clone(),
        texts,
        descriptions: descriptions.iter().cloned().collect(),
        shape: description.points,
        flipped: description.flipped.clone(),
    };
    let plan = YoloPlan {
        masks: masks.clone(),
        description,
    };
    Ok(Files {
        masks,
        points: known_points(&points),
        notes,
        label_files: Some(Arc::new(label_files)),
        ..Files::new(FORMAT.name, root, listing, plan)
    })
}

/// A sentence about images without a text, which are images of nothing.
fn without_text(
    listing: &Listing,
    masks: &Masks,
    texts: &HashMap<String, String>,
) -> Option<String> {
    let names = images(listing, masks).map(|image| listing.names.get(image as usize));
    let mut without = names.filter(|name| !texts.contains_key(*name));
    let first = without.next()?;
    Some(match without.count() {
        0 => format!("1 image has no text, and so no object: {first}"),
        n => format!(
            "{} images have no text, and so no object: {first} and {n} more",
            n + 1
        ),
    })
}

/// Whether a text lies in a folder of labels.
fn is_among_labels(name: &str) -> bool {
    name.split('/').rev().skip(1).any(|part| part == "labels")
}

/// What the set says of its classes.
fn read_description(listing: &Listing) -> Result<Description> {
    let files = Descriptions::of(listing)?;
    let read = |name: &String| {
        let path = listing.root.join(name);
        limits::read_text(&path, limits::DATA_MANIFEST).map(|text| (path, text))
    };
    let mut description = match &files.yaml {
        Some(name) => {
            let (path, text) = read(name)?;
            Description::of_yaml(&text).map_err(|e| e.at(&path.display().to_string()))?
        }
        None => Description::default(),
    };
    if let Some(name) = files.names.filter(|_| description.names.is_empty()) {
        description.names = Description::of_names(&read(&name)?.1).names;
    }
    Ok(description)
}

struct YoloPlan {
    masks: Masks,
    description: Description,
}

impl YoloPlan {
    /// The objects of an image of `size`; none without a text.
    fn objects(&self, listing: &Listing, text: Option<u32>, size: [u32; 2]) -> Result<Vec<Object>> {
        let Some(text) = text else {
            return Ok(vec![]);
        };
        let name = listing.names.get(text as usize);
        let objects = || {
            let bytes = listing.read(text as usize, limits::DESCRIPTION)?;
            let lines = parsed(&bytes, self.description.points)?;
            let object = |line: &Line| Ok(line.object(self.description.class(line.class)?, size));
            lines.iter().map(object).collect::<Result<_>>()
        };
        objects().map_err(|e: Error| Error::data(format!("its {name}: {e}")))
    }

    /// What cannot be used, before any image is read: texts and masks without an image.
    fn alone(&self, listing: &Listing, pairs: &[(u32, Option<u32>)]) -> Quarantine {
        let mut left_out = Quarantine::default();
        let alone = self.masks.alone();
        alone.iter().for_each(|name| left_out.push(name, ALONE));
        let own: HashSet<u32> = pairs.iter().filter_map(|&(_, text)| text).collect();
        for (index, name) in listing.names.iter().enumerate() {
            let is_text = is_text_name(name) && is_among_labels(name);
            if is_text && !own.contains(&(index as u32)) {
                left_out.push(name, "there is no image of its name");
            }
        }
        left_out
    }
}

impl Plan for YoloPlan {
    fn reader(self: Box<Self>, listing: Listing, planning: &Planning) -> Result<Box<dyn Reader>> {
        let all = pairs(&listing);
        let mut left_out = self.alone(&listing, &all);
        let name = |image: u32| listing.names.get(image as usize);
        let is_image = |image: u32| {
            !self.masks.contains(name(image)) && !self.masks.alone().contains(name(image))
        };
        let images: Vec<_> = all
            .into_iter()
            .filter(|&(image, _)| is_image(image))
            .collect();
        let objects = |&(image, text): &(u32, Option<u32>)| {
            self.objects(&listing, text, planning.size(image))
        };
        let objects: Vec<_> = images.par_iter().map(objects).collect();
        let mut table = ObjectTable::new(
            self.description.point_names(),
            matches!(self.description.points, Some([_, 3])),
        );
        let mut files = vec![];
        for ((image, _), objects) in images.into_iter().zip(objects) {
            match objects {
                Ok(objects) => {
                    table.push(name(image), &objects, planning.map(image));
                    files.push(image);
                }
                Err(error) => left_out.push(name(image), error.to_string()),
            }
        }
        let warnings = table.warnings();
        let labels = table.finish(&listing.root.display().to_string())?;
        let folder = ImageFolder::of_rows(listing, files, labels, left_out, planning)?;
        Ok(Box::new(folder.warning(warnings)))
    }
}
