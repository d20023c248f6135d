//! Which run has refined a set: by the SHA-256 of the refiner's weights in its manifest.

use std::path::Path;

use crate::training::{RunDir, checkpoint};
use simgan_base::files::sha256;
use simgan_base::{Error, Result};
use simgan_data::RefinedManifest;

/// Checks that a refiner of `run`, of any checkpoint it has, has refined the images in `folder`.
///
/// # Errors
/// Of kind [`Data`](simgan_base::ErrorKind::Data): `folder` has no manifest, so that nothing tells who refined it.
/// Of kind [`Model`](simgan_base::ErrorKind::Model): none of the run's refiners has. A checkpoint cannot be read.
pub fn check(run: &RunDir, folder: &Path) -> Result<()> {
    let Some(manifest) = RefinedManifest::find(folder)? else {
        let message = format!(
            "{} has no manifest of `simgan refine`, so that nothing tells which run refined it",
            folder.display()
        );
        return Err(Error::data(message).with_hint(HINT));
    };
    for (_, path) in run.checkpoints()? {
        for average in [true, false] {
            let file = checkpoint::refiner_file(&path, average);
            if file.is_file() && sha256::of_file(&file)?.sha256 == manifest.refiner_sha256 {
                return Ok(());
            }
        }
    }
    Err(Error::model(format!(
        "{} was not refined by {}: no checkpoint there has a refiner of SHA-256 {}",
        folder.display(),
        run.path().display(),
        manifest.refiner_sha256
    ))
    .with_hint(HINT))
}

const HINT: &str = "give the run that refined these images, or refine them again with this one";
