//! Which way is up: the orientation that a camera notes in EXIF beside pixels that it stores as its sensor saw them.

use std::io::{BufRead, Seek};

use crate::read_array::array;
use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat};

/// Most bytes of EXIF in a PNG file; a JPEG file cannot have more either.
const MAX_EXIF: u32 = 1 << 16;
/// First bytes of a PNG file.
const PNG_SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// The orientation that `decoder` found; of a PNG file the one that [`of_png`] found. One that cannot be read is none,
/// as in image viewers.
pub(crate) fn of(
    decoder: &mut impl ImageDecoder,
    format: ImageFormat,
    of_png: Option<Orientation>,
) -> Orientation {
    match format {
        ImageFormat::Png => of_png.unwrap_or(Orientation::NoTransforms),
        _ => decoder.orientation().unwrap_or(Orientation::NoTransforms),
    }
}

/// The orientation in the `eXIf` chunk of a PNG file, which may stand behind the pixels, where decoders have not looked
/// when they begin. The source is left at its start.
pub(crate) fn of_png(source: &mut (impl BufRead + Seek)) -> std::io::Result<Option<Orientation>> {
    source.rewind()?;
    let orientation = exif_chunk(source).and_then(|exif| Orientation::from_exif_chunk(&exif));
    source.rewind()?;
    Ok(orientation)
}

fn exif_chunk(source: &mut (impl BufRead + Seek)) -> Option<Vec<u8>> {
    if array(source)? != PNG_SIGNATURE {
        return None;
    }
    loop {
        let length = u32::from_be_bytes(array(source)?);
        match &array(source)? {
            b"eXIf" if length <= MAX_EXIF => {
                let mut exif = vec![0; length as usize];
                source.read_exact(&mut exif).ok()?;
                return Some(exif);
            }
            b"IEND" => return None,
            // Its checksum follows.
            _ => source.seek_relative(i64::from(length) + 4).ok()?,
        }
    }
}

/// Width and height of an image of that size when it stands upright.
pub(crate) fn upright((width, height): (u32, u32), orientation: Orientation) -> (u32, u32) {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (height, width),
        _ => (width, height),
    }
}
