//! MSRA's hands: `P0` to `P8`, in them folders of gestures, in these `NNNNNN_depth.bin` and `joint.txt`. The folder above all,
//! one person's or one gesture's may be given.
//!
//! Sun et al., *Cascaded Hand Pose Regression*, CVPR 2015, and the description that comes with the images. A file is six integers
//! of 32 bits (width and height of the frame; left, top, right and bottom of the part that is there, right and bottom
//! exclusive) and the part's millimetres row by row, floats of 32 bits; little-endian. The first line of `joint.txt` is
//! the number of frames, each other one x, y, z of 21 joints in millimetres: x to the right, y up, z towards the camera.

#[cfg(any(test, feature = "testing"))]
mod fixture;

use image::Luma;

use crate::depth_cube::Depths;
use crate::formats::hands::frames;
use crate::formats::hands::frames::{FOCAL, HandsByName, Layout, triples};
use crate::formats::hands::joints::Hand;
use crate::formats::{Candidate, Files, Format, Request};
use crate::listing::Listing;
use simgan_base::files::limits;
use simgan_base::{Error, Result};

/// Where the joints of a folder are.
const TABLE: &str = "joint.txt";
/// Ending of a frame's name; before it stands its number, from 0.
const ENDING: &str = "_depth.bin";
/// Middle of the frame, where the middle of its first pixel is (0, 0).
const MIDDLE: [f64; 2] = [160.0, 120.0];
/// Most pixels of a frame across and down.
const LARGEST: u32 = 4096;
/// The joints in the order of a line.
const JOINTS: [&str; 21] = [
    "wrist",
    "index_mcp",
    "index_pip",
    "index_dip",
    "index_tip",
    "middle_mcp",
    "middle_pip",
    "middle_dip",
    "middle_tip",
    "ring_mcp",
    "ring_pip",
    "ring_dip",
    "ring_tip",
    "little_mcp",
    "little_pip",
    "little_dip",
    "little_tip",
    "thumb_mcp",
    "thumb_pip",
    "thumb_dip",
    "thumb_tip",
];

pub(crate) const FORMAT: Format = Format {
    name: "MSRA hands",
    options: &[],
    detect: |candidate, _| Ok(!candidate.is_file() && is_hands(candidate.listing()?)),
    open,
    #[cfg(any(test, feature = "testing"))]
    parsers: &[
        (
            "msra_joints",
            |bytes| read_joints(bytes).map(drop),
            || vec![fixture::joints(2)],
        ),
        (
            "msra_depth",
            |bytes| read_depths(bytes).map(drop),
            || {
                vec![fixture::frame(
                    [6, 4],
                    [1, 2, 3, 4],
                    &[400.0, 401.6, 0.0, 402.0],
                )]
            },
        ),
    ],
};

fn is_hands(listing: &Listing) -> bool {
    let has = |wanted: fn(&str) -> bool| listing.names.iter().any(wanted);
    has(is_frame) && has(is_table)
}

fn is_frame(name: &str) -> bool {
    name.ends_with(ENDING)
}

fn is_table(name: &str) -> bool {
    name.strip_suffix(TABLE)
        .is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
}

fn open(candidate: Candidate, _: &Request) -> Result<Files> {
    frames::open(candidate, &LAYOUT)
}

static LAYOUT: Layout = Layout {
    format: FORMAT.name,
    joints: &JOINTS,
    is_frame,
    is_table,
    read,
    ending: ".bin",
    decode: |listing, file| read_depths(&listing.read(file, limits::IMAGE)?),
};

/// Adds the joints of a folder, whose table has this name.
fn read(table: &str, bytes: &[u8], hands: &mut HandsByName) -> Result<()> {
    let folder = table.strip_suffix(TABLE).unwrap_or_default();
    let frames = read_joints(bytes)?.into_iter().enumerate();
    hands.extend(frames.map(|(frame, hand)| (format!("{folder}{frame:06}{ENDING}"), hand)));
    Ok(())
}

/// The joints of every frame of a folder.
///
/// # Errors
/// It is not a number of frames and as many lines of 63 numbers. The sentence starts with "it" or names a line.
fn read_joints(bytes: &[u8]) -> Result<Vec<Hand>> {
    let text = str::from_utf8(bytes).map_err(|_| Error::data("it is not UTF-8 text"))?;
    let mut lines = text.lines();
    let count = lines.next().and_then(|line| line.trim().parse().ok());
    let count: usize =
        count.ok_or_else(|| Error::data("it does not begin with how many frames there are"))?;
    let hands = lines
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            let joints = triples(line.split_whitespace(), JOINTS.len());
            let joints = joints.map_err(|e| Error::data(format!("line {}: {e}", index + 2)))?;
            Ok(joints.into_iter().map(in_frame).collect())
        });
    let hands: Vec<Hand> = hands.collect::<Result<_>>()?;
    match hands.len() == count {
        true => Ok(hands),
        false => Err(Error::data(format!(
            "it promises {count} frames and has {}",
            hands.len()
        ))),
    }
}

/// Column, row and millimetres of a joint. One that is not before the camera comes out with no depth, and is refused later.
fn in_frame([x, y, z]: [f64; 3]) -> [f64; 3] {
    let depth = -z;
    let place = |along: f64, middle: f64| along * FOCAL / depth + middle + 0.5;
    [place(x, MIDDLE[0]), place(-y, MIDDLE[1]), depth]
}

/// The whole frame of a file, in whole millimetres.
///
/// # Errors
/// It is cut off, or a part is no part. The sentence starts with "it" or "its".
fn read_depths(bytes: &[u8]) -> Result<Depths> {
    let (words, []) = bytes.as_chunks::<4>() else {
        return Err(Error::data("it is no whole number of 32-bit words"));
    };
    let Some((head, depths)) = words.split_at_checked(6) else {
        return Err(Error::data("it is cut off before its first depth"));
    };
    let [width, height, left, top, right, bottom] = <[_; 6]>::try_from(head)
        .unwrap_or_default()
        .map(u32::from_le_bytes);
    let is_part = left < right && right <= width && top < bottom && bottom <= height;
    if !is_part || width > LARGEST || height > LARGEST {
        return Err(Error::data(format!(
            "its part from ({left}, {top}) to ({right}, {bottom}) is none of a frame of {width}x{height}"
        )));
    }
    let columns = (right - left) as usize;
    if depths.len() != columns * (bottom - top) as usize {
        return Err(Error::data(format!(
            "it holds {} depths, not {columns} x {}",
            depths.len(),
            bottom - top
        )));
    }
    let mut frame = Depths::new(width, height);
    for (index, bytes) in depths.iter().enumerate() {
        let depth = f32::from_le_bytes(*bytes).round();
        if !(0.0..=f32::from(u16::MAX)).contains(&depth) {
            return Err(Error::data(format!("its depth {index} is {depth}")));
        }
        let (x, y) = ((index % columns) as u32, (index / columns) as u32);
        frame.put_pixel(left + x, top + y, Luma([depth as u16]));
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joints_are_projected_into_the_frame() {
        let hands = read_joints(&fixture::joints(2)).unwrap();
        assert_eq!((hands.len(), hands[1].len()), (2, 21));
        // 100 mm to the right and 50 up, 241.42 mm away.
        assert_eq!(in_frame([100.0, 50.0, -241.42]), [260.5, 70.5, 241.42]);
        for (text, wrong) in [
            ("", "it does not begin with how many frames there are"),
            ("1\n", "it promises 1 frames and has 0"),
            ("1\n1 2 3\n", "line 2: it has not 63 numbers"),
        ] {
            assert_eq!(read_joints(text.as_bytes()).unwrap_err().to_string(), wrong);
        }
    }

    #[test]
    fn a_part_is_put_into_its_frame() {
        let part = [1, 2, 3, 4];
        let bytes = fixture::frame([6, 4], part, &[400.0, 401.6, 0.0, 402.0]);
        let frame = read_depths(&bytes).unwrap();
        assert_eq!(frame.dimensions(), (6, 4));
        let at = |x, y| frame.get_pixel(x, y).0[0];
        assert_eq!([at(1, 2), at(2, 2), at(1, 3), at(2, 3)], [400, 402, 0, 402]);
        assert_eq!((at(0, 0), at(3, 2)), (0, 0));
        for bytes in [
            fixture::frame([6, 4], [3, 2, 1, 4], &[]),
            fixture::frame([6, 4], [0, 0, 7, 4], &[1.0; 28]),
            fixture::frame([6, 4], part, &[1.0; 3]),
            fixture::frame([6, 4], part, &[1.0, f32::NAN, 1.0, 1.0]),
            bytes[..20].to_vec(),
            bytes[..39].to_vec(),
        ] {
            read_depths(&bytes).unwrap_err();
        }
    }
}
