//! A folder of images, with or without a `labels.csv`.

mod join;
mod label_table;

use std::collections::BTreeSet;

use crate::decode::{decode, is_image_name};
use crate::formats::image_folder::join::join;
use crate::formats::tar::is_tar_name;
use crate::formats::{Candidate, Files, Format, Plan, Planning, Request};
use crate::listing::Listing;
use crate::masks::{ALONE, Masks};
use crate::reader::{Item, Reader, Row, Table};
use crate::{Labels, Quarantine, odd_sizes};
pub(super) use join::images;
pub use label_table::LABELS_FILE;
use simgan_base::{Error, Result};

pub(super) const FORMAT: Format = Format {
    name: "image folder",
    options: &[],
    detect,
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[],
};

/// A folder with a label table is one, whatever else it holds.
fn detect(candidate: &Candidate, _: &Request) -> Result<bool> {
    if !label_table::may_exist(candidate)? {
        return Ok(false);
    }
    let listing = candidate.listing()?;
    Ok(listing.names.iter().any(is_image_name) && label_table::find(listing)?.is_some())
}

fn open(candidate: Candidate, _: &Request) -> Result<Files> {
    let root = candidate.path().to_owned();
    let listing = candidate.listing()?;
    refuse_tars(listing)?;
    let table = label_table::find(listing)?;
    let labels_origin = root.join(table.as_deref().unwrap_or(LABELS_FILE));
    let listing = candidate.into_listing(is_image_name, |name| Some(name) == table.as_deref())?;
    let masks = Masks::among(listing.names.iter());
    let notes = match &table {
        None if masks.is_empty() => class_folders(&listing).into_iter().collect(),
        _ => vec![],
    };
    let plan = FolderPlan {
        table: table.clone(),
        masks: masks.clone(),
    };
    Ok(Files {
        variant: table.unwrap_or_default(),
        labels_origin: labels_origin.display().to_string(),
        masks,
        notes,
        ..Files::new(FORMAT.name, root, listing, plan)
    })
}

/// A sentence about folders whose names may be classes.
fn class_folders(listing: &Listing) -> Option<String> {
    let images = || listing.names.iter().filter(|name| is_image_name(name));
    let folders: BTreeSet<&str> = images()
        .filter_map(|name| Some(name.split_once('/')?.0))
        .collect();
    let all_in_folders = images().all(|name| name.contains('/'));
    let mut names = folders.iter();
    match (all_in_folders, names.next(), names.next()) {
        (true, Some(first), Some(second)) => Some(format!(
            "the names of its {} folders, {first} and {second} among them, are not read as labels: DIR?classes reads them",
            folders.len()
        )),
        _ => None,
    }
}

/// # Errors
/// Some images lie in tars, and some do not.
pub(super) fn refuse_tars(listing: &Listing) -> Result<()> {
    let first = |wanted: fn(&str) -> bool| listing.names.iter().find(|name| wanted(name));
    let (Some(tar), Some(image)) = (first(is_tar_name), first(is_image_name)) else {
        return Ok(());
    };
    let root = listing.root.display();
    let what = format!("{root} holds images and tars: {image} and {tar}, for example");
    Err(Error::data(what).with_hint("which are the data? move the others to another folder"))
}

/// Reads images, and the label table of this name, if there is one.
struct FolderPlan {
    table: Option<String>,
    masks: Masks,
}

impl Plan for FolderPlan {
    fn reader(self: Box<Self>, listing: Listing, planning: &Planning) -> Result<Box<dyn Reader>> {
        let read = |table: String| {
            let labels = Labels::read(&listing.root.join(&table))?;
            Ok::<_, Error>((table, labels))
        };
        let labels = self.table.map(read).transpose()?;
        Ok(Box::new(ImageFolder::plan(
            listing,
            labels,
            &self.masks,
            planning,
        )?))
    }
}

/// The images in the order of `labels.csv`, else in natural order of their names.
pub(crate) struct ImageFolder {
    listing: Listing,
    /// Files of the listing, in order.
    files: Vec<u32>,
    /// Row of each file; empty without labels.
    rows: Vec<u32>,
    labels: Option<Labels>,
    left_out: Quarantine,
    /// What the labels are warned of.
    warnings: Vec<String>,
}

impl ImageFolder {
    /// Joins images and labels, which lie in the file of this name, and checks sizes.
    fn plan(
        listing: Listing,
        labels: Option<(String, Labels)>,
        masks: &Masks,
        planning: &Planning,
    ) -> Result<Self> {
        let mut left_out = Quarantine::default();
        let (files, rows) = match &labels {
            Some((table, labels)) => join(&listing, table, labels, masks, &mut left_out)?,
            None => {
                let alone = masks.alone();
                alone.iter().for_each(|name| left_out.push(name, ALONE));
                let name = |&file: &u32| listing.names.get(file as usize);
                let files = images(&listing, masks).filter(|file| !alone.contains(name(file)));
                (files.collect(), vec![])
            }
        };
        let labels = labels.map(|(_, labels)| labels);
        let mut folder = Self {
            listing,
            files,
            rows,
            labels,
            left_out,
            warnings: vec![],
        };
        folder.leave_odd_sizes_out(planning)?;
        Ok(folder)
    }

    /// Images with a row each, in this order, besides what is left out.
    ///
    /// # Errors
    /// Mixed sizes.
    pub(crate) fn of_rows(
        listing: Listing,
        files: Vec<u32>,
        labels: Labels,
        left_out: Quarantine,
        planning: &Planning,
    ) -> Result<Self> {
        let mut folder = Self {
            rows: (0..files.len() as u32).collect(),
            listing,
            files,
            labels: Some(labels),
            left_out,
            warnings: vec![],
        };
        folder.leave_odd_sizes_out(planning)?;
        Ok(folder)
    }

    /// The same, with warnings.
    pub(crate) fn warning(self, warnings: Vec<String>) -> Self {
        Self { warnings, ..self }
    }

    fn leave_odd_sizes_out(&mut self, planning: &Planning) -> Result<()> {
        if planning.preprocessing.allow_mixed_sizes {
            return Ok(());
        }
        let size = |file: u32| planning.dimensions[file as usize];
        let image = |&file: &u32| (self.listing.names.get(file as usize), size(file));
        let images = self.files.iter().map(image);
        let odd = odd_sizes::reasons(&self.listing.root, images, planning.on_bad_image)?;
        for (&file, reason) in self.files.iter().zip(&odd) {
            if let Some(reason) = reason {
                let name = self.listing.names.get(file as usize);
                self.left_out.push(name, reason);
            }
        }
        let mut keep = odd.iter().map(Option::is_none);
        self.files.retain(|_| keep.next().unwrap_or(true));
        let mut keep = odd.iter().map(Option::is_none);
        self.rows.retain(|_| keep.next().unwrap_or(true));
        Ok(())
    }
}

impl Reader for ImageFolder {
    fn units(&self) -> usize {
        self.files.len()
    }

    fn read(&self, unit: usize) -> Vec<Item> {
        let file = self.files[unit] as usize;
        vec![Item {
            name: self.listing.names.get(file).to_owned(),
            image: self.listing.image(file).and_then(decode),
            row: self
                .rows
                .get(unit)
                .map_or(Row::None, |&row| Row::Existing(row as usize)),
        }]
    }

    fn table(&self) -> Table {
        self.labels.clone().map_or(Table::None, Table::Existing)
    }

    fn left_out(&self) -> Quarantine {
        self.left_out.clone()
    }

    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }
}
