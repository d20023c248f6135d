//! A data set on disk whose files are listed, but not read.

use std::path::PathBuf;
use std::sync::Arc;

use crate::carried::LabelFiles;
use crate::listing::Listing;
use crate::masks::Masks;
use crate::pixel_map::PixelMap;
use crate::points::KnownPoints;
use crate::reader::Reader;
use crate::{OnBadImage, Preprocessing};
use simgan_base::Result;

/// The files of a data set, and how they are to be read.
pub(crate) struct Files {
    /// The folder or file that names of images are relative to.
    pub(crate) root: PathBuf,
    pub(crate) listing: Listing,
    /// Whether the images have been through the chain already.
    pub(crate) preprocessed: bool,
    /// What is known of the points in the labels.
    pub(crate) points: KnownPoints,
    /// All that changes what is read, beside the format and the files themselves.
    pub(crate) variant: String,
    /// What errors call the labels.
    pub(crate) labels_origin: String,
    /// Images that are carried along with others.
    pub(crate) masks: Masks,
    /// Labels that go with images into a refined set, where they lie in files of their own.
    pub(crate) label_files: Option<Arc<dyn LabelFiles>>,
    /// Sentences about what is not read, beside those of the listing.
    pub(crate) notes: Vec<String>,
    pub(crate) plan: Box<dyn Plan>,
}

impl Files {
    /// Files of the format called `format` that are read as they are.
    pub(crate) fn new(
        format: &str,
        root: PathBuf,
        listing: Listing,
        plan: impl Plan + 'static,
    ) -> Self {
        Self {
            labels_origin: format!("{} ({})", root.display(), format),
            root,
            listing,
            preprocessed: false,
            points: KnownPoints::default(),
            variant: String::new(),
            masks: Masks::default(),
            label_files: None,
            notes: vec![],
            plan: Box::new(plan),
        }
    }

    /// Sentences about what lies in the data set and is not read.
    pub(crate) fn unread(&self) -> Vec<String> {
        let mut unread = self.listing.unread();
        unread.extend_from_slice(&self.notes);
        match self.masks.len() {
            0 => {}
            1 => unread.push("1 mask is carried along, and not trained on".to_owned()),
            n => unread.push(format!("{n} masks are carried along, and not trained on")),
        }
        unread
    }
}

/// What a plan may depend on.
pub(crate) struct Planning<'a> {
    /// Width and height that each listed file states; (0, 0) where it is no image. Empty where files are not looked into.
    pub(crate) dimensions: &'a [(u32, u32)],
    pub(crate) preprocessing: &'a Preprocessing,
    /// Whether the images have been through the chain already.
    pub(crate) preprocessed: bool,
    pub(crate) on_bad_image: OnBadImage,
}

impl Planning<'_> {
    /// Width and height that a listed file states; 0 and 0 where they are not known.
    pub(crate) fn size(&self, file: u32) -> [u32; 2] {
        let size = self.dimensions.get(file as usize);
        size.copied().unwrap_or_default().into()
    }

    /// Where the pixels of a listed image will go; `None` where its size is not known, and where it cannot be cropped,
    /// which is told when it is read.
    pub(crate) fn map(&self, file: u32) -> Option<PixelMap> {
        let size = self.size(file);
        match self.preprocessed {
            _ if size == [0, 0] => None,
            true => Some(PixelMap::identity(size)),
            false => PixelMap::of(self.preprocessing, size).ok(),
        }
    }
}

/// How the files of a format are read.
pub(crate) trait Plan {
    /// Refuses files that cannot be used, before all of them are hashed, which takes longer.
    ///
    /// # Errors
    /// Those of the format.
    fn check(&mut self, _listing: &Listing) -> Result<()> {
        Ok(())
    }

    /// Joins images and labels.
    ///
    /// # Errors
    /// Mixed sizes, a malformed table, and others of the format.
    fn reader(self: Box<Self>, listing: Listing, planning: &Planning) -> Result<Box<dyn Reader>>;
}
