//! Verifying a refined set: hashes of every file, nothing missing or added, label rows against images.

use std::path::Path;

use crate::refine;
use crate::verification::{Kind, Verification};
use simgan_base::Result;

pub(super) fn verify(folder: &Path) -> Result<Verification> {
    let mut found = Verification::new(Kind::RefinedSet);
    found.problems = refine::verify(folder)?;
    count(folder, &mut found)?;
    Ok(found)
}

/// Counts the files, all of which were read.
fn count(folder: &Path, found: &mut Verification) -> Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            count(&entry.path(), found)?;
        } else {
            found.files += 1;
            found.bytes += metadata.len();
        }
    }
    Ok(())
}
