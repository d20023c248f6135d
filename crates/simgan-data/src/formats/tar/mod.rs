//! WebDataset tar shards: headers, samples, labels, images read where they lie.

mod files;
#[cfg(any(test, feature = "testing"))]
mod fuzzing;
mod index;
mod labels;
mod shards;

use std::path::PathBuf;

use crate::formats::candidate::no_images;
use crate::formats::image_folder::refuse_tars;
use crate::formats::tar::index::TarIndex;
use crate::formats::tar::shards::TarShards;
pub(super) use crate::formats::tar::shards::{is_compressed_name, is_tar_name};
use crate::formats::{Candidate, Files, Format, Plan, Planning, Request};
use crate::listing::Listing;
use crate::reader::Reader;
use simgan_base::Result;

pub(super) const FORMAT: Format = Format {
    name: "tar shards",
    options: &[],
    detect: |candidate, _| Ok(candidate.listing()?.names.iter().any(is_tar_name)),
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[
        ("tar", index::scan_bytes, fuzzing::tars),
        ("tar_labels", fuzzing::labels, fuzzing::objects),
    ],
};

fn open(candidate: Candidate, _: &Request) -> Result<Files> {
    let root = candidate.path().to_owned();
    refuse_tars(candidate.listing()?)?;
    let listing = candidate.into_listing(is_tar_name, |_| false)?;
    let plan = ShardsPlan {
        root: root.clone(),
        index: TarIndex::default(),
    };
    Ok(Files::new(FORMAT.name, root, listing, plan))
}

struct ShardsPlan {
    /// The tar, or the folder of tars.
    root: PathBuf,
    /// What the tars hold, once they have been looked into.
    index: TarIndex,
}

impl Plan for ShardsPlan {
    fn check(&mut self, listing: &Listing) -> Result<()> {
        self.index = TarIndex::scan(listing)?;
        match self.index.samples.is_empty() && self.index.left_out.is_empty() {
            true => Err(no_images(&self.root, self.index.ignored)),
            false => Ok(()),
        }
    }

    fn reader(self: Box<Self>, listing: Listing, planning: &Planning) -> Result<Box<dyn Reader>> {
        Ok(Box::new(TarShards::plan(listing, self.index, planning)?))
    }
}
