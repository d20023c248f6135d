//! What a format of refined sets is: how images and labels lie in the folder.

use std::ops::Range;
use std::path::Path;

use crate::refine::job::Job;
use crate::refine::summary::Done;
use simgan_base::Result;
use simgan_data::Dataset;

/// A format of refined sets. A new one is a file with this trait and a line of `formats::FORMATS`.
pub(super) trait Format: Sync {
    /// The place of an image called `name` below the folder, or in its files. No two images may have one.
    fn place(&self, name: String) -> String;

    /// Checks what this format asks of a data set besides places.
    ///
    /// # Errors
    /// Of kind [`Data`](simgan_base::ErrorKind::Data): what it cannot hold.
    fn check(&self, _images: &Dataset) -> Result<()> {
        Ok(())
    }

    /// Whether a part is one file.
    fn is_a_file_a_part(&self) -> bool;

    /// Files of the part that has the images of `range`.
    fn files(&self, images: &Dataset, range: Range<usize>) -> usize;

    /// Name of the table of all labels, where they do not lie with their images.
    fn label_table(&self) -> Option<&'static str>;

    /// Does the parts of `job` that are to be done.
    ///
    /// # Errors
    /// An image cannot be encoded, or a file cannot be written.
    fn write(&self, job: Job) -> Result<Done>;

    /// Images among the `listed` files of `folder`; `None` where one cannot be read, which its hash has told.
    fn count(&self, folder: &Path, listed: &[String]) -> Option<usize>;

    /// What is wrong with the labels of the `listed` files, a sentence each.
    fn label_problems(&self, _folder: &Path, _listed: &[String]) -> Vec<String> {
        Vec::new()
    }
}
