//! COCO's tables: a JSON file with `images`, `annotations` and `categories`, beside the images or in `annotations/`.
//!
//! `DIR` has one table; of several, `DIR/annotations/NAME.json` is the one that counts.

mod annotation;
mod category;
mod document;
mod edits;
#[cfg(any(test, feature = "testing"))]
mod fuzzing;
mod join;
mod label_files;
mod segmentation;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Quarantine;
use crate::decode;
use crate::decode::is_image_name;
use crate::formats::coco::document::Document;
use crate::formats::coco::join::Joined;
use crate::formats::coco::label_files::CocoFiles;
use crate::formats::image_folder::{ImageFolder, images};
use crate::formats::{Candidate, Files, Format, Plan, Planning, Request};
use crate::listing::Listing;
use crate::masks::{ALONE, Masks};
use crate::objects::Object;
use crate::objects::table::{ObjectTable, known_points};
use crate::pixel_map::PixelMap;
use crate::reader::Reader;
use simgan_base::files::limits;
use simgan_base::{Error, Result};

/// The folder of tables beside those of images.
const FOLDER: &str = "annotations";
/// What the text of every table has in it.
const KEYS: [&str; 3] = ["\"images\"", "\"annotations\"", "\"file_name\""];

pub(super) const FORMAT: Format = Format {
    name: "COCO",
    options: &[],
    detect: |candidate, _| Ok(!tables(candidate)?.is_empty()),
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[("coco", fuzzing::table, fuzzing::tables)],
};

/// Paths of the tables: of the file itself, else of those directly in the folder or in `annotations/`.
fn tables(candidate: &Candidate) -> Result<Vec<PathBuf>> {
    let is_table = |path: &PathBuf| {
        let text = limits::read_text(path, limits::LABELS);
        text.is_ok_and(|text| KEYS.iter().all(|key| text.contains(key)))
    };
    let path = candidate.path();
    if candidate.is_file() {
        let table = Some(path.to_owned()).filter(|path| is_json_name(&path.to_string_lossy()));
        return Ok(table.filter(is_table).into_iter().collect());
    }
    let listing = candidate.listing()?;
    let is_near = |name: &&str| {
        is_json_name(name)
            && name
                .strip_prefix("annotations/")
                .unwrap_or(name)
                .find('/')
                .is_none()
    };
    let near = listing.names.iter().filter(is_near);
    Ok(near.map(|name| path.join(name)).filter(is_table).collect())
}

fn is_json_name(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".json")
}

fn open(candidate: Candidate, _: &Request) -> Result<Files> {
    let tables = tables(&candidate)?;
    let is_chosen = candidate.is_file();
    let (candidate, table) = match &tables[..] {
        [table] if is_chosen => (Candidate::new(&root_of(table))?, table),
        [table] => (candidate, table),
        [] => {
            return Err(Error::data(format!(
                "{} is no table of COCO's",
                candidate.path().display()
            )));
        }
        [first, second, ..] => {
            let names = [first, second].map(|path| path.display().to_string());
            return Err(Error::data(format!(
                "{} holds {} tables of COCO's, {} and {} among them",
                candidate.path().display(),
                tables.len(),
                names[0],
                names[1]
            ))
            .with_hint(format!("give the one that counts: {}", names[0])));
        }
    };
    let place = table.display().to_string();
    let text = limits::read_text(table, limits::LABELS)?;
    let document = Arc::new(Document::parse(text).map_err(|e| e.at(&place))?);
    let root = candidate.path().to_owned();
    let masks = Masks::among(candidate.listing()?.names.iter());
    let joined = Joined::of(&document, candidate.listing()?, &masks).map_err(|e| e.at(&place))?;
    let own_masks = joined
        .images()
        .flat_map(|(image, _)| masks.of(&image).to_vec());
    let own_masks: HashSet<String> = own_masks.collect();
    let is_own = |name: &str| joined.has(name) || own_masks.contains(name);
    let is_wanted = |name: &str| is_image_name(name) && (!is_chosen || is_own(name));
    let name = table.strip_prefix(&root).unwrap_or(table);
    let name = name.to_string_lossy().replace('\\', "/");
    let listing = candidate.into_listing(is_wanted, |other| other == name)?;
    let label_files = CocoFiles {
        table: name.clone(),
        place: place.clone(),
        images: joined.images().collect(),
        document: Arc::clone(&document),
    };
    let points = known_points(&document.points);
    let plan = CocoPlan {
        place,
        masks: masks.clone(),
        document,
        joined,
    };
    Ok(Files {
        variant: name,
        masks,
        points,
        label_files: Some(Arc::new(label_files)),
        ..Files::new(FORMAT.name, root, listing, plan)
    })
}

/// The folder of a table's images: the one that holds it, or the one above `annotations`.
fn root_of(table: &Path) -> PathBuf {
    let above = |path: &Path| match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let folder = above(table);
    match folder.file_name().is_some_and(|name| name == FOLDER) {
        true => above(&folder),
        false => folder,
    }
}

struct CocoPlan {
    place: String,
    masks: Masks,
    document: Arc<Document>,
    joined: Joined,
}

impl CocoPlan {
    /// What has no image or no place in the table.
    fn left_out(&self, listing: &Listing) -> Quarantine {
        let mut left_out = Quarantine::default();
        for (name, reason) in self.joined.missing() {
            left_out.push(name, reason);
        }
        for file in images(listing, &self.masks) {
            let name = listing.names.get(file as usize);
            match self.masks.alone().contains(name) {
                true => left_out.push(name, ALONE),
                false if !self.joined.has(name) => {
                    left_out.push(name, format!("it is not in {}", self.place));
                }
                false => {}
            }
        }
        left_out
    }

    /// The objects of an image in its upright pixels.
    fn objects(
        &self,
        image: usize,
        file: usize,
        listing: &Listing,
        size: [u32; 2],
    ) -> Result<Vec<Object>> {
        let objects = self.document.objects(image)?;
        match self.document.images[image].size {
            // Whoever decodes an image without a size says why it has none.
            Some(stated) if stated != size && size != [0, 0] => {
                let turn = Self::turn(stated, size, decode::turning(listing.image(file)?)?)?;
                Ok(objects
                    .into_iter()
                    .map(|object| object.moved(&turn))
                    .collect())
            }
            _ => Ok(objects),
        }
    }

    /// The turn by which a table means an image: the size that it states is that of the image before.
    fn turn(stated: [u32; 2], size: [u32; 2], turn: PixelMap) -> Result<PixelMap> {
        let ([width, height], [wide, high]) = (stated, size);
        match turn.before() == stated {
            true => Ok(turn),
            false => Err(Error::data(format!(
                "its table says {width}x{height} of it, but it is {wide}x{high}"
            ))),
        }
    }
}

impl Plan for CocoPlan {
    fn reader(self: Box<Self>, listing: Listing, planning: &Planning) -> Result<Box<dyn Reader>> {
        let mut left_out = self.left_out(&listing);
        let sorted = listing.names.sorted();
        let mut table = ObjectTable::new(self.document.points.clone(), true);
        let mut files = vec![];
        for (name, image) in self.joined.images() {
            let Some(file) = listing.names.find(&sorted, &name) else {
                continue;
            };
            let size = planning.size(file as u32);
            let objects = self.objects(image as usize, file, &listing, size);
            match objects {
                Ok(objects) => {
                    table.push(&name, &objects, planning.map(file as u32));
                    files.push(file as u32);
                }
                Err(error) => left_out.push(&name, error.to_string()),
            }
        }
        let warnings = table.warnings();
        let labels = table.finish(&self.place)?;
        let folder = ImageFolder::of_rows(listing, files, labels, left_out, planning)?;
        Ok(Box::new(folder.warning(warnings)))
    }
}
