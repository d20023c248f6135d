//! Output of `refine`: images in a folder or in tars, beside a manifest, already preprocessed.

use crate::formats::{Candidate, Files, Format, Request, image_folder, tar};
use crate::refined_manifest::RefinedManifest;
use simgan_base::{Error, Result};

pub(super) const FORMAT: Format = Format {
    name: "refined images",
    options: &[],
    detect: |candidate| Ok(RefinedManifest::exists(candidate.path())),
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[],
};

fn open(candidate: Candidate, request: &Request) -> Result<Files> {
    let path = candidate.path();
    if !request.preprocessing.framing.is_neutral() {
        // They have been through the whole chain.
        let path = path.display();
        let what = format!("{path} holds refined images, which are taken as they are");
        return Err(Error::data(what).with_hint("frame the images that `refine` reads instead"));
    }
    RefinedManifest::read(path)?.check(path, request.preprocessing)?;
    let in_tars = (tar::FORMAT.detect)(&candidate)?;
    let inner = if in_tars {
        tar::FORMAT
    } else {
        image_folder::FORMAT
    };
    Ok(Files {
        preprocessed: true,
        ..(inner.open)(candidate, request)?
    })
}
