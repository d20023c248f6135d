//! Whether a TIFF file has more than one page.

use std::io::{BufRead, Read, Seek, SeekFrom};

use crate::read_array::array;
use simgan_base::{Error, Result};

/// Refuses a file of several pages, of which a decoder would read the first. What cannot be followed is left to the decoder.
/// The source is left at its start.
pub(crate) fn refuse_more_pages(source: &mut (impl BufRead + Seek)) -> Result<()> {
    source.rewind()?;
    let next = next_page(source);
    source.rewind()?;
    match next {
        None | Some(0) => Ok(()),
        Some(_) => Err(Error::data(
            "it has several pages; images of one page are read",
        )),
    }
}

/// Where the second page is described; 0 if there is none.
fn next_page(source: &mut (impl Read + Seek)) -> Option<u64> {
    let start: [u8; 4] = array(source)?;
    let big_endian = start.starts_with(b"MM");
    let number = |bytes: &[u8]| {
        let digit = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        match big_endian {
            true => bytes.iter().fold(0, digit),
            false => bytes.iter().rev().fold(0, digit),
        }
    };
    // Version 43 is BigTIFF, which has longer numbers.
    if number(&start[2..]) == 43 {
        array::<4>(source)?;
        let first = number(&array::<8>(source)?);
        source.seek(SeekFrom::Start(first)).ok()?;
        let entries = number(&array::<8>(source)?).checked_mul(20)?;
        source.seek_relative(i64::try_from(entries).ok()?).ok()?;
        return Some(number(&array::<8>(source)?));
    }
    let first = number(&array::<4>(source)?);
    source.seek(SeekFrom::Start(first)).ok()?;
    let entries = number(&array::<2>(source)?);
    source.seek_relative(12 * entries as i64).ok()?;
    Some(number(&array::<4>(source)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn refused(bytes: &[u8]) -> bool {
        refuse_more_pages(&mut Cursor::new(bytes)).is_err()
    }

    #[test]
    fn a_second_page_is_refused_in_either_order_of_bytes() {
        let little = *b"II*\0\x08\0\0\0\x01\0EEEEEEEEEEEE\0\0\0\0";
        let big = *b"MM\0*\0\0\0\x08\0\x01EEEEEEEEEEEE\0\0\0\0";
        let long = *b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for whole in [&little[..], &big, &long] {
            assert!(!refused(whole));
            let mut more = whole.to_vec();
            *more.last_mut().unwrap() = 9;
            assert!(refused(&more));
            assert!((0..more.len()).all(|cut| !refused(&more[..cut])));
        }
    }

    #[test]
    fn a_file_of_one_page_passes() {
        let mut bytes = Cursor::new(vec![]);
        image::GrayImage::new(20, 10)
            .write_to(&mut bytes, image::ImageFormat::Tiff)
            .unwrap();
        assert!(!refused(&bytes.into_inner()));
    }
}
