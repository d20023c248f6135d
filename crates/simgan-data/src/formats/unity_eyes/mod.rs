//! UnityEyes' own export: images, each beside its description: `1.jpg` and `1.json`.
//!
//! Images have any ending and any name, and may lie in folders. UnityEyes2 describes what several cameras see in one
//! file: `2_cam1.jpg` beside `2.json`.
//!
//! The crop is a box of 1.75 x the eye's width and an aspect of 4:2.5 round the centre of the eye's interior margin,
//! as in public loaders; what lies outside the image repeats its edge. The chain then makes it grey and resizes it.

mod description;
mod eye;
mod pairs;

use std::collections::HashSet;

use image::DynamicImage;

use crate::Quarantine;
use crate::decode::{decode, is_image_name};
use crate::formats::unity_eyes::description::{describe, is_foreign};
use crate::formats::unity_eyes::eye::{Eye, HEADER};
use crate::formats::unity_eyes::pairs::{Described, Pairs, is_description};
use crate::formats::{Candidate, Files, Format, Plan, Planning, Request};
use crate::listing::Listing;
use crate::points::KnownPoints;
use crate::reader::{Item, Reader, Row, Table};
use simgan_base::files::limits;
use simgan_base::formats::csv_text::quoted;
use simgan_base::{Error, Result};

pub(super) const FORMAT: Format = Format {
    name: "UnityEyes",
    options: &[],
    detect,
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[(
        "unity_eyes",
        |bytes| description::describe_and_crop(bytes).map(|_| ()),
        fuzzing::seeds,
    )],
};

/// Whether at least one image lies beside its description. Other programs describe images in JSON as well.
fn detect(candidate: &Candidate, _: &Request) -> Result<bool> {
    let listing = candidate.listing()?;
    let pairs = Pairs::of(&listing.names);
    Ok((pairs.images.first()).is_some_and(|pair| !describes_else(listing, pair.description)))
}

/// Whether a file is JSON of another kind. One that is damaged is none: whoever reads it says so.
fn describes_else(listing: &Listing, description: u32) -> bool {
    let text = listing.read(description as usize, limits::DESCRIPTION);
    text.is_ok_and(|text| is_foreign(&text))
}

fn open(candidate: Candidate, _: &Request) -> Result<Files> {
    let root = candidate.path().to_owned();
    let listing = candidate.listing()?;
    let bare = Pairs::of(&listing.names).bare_descriptions.into_iter();
    let others: HashSet<String> = bare
        .filter(|&description| describes_else(listing, description))
        .map(|description| listing.names.get(description as usize).to_owned())
        .collect();
    let is_own = |name: &str| is_description(name) && !others.contains(name);
    let listing = candidate.into_listing(is_image_name, is_own)?;
    Ok(Files {
        points: KnownPoints {
            in_fractions: true,
            ..KnownPoints::default()
        },
        ..Files::new(FORMAT.name, root, listing, ExportPlan)
    })
}

struct ExportPlan;

impl Plan for ExportPlan {
    fn reader(self: Box<Self>, listing: Listing, _: &Planning) -> Result<Box<dyn Reader>> {
        let pairs = Pairs::of(&listing.names);
        Ok(Box::new(UnityEyes {
            left_out: pairs.left_out(&listing.names),
            images: pairs.images,
            listing,
        }))
    }
}

/// The images that have a description.
struct UnityEyes {
    listing: Listing,
    images: Vec<Described>,
    left_out: Quarantine,
}

impl UnityEyes {
    fn read_pair(&self, pair: &Described) -> Result<(DynamicImage, Eye)> {
        let image = decode(self.listing.image(pair.image as usize)?)?;
        let description = pair.description as usize;
        let name = self.listing.names.get(description);
        let text = self.listing.read(description, limits::DESCRIPTION);
        let text = text.map_err(|e| Error::data(format!("its {name}: {e}")).with_source(e))?;
        let camera = pair.camera(&self.listing);
        let eye = describe(&text, name, camera, f64::from(image.height()))?;
        Ok((eye.crop(&image)?, eye))
    }
}

impl Reader for UnityEyes {
    fn units(&self) -> usize {
        self.images.len()
    }

    fn read(&self, unit: usize) -> Vec<Item> {
        let pair = &self.images[unit];
        let name = self.listing.names.get(pair.image as usize).to_owned();
        let (image, row) = match self.read_pair(pair) {
            Ok((image, eye)) => (
                Ok(image),
                Row::New(format!("{},{}", quoted(&name), eye.labels())),
            ),
            Err(error) => (Err(error), Row::None),
        };
        vec![Item { name, image, row }]
    }

    fn table(&self) -> Table {
        Table::Generated(HEADER.into())
    }

    fn left_out(&self) -> Quarantine {
        self.left_out.clone()
    }
}

#[cfg(any(test, feature = "testing"))]
mod fuzzing;

#[cfg(test)]
mod tests;
