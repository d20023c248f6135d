//! Verifying an estimator: hashes of its files, and that it loads.

use std::path::Path;

use burn::tensor::Device;

use crate::tasks::Estimator;
use crate::tasks::model_file::FILES;
use crate::verification::{Kind, Verification};
use simgan_base::Result;

pub(super) fn verify(folder: &Path) -> Result<Verification> {
    let mut found = Verification::new(Kind::Estimator);
    match Estimator::problems(folder)? {
        Some(problems) if problems.is_empty() => {
            for name in FILES {
                found.file(&folder.join(name), Ok(()));
            }
        }
        Some(problems) => found.problems = problems,
        None => {
            let note = "it has no hashes: it is of an older version";
            found.notes.push(format!("{}: {note}", folder.display()));
        }
    }
    if found.problems.is_empty() {
        let loaded = Estimator::load(folder, &Device::flex());
        found.problems.extend(loaded.err().map(|e| e.to_string()));
    }
    Ok(found)
}
