//! Whether a refined set is what was written.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use crate::refine::formats;
use simgan_base::Result;
use simgan_base::files::limits;
use simgan_base::files::sha256;
use simgan_base::files::sha256_sums as sums;
use simgan_data::RefinedManifest;
use simgan_data::refined_manifest;

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
    let format = formats::of(manifest.format);
    let found = format.count(folder, &listed);
    problems.extend(found.and_then(|found| other_count(found, &manifest)));
    problems.extend(format.label_problems(folder, &listed));
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

fn other_count(found: usize, manifest: &RefinedManifest) -> Option<String> {
    let expected = manifest.images;
    let problem = format!("it has {found} images, but {expected} were refined");
    (found != expected).then_some(problem)
}
