//! Output of `refine`: images in a folder or in tars, beside a manifest, already preprocessed.

use crate::formats::{
    Candidate, Files, Format, Request, class_folders, coco, image_folder, tar, yolo,
};
use crate::refined_manifest::RefinedManifest;
use simgan_base::{Error, Result};

pub(super) const FORMAT: Format = Format {
    name: "refined images",
    options: class_folders::FORMAT.options,
    detect: |candidate, _| Ok(RefinedManifest::exists(candidate.path())),
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[],
};

/// What a folder of refined images may hold, in the order in which it is looked for; else it is a folder of images.
const INNER: [Format; 5] = [
    class_folders::FORMAT,
    image_folder::FORMAT,
    tar::FORMAT,
    coco::FORMAT,
    yolo::FORMAT,
];

fn open(candidate: Candidate, request: &Request) -> Result<Files> {
    let path = candidate.path();
    if !request.preprocessing.framing.is_neutral() {
        // They have been through the whole chain.
        let path = path.display();
        let what = format!("{path} holds refined images, which are taken as they are");
        return Err(Error::data(what).with_hint("frame the images that `refine` reads instead"));
    }
    RefinedManifest::read(path)?.check(path, request.preprocessing)?;
    let mut inner = &image_folder::FORMAT;
    for format in &INNER {
        if (format.detect)(&candidate, request)? {
            inner = format;
            break;
        }
    }
    Ok(Files {
        preprocessed: true,
        ..(inner.open)(candidate, request)?
    })
}
