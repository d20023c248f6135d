//! The layout of UnityEyes' own export: `1.jpg` beside `1.json`, image `index` being number `index + 1`.

use std::io::Cursor;
use std::path::Path;

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;

use crate::export::images::{Images, Progress};
use crate::export::layout::Layout;
use crate::simulated_image::SimulatedImage;
use crate::simulator::Simulator;
use simgan_base::files::disk;
use simgan_base::{Error, Result};

/// Quality of the images, of 100.
const JPEG_QUALITY: u8 = 95;

/// UnityEyes' own export.
#[derive(Debug)]
pub(super) struct UnityEyes;

impl Layout for UnityEyes {
    fn name(&self) -> &'static str {
        "unityeyes"
    }

    /// Its images show more than the eye.
    fn defaults(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("width", "640"),
            ("height", "480"),
            ("eye_width", "[0.40, 0.48]"),
        ]
    }

    fn check(&self, simulator: &dyn Simulator) -> Result<()> {
        match simulator.unity_eyes(0) {
            Some(_) => Ok(()),
            None => Err(no_eyes(simulator)),
        }
    }

    fn write(&self, images: &Images, folder: &Path, progress: Progress) -> Result<()> {
        let make = |index: u64| {
            let number = index + 1;
            let SimulatedImage::Colour(image) = images.simulator.render(index) else {
                return Err(no_eyes(images.simulator));
            };
            disk::write(&folder.join(format!("{number}.jpg")), jpeg(&image)?)?;
            let description = images.simulator.unity_eyes(index).unwrap_or_default();
            let text = format!("{description:#}\n");
            disk::write(&folder.join(format!("{number}.json")), text)
        };
        images.for_each(make, Ok, progress)
    }
}

fn no_eyes(simulator: &dyn Simulator) -> Error {
    Error::config(format!(
        "images of the simulator `{}` cannot be written as UnityEyes' export",
        simulator.description().kind
    ))
    .with_hint("write them as a folder")
}

/// A photograph as UnityEyes stores it.
///
/// # Errors
/// Of kind [`Data`](simgan_base::ErrorKind::Data): the image has no pixels or too many.
pub fn jpeg(image: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(vec![]);
    image
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))
        .map_err(|e| Error::data(format!("an image cannot be written as JPEG: {e}")))?;
    Ok(bytes.into_inner())
}
