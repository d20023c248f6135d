//! A path whose format is looked for.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use crate::decode::EXTENSIONS;
use crate::listing::Listing;
use simgan_base::{Error, Result};

/// A folder or file, and the files in it, which are listed when they are first asked for.
pub(crate) struct Candidate {
    path: PathBuf,
    is_file: bool,
    listing: OnceCell<Listing>,
}

impl Candidate {
    /// # Errors
    /// There is nothing at `path`, or an empty folder.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::not_found("data set", path)
                .with_hint("give a folder of images, or part of one: DIR[:1000], DIR[10%:50%]"));
        }
        let is_file = path.is_file();
        if !is_file && fs_err::read_dir(path)?.next().is_none() {
            return Err(Error::data(format!("{} is empty", path.display())).with_hint(
                "a data set is a folder of images or of tars, a tar, UnityEyes' export or MPIIGaze's Data/Normalized",
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            is_file,
            listing: OnceCell::new(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is one file.
    pub(crate) fn is_file(&self) -> bool {
        self.is_file
    }

    /// All files below it.
    pub(crate) fn listing(&self) -> Result<&Listing> {
        if let Some(listing) = self.listing.get() {
            return Ok(listing);
        }
        let listing = self.list()?;
        Ok(self.listing.get_or_init(|| listing))
    }

    /// The files below it that are data, and those beside them that are wanted as well.
    ///
    /// # Errors
    /// The folder cannot be read, or nothing in it is data.
    pub(crate) fn into_listing(
        mut self,
        is_data: impl Fn(&str) -> bool,
        is_beside: impl Fn(&str) -> bool,
    ) -> Result<Listing> {
        let mut listing = match self.listing.take() {
            Some(listing) => listing,
            None => self.list()?,
        };
        listing.retain(|name| is_data(name) || is_beside(name));
        let found = listing.names.iter().any(is_data);
        let nothing = || no_images(&self.path, listing.others());
        found.then_some(()).ok_or_else(nothing)?;
        Ok(listing)
    }

    fn list(&self) -> Result<Listing> {
        match self.is_file {
            true => Listing::of_file(&self.path),
            false => Listing::scan(&self.path),
        }
    }
}

/// The error of a data set in which nothing is an image; `others` are its files.
pub(crate) fn no_images(path: &Path, others: usize) -> Error {
    let path = path.display();
    let what = match others {
        0 => format!("{path} holds no images"),
        1 => format!("{path} holds no images (1 other file)"),
        n => format!("{path} holds no images ({n} other files)"),
    };
    let endings = EXTENSIONS.join(", .");
    Error::data(what).with_hint(format!(
        "images end in .{endings}; a manifest or a label table alone is no data set"
    ))
}
