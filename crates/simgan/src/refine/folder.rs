//! Refined images as files of their own.

use std::ops::Range;
use std::path::PathBuf;

use crate::refine::encode::encode;
use crate::refine::names::file_name;
use crate::refine::parts::Format;
use simgan_base::Result;
use simgan_base::files::sha256_sums as sums;
use simgan_base::files::{disk, durable, sha256};
use simgan_data::Dataset;

/// Image files below `root`.
pub(super) struct Folder<'a> {
    images: &'a Dataset,
    root: PathBuf,
}

impl<'a> Folder<'a> {
    /// For `images`, into the folder `root`.
    pub(super) fn new(images: &'a Dataset, root: PathBuf) -> Self {
        Self { images, root }
    }
}

/// Files that are written.
#[derive(Default)]
pub(super) struct Written {
    sums: String,
    files: Vec<PathBuf>,
}

impl Written {
    /// Writes a file, called `name` below the root.
    fn add(&mut self, path: PathBuf, bytes: &[u8], name: &str) -> Result<()> {
        if let Some(folder) = path.parent() {
            disk::create_dir_all(folder)?;
        }
        disk::write(&path, bytes)?;
        self.sums += &sums::line(&sha256::of_bytes(bytes), name);
        self.files.push(path);
        Ok(())
    }
}

impl Format for Folder<'_> {
    type Batch = Written;
    type Part = Written;

    fn encode(&self, range: Range<usize>, pixels: &[u8]) -> Result<Written> {
        let shape = self.images.image_shape();
        let mut written = Written::default();
        let image_len: usize = shape.iter().product();
        for (index, pixels) in range.zip(pixels.chunks_exact(image_len)) {
            let name = file_name(self.images.name(index));
            let (path, bytes) = (self.root.join(&name), encode(&name, pixels, shape)?);
            written.add(path, &bytes, &name)?;
            for mask in self.images.masks(index) {
                let bytes = self.images.read_mask(mask)?;
                written.add(self.root.join(mask), &bytes, mask)?;
            }
        }
        Ok(written)
    }

    fn begin(&self, _part: usize) -> Result<Written> {
        Ok(Written::default())
    }

    fn append(&self, part: &mut Written, mut batch: Written) -> Result<()> {
        part.sums += &batch.sums;
        part.files.append(&mut batch.files);
        Ok(())
    }

    fn finish(&self, part: Written) -> Result<String> {
        durable::sync_files(&part.files)?;
        Ok(part.sums)
    }
}
