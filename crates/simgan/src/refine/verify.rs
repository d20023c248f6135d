//! Whether a refined set is what was written.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use simgan_base::Result;
use simgan_base::files::limits;
use simgan_base::files::sha256;
use simgan_base::files::sha256_sums as sums;
use simgan_data::image_folder::LABELS_FILE;
use simgan_data::refined_manifest;
use simgan_data::{Labels, Masks, OutputFormat, RefinedManifest};

/// What is wrong with the refined set in `folder`, a sentence each; nothing where it is sound.
///
/// Every file is read and compared with its SHA-256 in `SHA256SUMS`, that with its own in the manifest. Files that are
/// missing, changed or not listed are told, and label rows that are not those of the images, in their order.
///
/// # Errors
/// The folder has no manifest that can be read, or cannot be listed.
pub fn verify(folder: &Path) -> Result<Vec<String>> {
    let manifest = RefinedManifest::read(folder)?;
    let Some(expected) = &manifest.sums_sha256 else {
        return Ok(vec![format!(
            "its manifest has no hash of {}",
            sums::FILE_NAME
        )]);
    };
    let text = match limits::read(&folder.join(sums::FILE_NAME), limits::SUMS) {
        Ok(text) => text,
        Err(error) => return Ok(vec![format!("{} cannot be read: {error}", sums::FILE_NAME)]),
    };
    let mut problems = Vec::new();
    if sha256::of_bytes(&text) != *expected {
        problems.push(format!(
            "{} is changed: its SHA-256 differs",
            sums::FILE_NAME
        ));
    }
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    problems.par_extend(
        lines
            .par_iter()
            .filter_map(|line| sums::problem(folder, line)),
    );
    let listed = lines.iter().filter_map(|line| sums::parse(line));
    let listed: Vec<String> = listed.map(|(_, path)| path).collect();
    problems.extend(additional(folder, &listed)?);
    match manifest.format {
        OutputFormat::Folder => problems.extend(labels(folder, &manifest, &listed)),
        OutputFormat::Webdataset => problems.extend(samples(folder, &manifest, &listed)),
    }
    Ok(problems)
}

/// Files below `folder` that are not `listed`.
fn additional(folder: &Path, listed: &[String]) -> Result<Vec<String>> {
    let own = [sums::FILE_NAME, refined_manifest::FILE_NAME];
    let known: BTreeSet<&str> = listed.iter().map(String::as_str).chain(own).collect();
    let (mut folders, mut problems) = (vec![String::new()], Vec::new());
    while let Some(below) = folders.pop() {
        for entry in fs_err::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = format!("{below}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push(path + "/");
            } else if !known.contains(path.as_str()) {
                problems.push(format!("{path} was not there when the set was written"));
            }
        }
    }
    problems.sort_unstable();
    Ok(problems)
}

/// Images and label rows: as many as the manifest says, in the same order.
fn labels(folder: &Path, manifest: &RefinedManifest, listed: &[String]) -> Vec<String> {
    let masks = Masks::among(listed.iter().map(String::as_str));
    let is_image = |path: &&String| *path != LABELS_FILE && !masks.contains(path);
    let images: Vec<&String> = listed.iter().filter(is_image).collect();
    let mut problems = count(images.len(), manifest);
    let path = folder.join(LABELS_FILE);
    if !listed.iter().any(|path| path == LABELS_FILE) || !path.is_file() {
        return problems;
    }
    let labels = match Labels::read(&path) {
        Ok(labels) => labels,
        Err(error) => return [problems, vec![error.to_string()]].concat(),
    };
    if labels.len() != images.len() {
        problems.push(format!(
            "{LABELS_FILE} has {} rows for {} images",
            labels.len(),
            images.len()
        ));
    }
    let rows = (0..labels.len()).zip(images);
    let other = |&(row, image): &(usize, &String)| stem(&labels.file(row)) != stem(image);
    if let Some((row, image)) = rows.into_iter().find(other) {
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

/// Images in the tar files: as many as the manifest says. Tar files that cannot be read have been told.
fn samples(folder: &Path, manifest: &RefinedManifest, listed: &[String]) -> Vec<String> {
    let images = |tar: &String| -> std::io::Result<usize> {
        let mut archive = tar::Archive::new(fs_err::File::open(folder.join(tar))?);
        let mut images = vec![];
        for entry in archive.entries()? {
            let name = String::from_utf8_lossy(&entry?.path_bytes()).into_owned();
            if !name.ends_with(".json") {
                images.push(name);
            }
        }
        Ok(images.len() - Masks::among(images.iter().map(String::as_str)).len())
    };
    let found: std::io::Result<usize> = listed.par_iter().map(images).sum();
    found.map_or_else(|_| Vec::new(), |found| count(found, manifest))
}

fn count(found: usize, manifest: &RefinedManifest) -> Vec<String> {
    let expected = manifest.images;
    let problem = format!("it has {found} images, but {expected} were refined");
    (found != expected).then_some(problem).into_iter().collect()
}
