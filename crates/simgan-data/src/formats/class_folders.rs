//! A folder with a folder a class, whose names are read as labels where `DIR?classes` asks for it: names of folders may
//! be anything else as well, persons or days.

use crate::Quarantine;
use crate::formats::image_folder::{ImageFolder, images};
use crate::formats::{Candidate, Files, Format, Plan, Planning, Request};
use crate::labels::Labels;
use crate::listing::Listing;
use crate::masks::{ALONE, Masks};
use crate::reader::Reader;
use simgan_base::formats::csv_text::quoted;
use simgan_base::{Error, Result};

/// The word behind `?`.
const OPTION: &str = "classes";

pub(super) const FORMAT: Format = Format {
    name: "class folders",
    options: &[OPTION],
    detect: |candidate, request| Ok(request.has(OPTION) && !candidate.is_file()),
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[],
};

fn open(candidate: Candidate, _: &Request) -> Result<Files> {
    let root = candidate.path().to_owned();
    let listing = candidate.into_listing(crate::decode::is_image_name, |_| false)?;
    let masks = Masks::among(listing.names.iter());
    let plan = ClassPlan {
        masks: masks.clone(),
    };
    Ok(Files {
        labels_origin: format!("{} ({})", root.display(), FORMAT.name),
        masks,
        ..Files::new(FORMAT.name, root, listing, plan)
    })
}

struct ClassPlan {
    masks: Masks,
}

impl Plan for ClassPlan {
    fn check(&mut self, listing: &Listing) -> Result<()> {
        let mut names = images(listing, &self.masks).map(|file| listing.names.get(file as usize));
        if names.any(|name| name.contains('/')) {
            return Ok(());
        }
        let root = listing.root.display();
        Err(
            Error::data(format!("{root} holds no folder of images, and so no class"))
                .with_hint("DIR?classes reads a folder a class: DIR/cat/1.png, DIR/dog/1.png"),
        )
    }

    fn reader(self: Box<Self>, listing: Listing, planning: &Planning) -> Result<Box<dyn Reader>> {
        let mut left_out = Quarantine::default();
        let alone = self.masks.alone();
        alone.iter().for_each(|name| left_out.push(name, ALONE));
        let (mut files, mut text) = (vec![], "file,class\n".to_owned());
        for file in images(&listing, &self.masks) {
            let name = listing.names.get(file as usize);
            match name.split_once('/') {
                _ if alone.contains(name) => {}
                Some((class, _)) => {
                    text += &format!("{},{}\n", quoted(name), quoted(class));
                    files.push(file);
                }
                None => left_out.push(name, "it lies in no folder, and so has no class"),
            }
        }
        let labels = Labels::parse(text.into_bytes(), listing.root.display().to_string())?;
        let folder = ImageFolder::of_rows(listing, files, labels, left_out, planning)?;
        Ok(Box::new(folder))
    }
}
