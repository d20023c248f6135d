//! ICVL's hands: `Depth/SEQUENCE/image_NNNN.png`, and `labels.txt`, or `test_seq_1.txt` and `test_seq_2.txt`, in a folder,
//! `Training` or `Testing`.
//!
//! Tang et al., *Latent Regression Forest: Structured Estimation of 3D Articulated Hand Posture*, CVPR 2014. Frames are 320x240,
//! whole millimetres in 16 bits. A line of a table is a path below `Depth` and column, row and millimetres of 16 joints.

use image::DynamicImage;

use crate::decode;
use crate::depth_cube::Depths;
use crate::formats::hands::frames;
use crate::formats::hands::frames::{HandsByName, Layout, triples};
use crate::formats::{Candidate, Files, Format, Request};
use simgan_base::{Error, Result};

/// Where the joints are: of the training part, and of the test part.
const TABLES: [&str; 3] = ["labels.txt", "test_seq_1.txt", "test_seq_2.txt"];
/// Where the frames are.
const FRAMES: &str = "Depth/";
/// The joints in the order of a line.
const JOINTS: [&str; 16] = [
    "palm",
    "thumb_root",
    "thumb_mid",
    "thumb_tip",
    "index_root",
    "index_mid",
    "index_tip",
    "middle_root",
    "middle_mid",
    "middle_tip",
    "ring_root",
    "ring_mid",
    "ring_tip",
    "little_root",
    "little_mid",
    "little_tip",
];

pub(crate) const FORMAT: Format = Format {
    name: "ICVL hands",
    options: &[],
    detect: |candidate, _| Ok(is_hands(candidate)),
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[(
        "icvl_joints",
        |bytes| read(bytes, &mut HandsByName::new()),
        examples,
    )],
};

#[cfg(any(test, feature = "testing"))]
fn examples() -> Vec<Vec<u8>> {
    let line = format!("2014/image_0000.png{}\n\n", " 160.5 120 400".repeat(16));
    vec![line.into_bytes()]
}

fn is_hands(candidate: &Candidate) -> bool {
    let folder = candidate.path();
    let has_table = TABLES.iter().any(|table| folder.join(table).is_file());
    has_table && folder.join(FRAMES).is_dir()
}

fn open(candidate: Candidate, _: &Request) -> Result<Files> {
    frames::open(candidate, &LAYOUT)
}

static LAYOUT: Layout = Layout {
    format: FORMAT.name,
    joints: &JOINTS,
    is_frame: |name| name.starts_with(FRAMES) && name.ends_with(".png"),
    is_table: |name| TABLES.contains(&name),
    read: |_, bytes, hands| read(bytes, hands),
    ending: "",
    decode: |listing, file| depths(decode::decode(listing.image(file)?)?),
};

/// Adds the joints of a table.
///
/// # Errors
/// A line that is not a path and 48 numbers; a path that has joints already.
fn read(bytes: &[u8], hands: &mut HandsByName) -> Result<()> {
    let text = str::from_utf8(bytes).map_err(|_| Error::data("it is not UTF-8 text"))?;
    for (index, line) in text.lines().enumerate() {
        let about = |e: Error| Error::data(format!("line {}: {e}", index + 1));
        let mut words = line.split_whitespace();
        let Some(path) = words.next() else {
            continue;
        };
        let joints = triples(words, JOINTS.len()).map_err(about)?;
        // The middle of the first pixel is (0, 0) here.
        let hand = joints.iter().map(|[u, v, d]| [u + 0.5, v + 0.5, *d]);
        let name = format!("{FRAMES}{path}");
        if hands.insert(name, hand.collect()).is_some() {
            return Err(about(Error::data(format!("{path} has joints already"))));
        }
    }
    Ok(())
}

fn depths(image: DynamicImage) -> Result<Depths> {
    match image {
        DynamicImage::ImageLuma16(depths) => Ok(depths),
        _ => Err(Error::data("it is not in grey of 16 bits, millimetres")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_path_and_48_numbers() {
        let mut hands = HandsByName::new();
        read(&examples()[0], &mut hands).unwrap();
        let hand = &hands["Depth/2014/image_0000.png"];
        assert_eq!((hand.len(), hand[15]), (16, [161.0, 120.5, 400.0]));
        let again = read(&examples()[0], &mut hands).unwrap_err().to_string();
        assert_eq!(again, "line 1: 2014/image_0000.png has joints already");
        for text in ["a.png 1 2", "a.png x"] {
            let error = read(text.as_bytes(), &mut hands).unwrap_err().to_string();
            assert_eq!(error, "line 1: it has not 48 numbers");
        }
    }
}
