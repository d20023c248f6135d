//! Refined images as files of their own, labels as one table or as the files that they came in.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::refine::encode::encode;
use crate::refine::format::Format;
use crate::refine::job::Job;
use crate::refine::names::file_name;
use crate::refine::parts::PartWriter;
use crate::refine::summary::Done;
use simgan_base::Result;
use simgan_base::files::sha256_sums as sums;
use simgan_base::files::{disk, durable, sha256};
use simgan_data::decode::is_image_name;
use simgan_data::image_folder::LABELS_FILE;
use simgan_data::{Dataset, Labels, Masks};

/// The format.
pub(super) struct Folder;

impl Format for Folder {
    fn place(&self, name: String) -> String {
        file_name(name)
    }

    fn is_a_file_a_part(&self) -> bool {
        false
    }

    fn files(&self, images: &Dataset, range: Range<usize>) -> usize {
        range
            .map(|index| 1 + images.count_files_beside(index))
            .sum()
    }

    fn label_table(&self) -> Option<&'static str> {
        Some(LABELS_FILE)
    }

    fn write(&self, job: Job) -> Result<Done> {
        let (images, root) = (job.images, job.workspace.data());
        job.run(Files { images, root })
    }

    fn count(&self, _folder: &Path, listed: &[String]) -> Option<usize> {
        Some(images_among(listed).len())
    }

    fn label_problems(&self, folder: &Path, listed: &[String]) -> Vec<String> {
        let path = folder.join(LABELS_FILE);
        match listed.iter().any(|path| path == LABELS_FILE) && path.is_file() {
            true => row_problems(&path, &images_among(listed)),
            false => Vec::new(),
        }
    }
}

/// Image files below `root`.
struct Files<'a> {
    images: &'a Dataset,
    root: PathBuf,
}

/// Files that are written.
#[derive(Default)]
struct Written {
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

impl PartWriter for Files<'_> {
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
            for file in self.images.files_beside(index)? {
                written.add(self.root.join(&file.name), &file.bytes, &file.name)?;
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

/// The images of a refined set among its `listed` files.
fn images_among(listed: &[String]) -> Vec<&String> {
    let masks = Masks::among(listed.iter().map(String::as_str));
    let is_image = |path: &&String| is_image_name(path) && !masks.contains(path);
    listed.iter().filter(is_image).collect()
}

/// What is wrong with the rows of the table at `path`: as many as images, in their order.
fn row_problems(path: &Path, images: &[&String]) -> Vec<String> {
    let labels = match Labels::read(path) {
        Ok(labels) => labels,
        Err(error) => return vec![error.to_string()],
    };
    let mut problems = Vec::new();
    if labels.len() != images.len() {
        let (rows, images) = (labels.len(), images.len());
        problems.push(format!("{LABELS_FILE} has {rows} rows for {images} images"));
    }
    let mut rows = (0..labels.len()).zip(images);
    if let Some((row, image)) = rows.find(|(row, image)| stem(&labels.file(*row)) != stem(image)) {
        problems.push(format!(
            "{LABELS_FILE}, line {}: the row of {} stands where that of {image} was",
            labels.line(row),
            labels.file(row)
        ));
    }
    problems
}

/// The path without the ending, which refining may add, as data sets read it.
fn stem(path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    let parts: Vec<&str> = path.split('/').filter(|&part| part != ".").collect();
    let path = parts.join("/");
    match image::ImageFormat::from_path(&path) {
        Ok(_) => path
            .rsplit_once('.')
            .map_or("", |(stem, _)| stem)
            .to_owned(),
        Err(_) => path,
    }
}
