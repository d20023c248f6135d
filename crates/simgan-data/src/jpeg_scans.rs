//! Whether a JPEG file is decoded row by row, or all its coefficients have to be kept: those of a progressive one take
//! more memory than its pixels.

use crate::read_array::array;
use std::io::{BufRead, Result, Seek};

/// Most components of a frame that is read.
const MOST: u64 = 4;

/// Number of components whose coefficients are kept until the end: none if the first scan holds all of them. The source
/// is left at its start.
pub(crate) fn kept_components(source: &mut (impl BufRead + Seek)) -> Result<u64> {
    source.rewind()?;
    // What cannot be followed is taken for the worst.
    let kept = first_scan(source).unwrap_or(MOST);
    source.rewind()?;
    Ok(kept)
}

fn first_scan(source: &mut (impl BufRead + Seek)) -> Option<u64> {
    let (mut components, mut progressive) = (0, false);
    loop {
        let marker = marker(source)?;
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue;
        }
        let length = i64::from(u16::from_be_bytes(array(source)?).checked_sub(2)?);
        match marker {
            // Start of a frame; the three left out are tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [_, _, _, _, _, count] = array(source)?;
                components = components.max(u64::from(count));
                progressive |= !matches!(marker, 0xc0 | 0xc1);
                source.seek_relative(length - 6).ok()?;
            }
            // Start of a scan.
            0xda => {
                let [count] = array(source)?;
                let whole = !progressive && u64::from(count) == components;
                return Some(if whole { 0 } else { components.min(MOST) });
            }
            _ => source.seek_relative(length).ok()?,
        }
    }
}

/// Whether a JPEG file has its end-of-image marker. Decoders fill what is missing of a cut file with grey and say nothing. The
/// source is left at its start.
pub(crate) fn has_end(source: &mut (impl BufRead + Seek)) -> Result<bool> {
    source.rewind()?;
    let end = reaches_end(source).is_some();
    source.rewind()?;
    Ok(end)
}

fn reaches_end(source: &mut (impl BufRead + Seek)) -> Option<()> {
    loop {
        match marker(source)? {
            0xd9 => return Some(()),
            0x01 | 0xd0..=0xd8 => {}
            // Segments may hold pictures of their own, with ends of their own.
            _ => {
                let length = u16::from_be_bytes(array(source)?).checked_sub(2)?;
                source.seek_relative(i64::from(length)).ok()?;
            }
        }
    }
}

/// The next marker; what lies before it is passed over.
fn marker(source: &mut impl BufRead) -> Option<u8> {
    loop {
        source.skip_until(0xff).ok()?;
        let [mut byte] = array(source)?;
        while byte == 0xff {
            [byte] = array(source)?;
        }
        if byte != 0 {
            return Some(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn kept(bytes: &[u8]) -> u64 {
        kept_components(&mut Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn one_scan_keeps_nothing_and_several_keep_all() {
        let mut bytes = Cursor::new(vec![]);
        image::RgbImage::new(20, 10)
            .write_to(&mut bytes, image::ImageFormat::Jpeg)
            .unwrap();
        let mut bytes = bytes.into_inner();
        assert_eq!(kept(&bytes), 0);
        let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]);
        bytes[frame.unwrap() + 1] = 0xc2;
        assert_eq!(kept(&bytes), 3);
        bytes[frame.unwrap() + 1] = 0xc0;
        let scan = bytes.windows(2).position(|pair| pair == [0xff, 0xda]);
        bytes[scan.unwrap() + 4] = 1;
        assert_eq!(kept(&bytes), 3);
    }

    #[test]
    fn a_file_that_is_cut_anywhere_has_no_end() {
        let mut bytes = Cursor::new(vec![]);
        image::GrayImage::from_fn(40, 30, |x, y| image::Luma([(x * y) as u8]))
            .write_to(&mut bytes, image::ImageFormat::Jpeg)
            .unwrap();
        let bytes = bytes.into_inner();
        let ended = |bytes: &[u8]| has_end(&mut Cursor::new(bytes)).unwrap();
        assert!(ended(&bytes));
        assert!(ended(&[&bytes[..], b"more"].concat()));
        assert!((0..bytes.len()).all(|cut| !ended(&bytes[..cut])));
        // A picture within a segment has an end that is not the file's.
        let comment = [
            b"\xff\xd8\xff\xfe\0\x04\xff\xd9",
            &bytes[2..bytes.len() - 2],
        ]
        .concat();
        assert!(!ended(&comment));
    }

    #[test]
    fn what_cannot_be_followed_is_taken_for_the_worst() {
        for bytes in [&b""[..], b"\xff\xd8", b"\xff\xd8\xff\xe0\0\0", b"abc"] {
            assert_eq!(kept(bytes), MOST);
        }
    }
}
