//! Verifying an estimator: hashes of its files, and that it loads.

use std::path::Path;

use burn::tensor::Device;

use crate::tasks::Estimator;
use crate::tasks::model_file::FILES;
use crate::verification::{Kind, Verification};
use simgan_base::Result;

pub(super) fn verify(folder: &Path) -> Result<Verification> {
    let mut found = Verification::new(Kind::Estimator);
    found.problems = Estimator::problems(folder)?;
    if found.problems.is_empty() {
        for name in FILES {
            found.file(&folder.join(name), Ok(()));
        }
        let loaded = Estimator::load(folder, &Device::flex());
        found.problems.extend(loaded.err().map(|e| e.to_string()));
    }
    Ok(found)
}
